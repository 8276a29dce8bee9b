"""One import, from the stream of bytes to the report. Memory does not grow with the file."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import asyncpg
from phonenumbers import SUPPORTED_REGIONS

from portfolio.importer.consent import without_consent
from portfolio.importer.pieces import Piece, samples_of
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.rejects import RejectFile
from portfolio.importer.report import BrokenBy, ImportReport
from portfolio.importer.rows import Defaults
from portfolio.importer.source import CHUNK_BYTES, Source, open_source
from portfolio.importer.store import Dedupe, ImportStore
from portfolio.importer.worker import Reading
from portfolio.plain_text import is_plain
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

MAX_ROWS = 5_000_000
MAX_LIST_NAME = 120
MAX_CREDITOR = 120
SHOWN_PROBLEMS = 100
SHOWN_SAMPLES = 5
DECIDED_AT_ONCE = 5_000
"""Rows to decide that are told of, and that one import may decide."""


async def import_file(
    pool: "Pool",
    stream: AsyncIterable[bytes],
    *,
    campaign_id: int,
    list_name: str,
    default_region: str,
    dry_run: bool = False,
    mapping: Mapping[str, str] | None = None,
    sheet: str = "",
    header_row: int | None = None,
    dedupe: Dedupe = "list",
    creditor: str = "",
    same_rows: frozenset[int] = frozenset(),
    decided: frozenset[str] = frozenset(),
    file_name: str = "",
    progress: Callable[[ImportReport], None] | None = None,
    actor_id: int | None = None,
    reject_path: Path | None = None,
) -> ImportReport:
    """Import a CSV or a sheet of a workbook into a list of a campaign; importing it again changes nothing.

    `mapping`: header → our name, where the file's own names do not say. `sheet`: empty = the first.
    `header_row`: its line, from 1; None = the first that can be one. `dedupe`: whom to leave out: 'list' =
    who is on this list, 'campaign' = on any list of the campaign, 'system' = on any list at all.
    `creditor`: of rows that do not say. `same_rows`: lines that are about the known person of their customer
    number, however different name and telephones are: somebody decided so. `decided`: the same, by the marks
    of the doubts that somebody saw: a row about which something else would be asked now is asked about again.
    Raises ImportRefused before anything is written when the file as a whole cannot be taken (MAX_ROWS apart).
    Pieces are committed one by one: after a failure half-way the report says up to which line all is in, and
    importing again goes on from there. `progress` is called after each.
    """
    demand(list_name, default_region)
    defaults = Defaults(default_region, " ".join(creditor.split())[:MAX_CREDITOR])
    reading = partial(Reading, defaults, mapping, header_row)
    async with open_source(stream, reading, sheet) as source, pool.acquire() as connection:
        store = ImportStore(
            connection, campaign_id, dry_run=dry_run, dedupe=dedupe, same_rows=same_rows, decided=decided
        )
        run = _Run(store, source, reject_path, dry_run, progress or _quiet)
        try:
            report = await run.run(list_name, file_name, actor_id)
            if report.broken:
                return report
            return replace(report, no_consent=await without_consent(connection, campaign_id, report.columns))
        finally:
            await asyncio.shield(store.close())


def demand(list_name: str, region: str) -> None:
    """What must be right before the file is opened; raises ImportRefused."""
    if not 1 <= len(list_name) <= MAX_LIST_NAME or not is_plain(list_name):
        raise ImportRefused("bad_list_name")
    if not region:
        raise ImportRefused("region_needed")
    if region not in SUPPORTED_REGIONS:
        raise ImportRefused("unknown_region", region)


async def campaign_reads(connection: "Connection", campaign_id: int) -> Defaults:
    """What a campaign says of files that do not say; empty where it says nothing."""
    row = await connection.fetchrow(statements()["campaign_reads"], campaign_id)
    return Defaults(row["region"], row["creditor"]) if row is not None else Defaults("", "")


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
        source: Source[Piece],
        reject_path: Path | None,
        dry_run: bool,
        progress: Callable[[ImportReport], None],
    ) -> None:
        self._store = store
        self._source = source
        self._out = RejectFile(reject_path)
        self._report = ImportReport(None, dry_run=dry_run)
        self._reasons: Counter[str] = Counter()
        self._warned = 0
        self._progress = progress
        self._begun = False

    async def run(self, list_name: str, file_name: str, actor_id: int | None) -> ImportReport:
        """Read, check and enter piece by piece; nothing is written before the header is understood."""
        try:
            await self._all(list_name)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as failure:
            # The database's own words hold the row that it refused, and with it a person's data.
            self._report = replace(self._report, broken=_kind(failure), broken_by=broken_by(failure))
        return await self._finish(file_name, actor_id)

    async def _all(self, list_name: str) -> None:
        waiting: list[Piece] = []
        while True:
            waiting, more = await self._read_while_entering(waiting)
            if self._source.header is not None and not self._begun:
                self._begun = True
                await self._store.begin(list_name)
            if not more:
                break
        await self._enter(waiting)

    async def _read_while_entering(self, waiting: Sequence[Piece]) -> tuple[list[Piece], bool]:
        """Read the next piece while the database takes the ones before; False at the end of the file."""
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._source.read(), name="import-read")
                await self._enter(waiting)
        except ExceptionGroup as failures:
            # One thing failed and the other was cancelled: the caller wants the thing itself.
            if len(failures.exceptions) == 1:
                raise failures.exceptions[0] from None
            raise
        return reading.result()

    async def _enter(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            await self._one(piece)

    async def _one(self, piece: Piece) -> None:
        result = await self._store.write(piece)
        doubtful = [RowProblem(one.row, "", "person_differs", one.known) for one in result.doubtful]
        told = sorted([*piece.problems, *result.repeats], key=lambda problem: problem.row)
        problems = sorted([*told, *doubtful], key=lambda problem: problem.row)
        await asyncio.to_thread(self._out.write, problems)
        self._reasons.update(problem.code for problem in problems if not problem.taken)
        self._warned += sum(problem.taken for problem in problems)
        before = self._report
        self._report = replace(
            before,
            list_id=self._store.list_id,
            rows=before.rows + piece.records,
            imported=before.imported + result.imported,
            updated=before.updated + result.updated,
            rejected=before.rejected + piece.records - len(piece.rows) + len(result.doubtful),
            duplicates=before.duplicates + len(result.repeats),
            elsewhere=before.elsewhere + result.elsewhere,
            revived=before.revived + result.revived,
            dead_again=before.dead_again + result.dead_again,
            phones=before.phones + len(piece.phones),
            bytes_read=self._source.bytes_read,
            last_row=max(before.last_row, piece.last),
            reasons=tuple(self._reasons.most_common()),
            warnings=self._warned,
            problems=(*before.problems, *told)[:SHOWN_PROBLEMS],
            undecided=before.undecided + len(result.doubtful),
            doubts=(*before.doubts, *result.doubtful)[:DECIDED_AT_ONCE],
            samples=before.samples or samples_of(piece, SHOWN_SAMPLES),
        )
        self._progress(self._report)
        if self._report.rows > MAX_ROWS:
            raise ImportRefused("too_many_rows", f"> {MAX_ROWS}")

    async def _finish(self, file_name: str, actor_id: int | None) -> ImportReport:
        header = self._source.header or ()
        report = replace(
            self._report,
            list_id=self._store.list_id,
            sha256=self._source.sha256,
            columns=header,
            sheets=self._source.sheets,
            ignored_columns=tuple(text for text, name in header if text and not name),
            reject_path=self._out.path,
            reject_bytes=self._out.kept,
            reject_complete=self._out.complete,
        )
        counts = {
            "rows": report.rows, "imported": report.imported, "updated": report.updated,
            "rejected": report.rejected, "duplicates": report.duplicates, "elsewhere": report.elsewhere,
            "revived": report.revived, "dead_again": report.dead_again,
        }  # fmt: skip
        if report.broken:
            await self._note_broken(report, counts, file_name, actor_id)
        else:
            await self._store.finish(report.sha256, counts, file_name, actor_id)
        return report

    async def _note_broken(
        self, report: ImportReport, counts: dict[str, int], file_name: str, actor_id: int | None
    ) -> None:
        """Keep what is in, if the database still listens: what broke the import may have been its going."""
        counts = {**counts, "broken_after": report.last_row}
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await self._store.finish(report.sha256, counts, file_name, actor_id)


def broken_by(failure: Exception) -> BrokenBy:
    """The kind of what happened, for who has to do something about it."""
    match failure:
        case asyncpg.InsufficientResourcesError():
            return "no_room"
        case asyncpg.DataError() | asyncpg.IntegrityConstraintViolationError():
            return "row_refused"
        case asyncpg.PostgresConnectionError() | asyncpg.OperatorInterventionError():
            return "database_gone"
        case asyncpg.PostgresError():
            return "other"
        case _:
            return "database_gone"


def _kind(failure: Exception) -> str:
    """What happened, without a word of what was in the row."""
    code = getattr(failure, "sqlstate", None) or ""
    place = getattr(failure, "constraint_name", None) or getattr(failure, "table_name", None) or ""
    return " ".join(word for word in (type(failure).__name__, code, place) if word)
