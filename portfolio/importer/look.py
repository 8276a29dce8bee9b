"""A look at a file before it is sent: its sheets, its first lines, and what its columns seem to be."""

from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass

from portfolio.importer.columns import Layout, column_keys
from portfolio.importer.header import HeaderFinder
from portfolio.importer.lines import Line, LineReader
from portfolio.importer.problems import ImportRefused
from portfolio.importer.records import RecordReader
from portfolio.importer.source import open_source

LINES = 40
"""Lines that are looked at."""
EXAMPLES = 3
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file."""

    header: str
    key: str
    """What a mapping calls it: its header, or its place (`#3`) where that tells no two apart."""
    name: str
    """Ours; empty = it says nothing to us."""
    examples: tuple[str, ...]
    """The first values under it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file seems to be."""

    sheets: tuple[str, ...]
    """Of a workbook."""
    header_row: int
    """Line of the titles, or of what is most like them; 0 = none."""
    lines: tuple[tuple[int, str], ...]
    """The first with something in them, to choose the titles from: (line, text)."""
    columns: tuple[Column, ...]
    refused: ImportRefused | None
    """Why the file would be refused as it stands; None = it would not, for its columns."""


class Lines:
    """Keeps the lines of a file as they are."""

    header = None

    def __init__(self) -> None:
        self._reader = LineReader()

    def feed(self, chunk: bytes) -> list[Line]:
        """Lines that this chunk completes."""
        return list(self._reader.feed(chunk))

    def close(self) -> list[Line]:
        """What is left at the end."""
        return list(self._reader.close())


async def look(
    stream: AsyncIterable[bytes],
    sheet: str = "",
    header_row: int | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Look:
    """Look at the first lines, and read no further; raises ImportRefused for what is no file of ours."""
    async with open_source(stream, Lines, sheet) as source:
        lines: list[Line] = []
        more = True
        while more and len(lines) < LINES + (header_row or 0):
            found, more = await source.read()
            lines.extend(found)
    return _look(lines[: LINES + (header_row or 0)], source.sheets, HeaderFinder(mapping, header_row))


def _look(lines: Sequence[Line], sheets: tuple[str, ...], finder: HeaderFinder) -> Look:
    refused: ImportRefused | None = None
    layout: Layout | None = None
    try:
        layout = next((found for line in lines if (found := finder.take(line)) is not None), None)
        refused = None if layout is not None else finder.end()
    except ImportRefused as error:
        refused = error
    best = layout or finder.best
    return Look(
        sheets,
        finder.row if best is not None else 0,
        tuple((line.row, line.text[:_SHOWN]) for line in lines[:LINES] if line.text.strip(" ;,\t|")),
        _columns(best, [line for line in lines if line.row > finder.row]) if best is not None else (),
        refused,
    )


def _columns(layout: Layout, lines: Sequence[Line]) -> tuple[Column, ...]:
    reader = RecordReader(layout.separator, len(layout.headers))
    records = [record.fields for line in lines for record in reader.feed(line) if any(record.fields)]
    names, keys = dict(layout.fields), column_keys(layout.headers)
    return tuple(
        Column(
            header,
            keys[place],
            names.get(place, ""),
            tuple(row[place][:_SHOWN] for row in records[:EXAMPLES] if place < len(row)),
        )
        for place, header in enumerate(layout.headers)
    )
