"""One import, from the stream of bytes to the report. Memory does not grow with the file."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import asyncpg
from phonenumbers import SUPPORTED_REGIONS

from portfolio.importer.problems import ImportRefused
from portfolio.importer.reader import FileReader, Reading
from portfolio.importer.rejects import RejectFile
from portfolio.importer.report import ImportReport
from portfolio.importer.rows import Defaults, PersonRow
from portfolio.importer.store import ImportStore

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]

CHUNK_BYTES = 256 * 1024
BATCH_ROWS = 2000
MAX_ROWS = 5_000_000
SHOWN_PROBLEMS = 100


async def import_file(
    pool: "Pool",
    stream: AsyncIterable[bytes],
    *,
    campaign_id: int,
    list_name: str,
    default_region: str,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] | None = None,
    actor_id: int | None = None,
    reject_path: Path | None = None,
) -> ImportReport:
    """Import a CSV into a list of a campaign; importing it again changes nothing.

    Raises ImportRefused before anything is written when the file as a whole cannot be taken (MAX_ROWS apart).
    Batches are committed one by one: after a failure half-way, import again. `progress` is called after each.
    """
    if default_region not in SUPPORTED_REGIONS:
        raise ImportRefused("unknown_region", default_region)
    async with pool.acquire() as connection:
        store = ImportStore(connection, campaign_id, dry_run=dry_run)
        run = _Run(store, Defaults(default_region, list_name), reject_path, dry_run, progress or _quiet)
        try:
            return await run.run(stream, list_name, actor_id)
        finally:
            await asyncio.shield(store.close())


async def in_chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    """A file that is open for reading, as a stream."""
    while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
        yield chunk


def _quiet(report: ImportReport) -> None:
    """Nobody watches."""


class _Run:
    """The state of one import."""

    def __init__(
        self,
        store: ImportStore,
        defaults: Defaults,
        reject_path: Path | None,
        dry_run: bool,
        progress: Callable[[ImportReport], None],
    ) -> None:
        self._store = store
        self._reader = FileReader(defaults)
        self._out = RejectFile(reject_path)
        self._report = ImportReport(None, dry_run=dry_run)
        self._reasons: Counter[str] = Counter()
        self._progress = progress
        self._begun = False

    async def run(self, stream: AsyncIterable[bytes], list_name: str, actor_id: int | None) -> ImportReport:
        """Read, check and enter batch by batch; nothing is written before the header is understood."""
        digest = hashlib.sha256()
        records: list[Reading] = []
        async for chunk in _rechunked(stream):
            digest.update(chunk)
            records = await self._read_while_entering(partial(self._reader.feed, chunk), records)
            await self._begin(list_name)
        records = await self._read_while_entering(self._reader.close, records)
        await self._begin(list_name)
        await self._enter(records)
        return await self._finish(digest.hexdigest(), actor_id)

    async def _begin(self, list_name: str) -> None:
        """Once, when the header is understood."""
        if self._reader.layout is not None and not self._begun:
            self._begun = True
            await self._store.begin(list_name)

    async def _read_while_entering(
        self, read: Callable[[], list[Reading]], records: Sequence[Reading]
    ) -> list[Reading]:
        """Read the next piece in a thread while the database takes the one before."""
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(asyncio.to_thread(read), name="import-read")
                await self._enter(records)
        except ExceptionGroup as failures:
            # One thing failed and the other was cancelled: the caller wants the thing itself.
            if len(failures.exceptions) == 1:
                raise failures.exceptions[0] from None
            raise
        return reading.result()

    async def _enter(self, records: Sequence[Reading]) -> None:
        for start in range(0, len(records), BATCH_ROWS):
            await self._batch(records[start : start + BATCH_ROWS])

    async def _batch(self, records: Sequence[Reading]) -> None:
        good = [record for record in records if isinstance(record, PersonRow)]
        bad = [problem for record in records if not isinstance(record, PersonRow) for problem in record]
        result = await self._store.write(good)
        problems = sorted([*bad, *result.repeats], key=lambda problem: problem.row)
        await asyncio.to_thread(self._out.write, problems)
        self._reasons.update(problem.code for problem in problems)
        before = self._report
        self._report = replace(
            before,
            list_id=self._store.list_id,
            rows=before.rows + len(records),
            imported=before.imported + result.imported,
            updated=before.updated + result.updated,
            rejected=before.rejected + len(records) - len(good),
            duplicates=before.duplicates + len(result.repeats),
            phones=before.phones + sum(len(row.phones) for row in good),
            reasons=tuple(self._reasons.most_common()),
            problems=(*before.problems, *problems)[:SHOWN_PROBLEMS],
        )
        self._progress(self._report)
        if self._report.rows > MAX_ROWS:
            raise ImportRefused("too_many_rows", f"> {MAX_ROWS}")

    async def _finish(self, sha256: str, actor_id: int | None) -> ImportReport:
        report = replace(
            self._report,
            list_id=self._store.list_id,
            sha256=sha256,
            ignored_columns=self._reader.ignored,
            reject_path=self._out.path,
            reject_bytes=self._out.kept,
            reject_complete=self._out.complete,
        )
        counts = {
            "rows": report.rows, "imported": report.imported, "updated": report.updated,
            "rejected": report.rejected, "duplicates": report.duplicates,
        }  # fmt: skip
        await self._store.finish(sha256, counts, actor_id)
        return report


async def _rechunked(stream: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Pieces of a size that is good to work on, whatever the source hands over."""
    held = b""
    async for piece in stream:
        held += piece
        while len(held) >= CHUNK_BYTES:
            yield held[:CHUNK_BYTES]
            held = held[CHUNK_BYTES:]
    if held:
        yield held
