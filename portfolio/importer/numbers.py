"""Bytes of a list of numbers in, numbers in E.164 out; runs in a thread, or in a process of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phonenumbers import SUPPORTED_REGIONS

from portfolio.importer.lines import Line, LineReader
from portfolio.importer.number_columns import (
    NO_SEPARATOR,
    SAMPLE,
    NumberLayout,
    find_columns,
    joined,
)
from portfolio.importer.phones import possible_phone, read_phone
from portfolio.importer.problems import BadValue, ImportRefused, RowProblem
from portfolio.importer.records import Record, RecordReader
from portfolio.importer.values import clean

SHOWN = 20
"""Bad rows of a piece that are told of one by one."""
SAMPLES = 8
_SHOWN_TEXT = 40


@dataclass(frozen=True, slots=True)
class NumberSample:
    """A row as it was understood."""

    row: int
    text: str
    number: str


@dataclass(frozen=True, slots=True)
class NumberPiece:
    """What came of some lines: rows = taken + rejected."""

    numbers: frozenset[str]
    """E.164."""
    rows: int
    rejected: int
    problems: tuple[RowProblem, ...]
    """Of the first SHOWN of them."""
    samples: tuple[NumberSample, ...]
    layout: NumberLayout


@dataclass(frozen=True, slots=True)
class HowNumbers:
    """How a list of numbers is read."""

    region: str
    """ISO 3166; numbers without a plus are read from here."""
    column: str = ""
    """Title or place of the telephones; 'area+number' are joined; empty = found."""
    header_row: int | None = None
    """Line of the titles; None = found."""
    only_one: bool = False
    """Where titles name several telephones, it is asked which."""


class NumberReader:
    """A parser of portfolio.importer.worker. Nothing is taken before it is known where the numbers stand."""

    header = None

    def __init__(self, how: HowNumbers) -> None:
        if not how.region:
            raise ImportRefused("region_needed")
        if how.region not in SUPPORTED_REGIONS:
            raise ImportRefused("unknown_region", how.region)
        self._how = how
        self._lines = LineReader()
        self._held: list[Line] = []
        self._layout: NumberLayout | None = None
        self._records = RecordReader(NO_SEPARATOR, 1)

    def feed(self, chunk: bytes) -> list[NumberPiece]:
        """What this chunk completes; raises ImportRefused for what is no text."""
        return self._piece(self._taken(self._lines.feed(chunk)))

    def close(self) -> list[NumberPiece]:
        """What is left at the end."""
        left = list(self._taken(self._lines.close()))
        if self._layout is None:
            left += self._begin()
        return self._piece([*left, *self._records.close()])

    def _taken(self, lines: Iterable[Line]) -> Iterator[Record]:
        """Records, once enough lines were seen to know where the numbers stand."""
        for line in lines:
            if self._layout is not None:
                yield from self._records.feed(line)
                continue
            self._held.append(line)
            if len(self._held) >= SAMPLE + (self._how.header_row or 0):
                yield from self._begin()

    def _begin(self) -> list[Record]:
        how, held, self._held = self._how, self._held, []
        layout = self._layout = find_columns(
            held, how.region, how.column, how.header_row, only_one=how.only_one
        )
        self._records = RecordReader(layout.separator, len(layout.columns))
        return [r for line in held if line.row > layout.header_row for r in self._records.feed(line)]

    def _piece(self, records: Iterable[Record]) -> list[NumberPiece]:
        records = list(records)
        layout = self._layout
        if layout is None:
            return []
        numbers: set[str] = set()
        problems: list[RowProblem] = []
        samples: list[NumberSample] = []
        rows = rejected = 0
        for record in records if layout.groups else ():
            if not record.problem and not any(map(str.strip, record.fields)):
                continue
            rows += 1
            found, wrong = self._read(record, layout)
            numbers.update(one.number for one in found)
            samples += found[: SAMPLES - len(samples)]
            problems += wrong[: SHOWN - len(problems)]
            rejected += not found
        return [NumberPiece(frozenset(numbers), rows, rejected, tuple(problems), tuple(samples), layout)]

    def _read(self, record: Record, layout: NumberLayout) -> tuple[list[NumberSample], list[RowProblem]]:
        """Every number of a row; what is wrong with the others."""
        if record.problem:
            return [], [RowProblem(record.row, "", record.problem)]
        found: list[NumberSample] = []
        wrong: list[tuple[str, str, str]] = []
        for group in layout.groups:
            text = joined(record.fields, group)
            if text and len(layout.columns) == 1:
                # A note behind the number, in a few lines only.
                text = _before_note(text)
            header = "+".join(layout.columns[place].header for place in group) if layout.header_row else ""
            try:
                if text:
                    number = self._number(clean(text), layout)
                    found.append(NumberSample(record.row, text[:_SHOWN_TEXT], number))
            except BadValue as error:
                wrong.append((header, error.code, text[:_SHOWN_TEXT]))
        if not found and not wrong:
            wrong.append(("", "required", ""))
        return found, [RowProblem(record.row, *one, taken=bool(found)) for one in wrong]

    def _number(self, text: str, layout: NumberLayout) -> str:
        """In E.164. A list forbids: a range that no plan we know has is taken too."""
        try:
            return read_phone(text, self._how.region).number
        except BadValue as error:
            possible = possible_phone(text, self._how.region) if error.code == "phone_invalid" else ""
            if not possible or not layout.sure:
                raise
            return possible


def _before_note(text: str) -> str:
    for separator in ";\t|":
        text = text.partition(separator)[0]
    return text.strip(' "')
