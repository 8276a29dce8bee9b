"""What came of an import, as pages are told of it."""

from pydantic import BaseModel, Field

from portfolio.importer.report import BrokenBy


class DoubtOut(BaseModel):
    """A row about a known customer number under another name and without a telephone in common."""

    row: int
    name: str
    known: str
    mark: str = Field(description="sent back in `same` where they are one person")


class WordsOut(BaseModel):
    """A sentence."""

    es: str
    en: str


class RejectOut(BaseModel):
    """What is wrong with one row."""

    row: int
    column: str
    code: str
    value: str
    """What stood there."""
    taken: bool
    """Whether the row is in all the same, without this value."""
    es: str
    en: str


class ImportOut(BaseModel):
    """What came of an import: rows = imported + updated + rejected + duplicates."""

    list_id: int | None
    rows: int
    accepted: int
    imported: int
    updated: int
    rejected: int
    duplicates: int
    elsewhere: int
    """Persons left out because they are on another list already."""
    revived: int
    """Dead numbers that are called again, because their rows ask for it."""
    dead_again: int
    """Dead numbers that are not: revived within 90 days, they died again."""
    samples: list["SampleOut"]
    """The first good rows as they were understood."""
    columns: list[tuple[str, str]]
    """(header of the file, our name or '') of every column."""
    persons: int
    phones: int
    reasons: dict[str, int]
    words: dict[str, WordsOut]
    """Of each reason."""
    warnings: int
    """Numbers that were left out of rows that are in."""
    undecided: int
    """Rows that wait for a decision; among the rejected."""
    doubts: list[DoubtOut]
    """The first of them, as many as `same` takes."""
    ignored_columns: list[str]
    sheets: list[str]
    """Of a workbook."""
    dry_run: bool
    last_row: int
    """Line up to which everything is in."""
    broken: str
    """What ended the import after that line; empty = nothing. Importing the file again goes on from there."""
    broken_by: BrokenBy | None
    """The kind of it; the console has words for each."""
    no_consent: WordsOut | None
    """That nobody of the file would be called: the rules ask for consent, and no column gives it."""
    sha256: str
    rejects: list[RejectOut]
    rejects_url: str | None


class SampleOut(BaseModel):
    """A good row as it was understood. Money in minor units."""

    row: int
    name: str
    numbers: list[str]
    zone: str
    flags: list[str]
    creditor: str
    reference: str
    currency: str
    balance_minor: int | None
    days_past_due: int
