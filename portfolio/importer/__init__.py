"""Import of people and debts from CSV files: good rows in, each bad row back with row, column and reason."""

from portfolio.importer.columns import NAMES
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.report import ImportReport
from portfolio.importer.run import campaign_reads, import_file, in_chunks
from portfolio.importer.store import Dedupe

__all__ = [
    "NAMES",
    "Dedupe",
    "ImportRefused",
    "ImportReport",
    "RowProblem",
    "campaign_reads",
    "import_file",
    "in_chunks",
]
