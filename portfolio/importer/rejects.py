"""The bad rows, back as a CSV that a spreadsheet may open without harm."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from portfolio.importer.problems import RowProblem
from portfolio.importer.values import FORMULA_STARTS

MAX_KEPT_BYTES = 16 * 1024 * 1024
HEADER = ("fila/row", "columna/column", "codigo/code", "motivo", "reason", "valor/value", "dentro/in")


def header() -> bytes:
    """First line, with the mark that makes spreadsheets read UTF-8."""
    return b"\xef\xbb\xbf" + _csv([HEADER])


def lines(problems: Iterable[RowProblem]) -> bytes:
    """One line for each problem; nothing in it can run, or break out of its cell."""
    return _csv(
        (
            str(p.row),
            harmless(p.column),
            p.code,
            p.message("es"),
            p.message("en"),
            harmless(p.value),
            "sí/yes" if p.taken else "no",
        )
        for p in problems
    )


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula and that stays on its line."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    return f"'{visible}" if visible.lstrip().startswith(FORMULA_STARTS) else visible


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


class RejectFile:
    """Where the rejected rows go: to a file, or to memory up to a bound."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kept = b""
        self.complete = True
        self._begun = False

    def write(self, problems: Sequence[RowProblem]) -> None:
        """Add lines; a file is made with the first."""
        if not problems:
            return
        text = lines(problems) if self._begun else header() + lines(problems)
        if self.path is not None:
            with self.path.open("ab" if self._begun else "wb") as file:
                file.write(text)
        elif len(self.kept) + len(text) <= MAX_KEPT_BYTES:
            self.kept += text
        else:
            self.complete = False
        self._begun = True
