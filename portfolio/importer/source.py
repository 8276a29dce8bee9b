"""Where the rows come from: a short stream is read here, a long one and every workbook in another process."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from portfolio.importer import worker
from portfolio.importer.problems import ImportRefused
from portfolio.importer.worker import Header, Parser, Read

CHUNK_BYTES = 1024 * 1024
HERE = 1024 * 1024
"""Bytes up to which a file is read in this process: another one takes half a second to start."""
MAX_SHEET = 256 * 1024 * 1024
"""Bytes of a workbook."""
_WORKBOOK = b"PK\x03\x04"

T = TypeVar("T")
P = TypeVar("P")


class Source(Protocol[P]):
    """A file being read."""

    sheets: tuple[str, ...]
    """Of a workbook."""

    header: Header | None
    """(header, our name or '') of every column; None until it is understood."""
    bytes_read: int

    @property
    def sha256(self) -> str:
        """Of the whole file, once it is read."""
        ...

    async def read(self) -> tuple[list[P], bool]:
        """The next pieces, and whether there may be more; raises ImportRefused."""
        ...


@asynccontextmanager
async def open_source(
    stream: AsyncIterable[bytes], make: Callable[[], Parser[P]], sheet: str = ""
) -> AsyncIterator[Source[P]]:
    """The right source for what the stream turns out to be.

    `make`: what reads it; it can be pickled, for it may be called in another process. `sheet`: of a workbook,
    empty = its first.
    """
    chunks = _rechunked(stream)
    first: list[bytes] = []
    async for chunk in chunks:
        first.append(chunk)
        if sum(map(len, first)) > HERE:
            break
    whole = sum(map(len, first)) <= HERE
    if first and first[0].startswith(_WORKBOOK):
        async with _process() as pool, _spooled(first, chunks) as spooled:
            beside = _Beside[P](pool, "sheet_too_big")
            sheets = await beside.call(partial(worker.begin, make, spooled.path, sheet))
            yield _Workbook(beside, spooled, sheets)
    elif whole:
        yield _Stream(_chained(first, chunks), _Here(make()))
    else:
        async with _process() as pool:
            beside = _Beside[P](pool)
            await beside.call(partial(worker.begin, make))
            yield _Stream(_chained(first, chunks), beside)


@asynccontextmanager
async def _process() -> AsyncIterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


class _Reader(Protocol[P]):
    async def feed(self, chunk: bytes) -> Read[P]: ...

    async def close(self) -> Read[P]: ...


class _Here(Generic[P]):
    """Reads in a thread of this process."""

    def __init__(self, parser: Parser[P]) -> None:
        self._parser = parser

    async def feed(self, chunk: bytes) -> Read[P]:
        pieces = await asyncio.to_thread(self._parser.feed, chunk)
        return pieces, self._parser.header

    async def close(self) -> Read[P]:
        pieces = await asyncio.to_thread(self._parser.close)
        return pieces, self._parser.header


class _Beside(Generic[P]):
    """Reads in another process; one that dies of what it reads costs the import and nothing else."""

    def __init__(self, pool: ProcessPoolExecutor, died: str = "bad_sheet") -> None:
        self._pool, self._died = pool, died

    async def call(self, what: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, what)
        except (BrokenProcessPool, MemoryError):
            raise ImportRefused(self._died, "the reader died of it") from None

    async def feed(self, chunk: bytes) -> Read[P]:
        return await self.call(partial(worker.feed, chunk))

    async def close(self) -> Read[P]:
        return await self.call(worker.close)


class _Stream(Generic[P]):
    """A text, chunk by chunk."""

    sheets: tuple[str, ...] = ()

    def __init__(self, chunks: AsyncIterator[bytes], reader: _Reader[P]) -> None:
        self._chunks, self._reader = chunks, reader
        self._digest = hashlib.sha256()
        self.header: Header | None = None
        self.bytes_read = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def read(self) -> tuple[list[P], bool]:
        chunk = await anext(self._chunks, None)
        if chunk is None:
            pieces, self.header = await self._reader.close()
            return pieces, False
        self._digest.update(chunk)
        self.bytes_read += len(chunk)
        pieces, self.header = await self._reader.feed(chunk)
        return pieces, True


@dataclass(frozen=True, slots=True)
class _Spooled:
    """A workbook in a file."""

    path: Path
    size: int
    sha256: str


class _Workbook(Generic[P]):
    """A sheet of a workbook that was written to a file."""

    def __init__(self, reader: _Beside[P], spooled: _Spooled, sheets: tuple[str, ...]) -> None:
        self._reader, self.sheets = reader, sheets
        self.bytes_read = spooled.size
        self._sha256 = spooled.sha256
        self.header: Header | None = None

    @property
    def sha256(self) -> str:
        return self._sha256

    async def read(self) -> tuple[list[P], bool]:
        found = await self._reader.call(worker.next_rows)
        pieces, self.header = found if found is not None else await self._reader.close()
        return pieces, found is not None


@asynccontextmanager
async def _spooled(first: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[_Spooled]:
    """A workbook must be a file: its table of contents is at the end."""
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(suffix=".sheet") as file:
        async for chunk in _chained(first, rest):
            size += len(chunk)
            if size > MAX_SHEET:
                raise ImportRefused("bad_sheet", f"larger than {MAX_SHEET >> 20} MB")
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        file.flush()
        yield _Spooled(Path(file.name), size, digest.hexdigest())


async def _chained(first: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in first:
        yield chunk
    async for chunk in rest:
        yield chunk


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
