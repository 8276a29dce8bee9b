"""Import of people and debts from CSV files: good rows in, each bad row back with row, column and reason."""

from portfolio.importer.columns import NAMES
from portfolio.importer.consent import without_consent
from portfolio.importer.header import MAX_HEADER_ROW
from portfolio.importer.look import look
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.report import ImportReport, consent_words
from portfolio.importer.run import DECIDED_AT_ONCE, campaign_reads, demand, import_file, in_chunks
from portfolio.importer.store import MARK_LETTERS, Dedupe

__all__ = [
    "DECIDED_AT_ONCE",
    "MARK_LETTERS",
    "MAX_HEADER_ROW",
    "NAMES",
    "Dedupe",
    "ImportRefused",
    "ImportReport",
    "RowProblem",
    "campaign_reads",
    "consent_words",
    "demand",
    "import_file",
    "in_chunks",
    "look",
    "without_consent",
]
