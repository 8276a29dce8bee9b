"""Reads whole files in tests."""

from collections.abc import Sequence

from portfolio.importer.problems import RowProblem
from portfolio.importer.reader import FileReader
from portfolio.importer.rows import Defaults, PersonRow


def read(
    content: bytes, *, region: str = "ES", piece: int = 1 << 20, header_row: int | None = None
) -> tuple[list[PersonRow], list[RowProblem]]:
    """Good rows and problems of a file, handed over in pieces."""
    reader = FileReader(Defaults(region, "Acreedor"), header_row=header_row)
    found: list[PersonRow | list[RowProblem]] = []
    for start in range(0, len(content), piece):
        found += reader.feed(content[start : start + piece])
    found += reader.close()
    good = [row for row in found if isinstance(row, PersonRow)]
    return good, [problem for row in found if not isinstance(row, PersonRow) for problem in row]


def codes(problems: Sequence[RowProblem]) -> list[tuple[int, str, str]]:
    """(row, column, code) of each."""
    return [(problem.row, problem.column, problem.code) for problem in problems]
