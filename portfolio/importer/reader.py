"""From bytes to people, in one thread: lines, header, records, rows."""

from collections.abc import Iterable, Mapping

from portfolio.importer.columns import Layout
from portfolio.importer.header import HeaderFinder
from portfolio.importer.lines import Line, LineReader
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.records import Record, RecordReader
from portfolio.importer.rows import Defaults, PersonRow, RowReader

Reading = PersonRow | list[RowProblem]
"""A good row, or everything that is wrong with a bad one."""


class FileReader:
    """Bytes in, people and problems out. Runs in a thread, one call at a time."""

    def __init__(
        self, defaults: Defaults, mapping: Mapping[str, str] | None = None, header_row: int | None = None
    ) -> None:
        self._defaults = defaults
        self._finder = HeaderFinder(mapping, header_row)
        self._lines = LineReader()
        self._records: RecordReader | None = None
        self._rows: RowReader | None = None
        self.layout: Layout | None = None
        """None until the header is understood."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that are not used."""
        return self.layout.ignored if self.layout else ()

    def feed(self, chunk: bytes) -> list[Reading]:
        """What this chunk completes."""
        return self._read(self._lines.feed(chunk))

    def close(self) -> list[Reading]:
        """What is left at the end; raises ImportRefused for a file without a header."""
        found = self._read(self._lines.close())
        if self._records is None:
            raise self._finder.end()
        return found + self._judge(self._records.close())

    def _read(self, lines: Iterable[Line]) -> list[Reading]:
        found: list[Reading] = []
        for line in lines:
            if self._records is None:
                self._header(line)
            else:
                found.extend(self._judge(self._records.feed(line)))
        return found

    def _header(self, line: Line) -> None:
        self.layout = self._finder.take(line)
        if self.layout is None:
            return
        self._demand_creditor(self.layout)
        self._records = RecordReader(self.layout.separator, len(self.layout.headers))
        self._rows = RowReader(self.layout, self._defaults)

    def _demand_creditor(self, layout: Layout) -> None:
        """A customer number counts within its creditor, and a debt is somebody's: without one it is asked."""
        names = {name for _, name in layout.fields}
        if self._defaults.creditor or "creditor" in names or not names & {"external_id", "balance"}:
            return
        raise ImportRefused("creditor_needed", ", ".join(layout.ignored))

    def _judge(self, records: Iterable[Record]) -> list[Reading]:
        assert self._rows is not None
        return [self._rows.read(record) for record in records if not _empty(record)]


def _empty(record: Record) -> bool:
    return not record.problem and not any(map(str.strip, record.fields))
