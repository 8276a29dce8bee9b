"""What came of an import."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from portfolio.importer.problems import MESSAGES, RowProblem

NO_CONSENT = (
    "este archivo no trae consentimientos, y las reglas de la campaña «{}» solo llaman a quien ha consentido:"
    " no se llamaría a nadie de él que no lo haya hecho antes",
    "this file gives no consent, and the rules of campaign “{}” call only who has consented: nobody of it"
    " is called who has not done so before",
)
BrokenBy = Literal["database_gone", "no_room", "row_refused", "other"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A good row as it was understood."""

    row: int
    name: str
    numbers: tuple[str, ...]
    """E.164, in the order in which they are tried."""
    zone: str
    flags: tuple[str, ...]
    creditor: str = ""
    reference: str = ""
    currency: str = ""
    balance_minor: int | None = None
    """None = the row names no debt."""
    days_past_due: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row about a known customer number under another name and without a telephone in common."""

    row: int
    name: str
    """As the file has it."""
    known: str
    """As we know it."""
    mark: str = field(default="", compare=False)
    """Stands for what is asked: line, customer number and both names. Who decides sends it back."""


def consent_words(campaign: str) -> dict[str, str] | None:
    """That nobody of a file would be called by this campaign, by language; None = it is not so (no name)."""
    if not campaign:
        return None
    said = (words.format(campaign) for words in NO_CONSENT)
    return dict(zip(("es", "en"), said, strict=True))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import: rows = imported + updated + rejected + duplicates."""

    list_id: int | None
    """None after a dry run."""
    rows: int = 0
    """Rows of data, without the header and empty lines."""
    imported: int = 0
    """Rows that brought a new person."""
    updated: int = 0
    """Rows about somebody known, by us or from an earlier row."""
    rejected: int = 0
    duplicates: int = 0
    """Rows that repeat an earlier row of the file."""
    elsewhere: int = 0
    """Persons left out because they are on another list already, where that was asked for."""
    revived: int = 0
    """Dead numbers that are called again, because their rows ask for it."""
    dead_again: int = 0
    """Dead numbers that are not, though their rows ask for it: they were revived lately and died again."""
    bytes_read: int = 0
    phones: int = 0
    """Numbers in the good rows."""
    reasons: tuple[tuple[str, int], ...] = ()
    """(code, how often), the most frequent first."""
    warnings: int = 0
    """Numbers that were left out of rows that are in."""
    problems: tuple[RowProblem, ...] = ()
    """The first of the rejected rows and values, without those to decide."""
    undecided: int = 0
    """Rows that wait for a decision; among the rejected."""
    doubts: tuple[Doubt, ...] = ()
    """The first of them, as many as can be decided at once."""
    samples: tuple[Sample, ...] = ()
    """The first good rows."""
    columns: tuple[tuple[str, str], ...] = ()
    """(header of the file, our name or '') of every column."""
    ignored_columns: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    """Of a workbook."""
    dry_run: bool = False
    last_row: int = 0
    """Line of the file up to which everything was read and entered."""
    broken: str = ""
    """What ended the import after that line; empty = nothing did. Importing the file again goes on there."""
    broken_by: BrokenBy | None = None
    """The kind of it."""
    no_consent: str = ""
    """Campaign whose rules call only who has consented, where no column says who has; else empty."""
    sha256: str = ""
    reject_path: Path | None = None
    """Where the rejected rows were written, when a path was given."""
    reject_bytes: bytes = b""
    """The rejected rows as CSV otherwise; empty when there are none."""
    reject_complete: bool = True
    """False when the CSV had to be cut."""

    def as_record(self) -> dict[str, Any]:
        """As JSON, without the rejected rows."""
        return {
            "list_id": self.list_id, "rows": self.rows, "accepted": self.imported + self.updated,
            "imported": self.imported, "updated": self.updated, "rejected": self.rejected,
            "duplicates": self.duplicates, "elsewhere": self.elsewhere,
            "revived": self.revived, "dead_again": self.dead_again,
            "columns": [list(column) for column in self.columns],
            "samples": [asdict(sample) for sample in self.samples],
            "persons": self.imported, "phones": self.phones,
            "reasons": dict(self.reasons),
            "words": {code: dict(zip(("es", "en"), MESSAGES[code], strict=True)) for code, _ in self.reasons},
            "warnings": self.warnings,
            "ignored_columns": list(self.ignored_columns), "sheets": list(self.sheets),
            "undecided": self.undecided, "doubts": [asdict(doubt) for doubt in self.doubts],
            "dry_run": self.dry_run, "sha256": self.sha256, "last_row": self.last_row, "broken": self.broken,
            "broken_by": self.broken_by, "no_consent": consent_words(self.no_consent),
            "rejects": [
                {
                    "row": p.row, "column": p.column, "code": p.code, "value": p.value, "taken": p.taken,
                    "es": p.message(), "en": p.message("en"),
                }
                for p in self.problems
            ],
        }  # fmt: skip
