"""Which line of a file is its header: the one that was named, or the first with a person and a telephone."""

from collections.abc import Mapping

from portfolio.importer.columns import Layout, demand, guess
from portfolio.importer.lines import Line
from portfolio.importer.problems import ImportRefused

LOOKED_AT = 20
"""Lines with something in them: titles, dates and notes stand before a header, not whole pages."""
MAX_HEADER_ROW = 1000


class HeaderFinder:
    """Takes the first lines of a file one by one until one of them is the header."""

    def __init__(self, mapping: Mapping[str, str] | None = None, row: int | None = None) -> None:
        if row is not None and not 1 <= row <= MAX_HEADER_ROW:
            raise ImportRefused("no_header_row", str(row))
        self._mapping, self._wanted = mapping, row
        self._looked_at = 0
        self._refusal: ImportRefused | None = None
        self.best: Layout | None = None
        """Of the line that says most, header or not."""
        self.row = 0
        """Line of it."""

    def take(self, line: Line) -> Layout | None:
        """The layout once its line has come; raises ImportRefused when there is none."""
        if self._wanted is not None and line.row < self._wanted:
            return None
        if line.problem:
            raise ImportRefused("header_too_long" if line.problem == "row_too_long" else "not_text")
        # `sep=;` is Excel's own way to tell the separator; it is found without.
        if not line.text.strip(" ;,\t|") or line.text.casefold().startswith("sep="):
            if self._wanted is not None:
                raise self.end()
            return None
        self._looked_at += 1
        try:
            layout = self._guessed(line)
            demand(layout)
        except ImportRefused as refused:
            self._refuse(refused)
            return None
        self.best, self.row = layout, line.row
        return layout

    def end(self) -> ImportRefused:
        """Why there is no header, when the file ends before it has come."""
        if self._wanted is not None:
            return ImportRefused("no_header_row", str(self._wanted))
        return self._refusal or ImportRefused("empty")

    def _guessed(self, line: Line) -> Layout:
        layout = guess(line.text, self._mapping)
        if self.best is None or _worth(layout) > _worth(self.best):
            self.best, self.row = layout, line.row
            self._refusal = None
        return layout

    def _refuse(self, refused: ImportRefused) -> None:
        """The refusal of the line that says most is the one that helps."""
        self._refusal = self._refusal or refused
        if self._wanted is not None or self._looked_at >= LOOKED_AT or refused.code == "unknown_columns":
            raise self._refusal


def _worth(layout: Layout) -> tuple[int, int]:
    return len(layout.fields), len(layout.headers)
