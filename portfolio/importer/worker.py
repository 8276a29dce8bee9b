"""Reading in a process of its own: it takes the other core, and a hostile spreadsheet harms only itself."""

import csv
import gc
import io
import os
import resource
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

from portfolio.importer.pieces import Piece, pieces_of
from portfolio.importer.problems import ImportRefused
from portfolio.importer.reader import FileReader
from portfolio.importer.rows import Defaults
from portfolio.importer.workbook import unpacked_bytes

MEMORY = 384 * 1024**2
"""Bytes of data that a process reading a file may have."""
SHEET_MEMORY = 12
"""Bytes more for each unpacked byte of a workbook: a cell takes 40 bytes there and about 90 when it is read.
Cells that stand far apart take more, and are refused: the reader keeps the whole rectangle."""
MOST_MEMORY = 1024**3
SHEET_CELLS = 50_000
"""Cells of a sheet that become text at once."""


class Reading:
    """One file being read; the same in this process as in another."""

    def __init__(self, defaults: Defaults, mapping: Mapping[str, str] | None) -> None:
        self._reader = FileReader(defaults, mapping)

    @property
    def header(self) -> tuple[tuple[str, str], ...] | None:
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


_reading: Reading | None = None
_sheet: Iterator[bytes] | None = None
"""Of this process, which reads one file and ends: between its calls nothing else can keep them."""

Read = tuple[list[Piece], tuple[tuple[str, str], ...] | None]


def begin(defaults: Defaults, mapping: Mapping[str, str] | None, sheet: Path | None) -> None:
    """Start to read a stream, or the first sheet of a workbook."""
    global _reading, _sheet
    os.nice(5)
    # What a row leaves behind goes by itself: looking for cycles among so many rows cost a third of the time.
    gc.set_threshold(500_000)
    _reading = Reading(defaults, mapping)
    if sheet is not None:
        _live_on(min(MOST_MEMORY, MEMORY + SHEET_MEMORY * unpacked_bytes(sheet)))
        _sheet = _sheet_text(sheet)
    else:
        _live_on(MEMORY)


def _live_on(memory: int) -> None:
    """Have no more than this. What asks for more dies of it, and leaves no image of what it read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def feed(chunk: bytes) -> Read:
    """The next bytes of a stream."""
    assert _reading is not None
    return _reading.feed(chunk), _reading.header


def next_rows() -> Read | None:
    """The next rows of a sheet; None at its end."""
    assert _reading is not None
    assert _sheet is not None
    text = next(_sheet, None)
    return None if text is None else feed(text)


def close() -> Read:
    """The end of the file."""
    assert _reading is not None
    return _reading.close(), _reading.header


def _sheet_text(path: Path) -> Iterator[bytes]:
    """The rows of the first sheet as CSV; raises ImportRefused when it cannot be read."""
    from python_calamine import CalamineError, load_workbook

    try:
        workbook = load_workbook(path)
        sheet = workbook.get_sheet_by_index(0)
        rows, at_once = sheet.iter_rows(), max(1, SHEET_CELLS // max(1, sheet.width))
        while batch := list(islice(rows, at_once)):
            out = io.StringIO()
            csv.writer(out, lineterminator="\r\n").writerows([[_cell(one) for one in row] for row in batch])
            yield out.getvalue().encode()
    except MemoryError:
        raise ImportRefused("sheet_too_big") from None
    except (CalamineError, ValueError, OSError, RuntimeError) as error:
        raise ImportRefused("bad_sheet", str(error)[:200]) from None


def _cell(value: object) -> str:
    """As the sheet shows it: numbers that Excel keeps as fractions are whole again, dates are ISO."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
