"""Reading in a process of its own: it takes the other core, and a hostile spreadsheet harms only itself."""

import csv
import gc
import io
import os
import resource
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from portfolio.importer.pieces import Piece, pieces_of
from portfolio.importer.problems import ImportRefused
from portfolio.importer.reader import FileReader
from portfolio.importer.rows import Defaults
from portfolio.importer.workbook import unpacked_bytes

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MEMORY = 384 * 1024**2
"""Bytes of data that a process reading a file may have."""
SHEET_MEMORY = 12
"""Bytes more for each unpacked byte of a workbook: a cell takes 40 bytes there and about 90 when it is read.
Cells that stand far apart take more, and are refused: the reader keeps the whole rectangle."""
MOST_MEMORY = 1024**3
SHEET_CELLS = 50_000
"""Cells of a sheet that become text at once."""


P = TypeVar("P")
Header = tuple[tuple[str, str], ...]
"""(header, our name or '') of every column."""


class Parser(Protocol[P]):
    """What makes something of the bytes of a file."""

    @property
    def header(self) -> Header | None:
        """None until it is understood, and for files that need none."""
        ...

    def feed(self, chunk: bytes) -> list[P]:
        """What this chunk completes."""
        ...

    def close(self) -> list[P]:
        """What is left at the end; raises ImportRefused for a file of which nothing can be made."""
        ...


class Reading:
    """A file of people being read; the same in this process as in another."""

    def __init__(
        self, defaults: Defaults, mapping: Mapping[str, str] | None = None, header_row: int | None = None
    ) -> None:
        self._reader = FileReader(defaults, mapping, header_row)

    @property
    def header(self) -> Header | None:
        """(header, our name or '') of every column; None until the header is understood."""
        layout = self._reader.layout
        if layout is None:
            return None
        names = dict(layout.fields)
        return tuple((text, names.get(place, "")) for place, text in enumerate(layout.headers))

    def feed(self, chunk: bytes) -> list[Piece]:
        """What this chunk completes."""
        return list(pieces_of(self._reader.feed(chunk)))

    def close(self) -> list[Piece]:
        """What is left at the end; raises ImportRefused for a file without a header."""
        return list(pieces_of(self._reader.close()))


_parser: Parser[Any] | None = None
_sheet: Iterator[bytes] | None = None
"""Of this process, which reads one file and ends: between its calls nothing else can keep them."""

Read = tuple[list[P], Header | None]


def begin(make: Callable[[], Parser[Any]], workbook: Path | None = None, sheet: str = "") -> tuple[str, ...]:
    """Start to read a stream, or a sheet of a workbook (empty = its first); the names of its sheets."""
    global _parser, _sheet
    os.nice(5)
    # What a row leaves behind goes by itself: looking for cycles among so many rows cost a third of the time.
    gc.set_threshold(500_000)
    _parser = make()
    if workbook is None:
        _live_on(MEMORY)
        return ()
    _live_on(min(MOST_MEMORY, MEMORY + SHEET_MEMORY * unpacked_bytes(workbook)))
    names, _sheet = _opened(workbook, sheet)
    return names


def _live_on(memory: int) -> None:
    """Have no more than this. What asks for more dies of it, and leaves no image of what it read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def feed(chunk: bytes) -> Read[Any]:
    """The next bytes of a stream."""
    assert _parser is not None
    return _parser.feed(chunk), _parser.header


def next_rows() -> Read[Any] | None:
    """The next rows of a sheet; None at its end."""
    assert _sheet is not None
    text = next(_sheet, None)
    return None if text is None else feed(text)


def close() -> Read[Any]:
    """The end of the file."""
    assert _parser is not None
    return _parser.close(), _parser.header


@contextmanager
def _readable() -> Iterator[None]:
    """What cannot be read is refused in our words."""
    from python_calamine import CalamineError

    try:
        yield
    except MemoryError:
        raise ImportRefused("sheet_too_big") from None
    except (CalamineError, ValueError, OSError, RuntimeError) as error:
        if isinstance(error, ImportRefused):
            raise
        raise ImportRefused("bad_sheet", str(error)[:200]) from None


def _opened(path: Path, name: str) -> tuple[tuple[str, ...], Iterator[bytes]]:
    """The names of the sheets, and one of them as CSV; raises ImportRefused when it cannot be read."""
    from python_calamine import load_workbook

    with _readable():
        workbook = load_workbook(path)
        names = tuple(workbook.sheet_names)
        if name and name not in names:
            raise ImportRefused("unknown_sheet", ", ".join(names)[:200])
        return names, _sheet_text(workbook.get_sheet_by_index(names.index(name) if name else 0))


def _sheet_text(sheet: "CalamineSheet") -> Iterator[bytes]:
    """The rows of a sheet as CSV, one to a line; raises ImportRefused when it cannot be read."""
    with _readable():
        rows, at_once = sheet.iter_rows(), max(1, SHEET_CELLS // max(1, sheet.width))
        while batch := list(islice(rows, at_once)):
            out = io.StringIO()
            csv.writer(out, lineterminator="\r\n").writerows([[_cell(one) for one in row] for row in batch])
            yield out.getvalue().encode()


def _cell(value: object) -> str:
    """As the sheet shows it: numbers that Excel keeps as fractions are whole again, dates are ISO."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    # Alt+Enter within a cell: a row stays a line, and keeps its number.
    return " ".join(str(value).splitlines()) if isinstance(value, str) else str(value)
