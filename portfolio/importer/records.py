"""From lines to rows of fields, by the rules of RFC 4180, losing nothing to an unclosed quote."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from portfolio.importer.lines import MAX_LINE_BYTES, Line

SEPARATORS = (",", ";", "\t", "|")
MAX_JOINED_LINES = 20


class Record(NamedTuple):
    """One row of the file: its fields, or the code of what is wrong with it."""

    row: int
    fields: tuple[str, ...] = ()
    problem: str = ""


class OpenQuote(Exception):
    """The text ends within quotes."""


def split(text: str, separator: str) -> tuple[str, ...] | None:
    """Fields of one row; None when its quotes are misplaced; raises OpenQuote within quotes."""
    if '"' not in text:
        return tuple(text.split(separator))
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise OpenQuote from None
        return None
    return tuple(rows[0]) if len(rows) == 1 else None


class RecordReader:
    """Joins lines that belong together. A quote that is never closed costs one line, not the rest."""

    def __init__(self, separator: str, columns: int) -> None:
        self._separator = separator
        self._columns = columns
        self._held: list[Line] = []

    def feed(self, line: Line) -> Iterable[Record]:
        """Records that this line completes."""
        if not self._held and not line.problem and '"' not in line.text:
            return (Record(line.row, tuple(line.text.split(self._separator))),)
        return self._joined(line)

    def _joined(self, line: Line) -> Iterator[Record]:
        """The same where quotes come in."""
        waiting = deque([line])
        while waiting:
            yield from self._take(waiting.popleft(), waiting)

    def close(self) -> Iterator[Record]:
        """What is left at the end of the file."""
        while self._held:
            waiting: deque[Line] = deque()
            yield self._give_up(waiting)
            while waiting:
                yield from self._take(waiting.popleft(), waiting)

    def _take(self, line: Line, waiting: deque[Line]) -> Iterator[Record]:
        if line.problem and not self._held:
            yield Record(line.row, problem=line.problem)
            return
        self._held.append(line)
        try:
            fields = None if line.problem else self._fields()
        except OpenQuote:
            if not self._too_much():
                return
            yield self._give_up(waiting)
            return
        if len(self._held) == 1:
            self._held = []
            yield Record(line.row, fields or (), "" if fields else "bad_quotes")
        elif fields is not None and len(fields) == self._columns:
            first, self._held = self._held[0], []
            yield Record(first.row, fields)
        else:
            yield self._give_up(waiting)

    def _fields(self) -> tuple[str, ...] | None:
        return split("\n".join(line.text for line in self._held), self._separator)

    def _too_much(self) -> bool:
        return (
            len(self._held) >= MAX_JOINED_LINES or sum(len(line.text) for line in self._held) > MAX_LINE_BYTES
        )

    def _give_up(self, waiting: deque[Line]) -> Record:
        """The first line held is bad by itself; those after it are looked at again."""
        first, *rest = self._held
        self._held = []
        waiting.extendleft(reversed(rest))
        return Record(first.row, problem=first.problem or "unclosed_quote")
