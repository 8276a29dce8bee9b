"""What was read, ready to be entered: plain tuples, so that they go from one process to another cheaply."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from portfolio.contact_rules import AddressFacts, PersonFacts, zones_in_doubt
from portfolio.importer.problems import RowProblem
from portfolio.importer.reader import Reading
from portfolio.importer.report import Sample
from portfolio.importer.rows import PersonRow
from portfolio.zones import zones_of_region

MOST_ROWS = 8000
"""Rows of a piece, at most: one transaction enters them."""

ROW_COLUMNS = (
    "row", "key", "external_id", "name", "language", "country", "region", "zone", "priority", "reference",
    "granted", "refused", "flags", "creditor", "numbers", "revive",
)  # fmt: skip
PHONE_COLUMNS = ("row", "number", "kind", "zones", "position")
DEBT_COLUMNS = ("row", "reference", "creditor", "currency", "balance_minor", "days_past_due", "stage")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of the file in their order."""

    records: int = 0
    """Rows of data, good and bad."""
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    """ROW_COLUMNS of the good ones."""
    phones: list[tuple[Any, ...]] = field(default_factory=list)
    """PHONE_COLUMNS"""
    debts: list[tuple[Any, ...]] = field(default_factory=list)
    """DEBT_COLUMNS"""
    problems: list[RowProblem] = field(default_factory=list)
    """Of the bad ones, and of single values that were left out."""
    last: int = 0
    """Line of the last of them."""


def pieces_of(readings: Sequence[Reading]) -> Iterator[Piece]:
    """In pieces of MOST_ROWS."""
    for start in range(0, len(readings), MOST_ROWS):
        yield _piece(readings[start : start + MOST_ROWS])


def _piece(readings: Sequence[Reading]) -> Piece:
    end = readings[-1]
    piece = Piece(records=len(readings), last=end.row if isinstance(end, PersonRow) else end[0].row)
    for one in readings:
        if not isinstance(one, PersonRow):
            piece.problems.extend(one)
            continue
        piece.problems.extend(one.warnings)
        debt = one.debt
        piece.rows.append(
            (
                one.row, one.key, one.external_id, one.name, one.language, one.country, one.region, one.zone,
                one.priority, one.debt_key, one.granted, one.refused, one.flags, one.creditor,
                tuple(phone.number for phone in one.phones), one.revive,
            )
        )  # fmt: skip
        for position, phone in enumerate(one.phones):
            piece.phones.append((one.row, phone.number, phone.kind, phone.zones, position))
        if debt is not None:
            piece.debts.append(
                (
                    one.row, debt.reference, debt.creditor, debt.currency, debt.balance_minor,
                    debt.days_past_due, debt.stage,
                )
            )  # fmt: skip
    return piece


def samples_of(piece: Piece, most: int) -> tuple[Sample, ...]:
    """The first good rows of a piece."""
    debts = {debt[0]: dict(zip(DEBT_COLUMNS, debt, strict=True)) for debt in piece.debts}
    return tuple(_sample(piece, row, debts.get(row[0], {})) for row in piece.rows[:most])


def _sample(piece: Piece, values: tuple[Any, ...], debt: dict[str, Any]) -> Sample:
    row = dict(zip(ROW_COLUMNS, values, strict=True))
    phones = [
        dict(zip(PHONE_COLUMNS, phone, strict=True)) for phone in piece.phones if phone[0] == row["row"]
    ]
    of_number = next((tuple(phone["zones"]) for phone in phones), ())
    person = PersonFacts(0, row["zone"], zones=zones_of_region(row["country"], row["region"]))
    zones = zones_in_doubt(person, AddressFacts("", zones=of_number))
    return Sample(
        row=row["row"],
        name=row["name"],
        numbers=tuple(phone["number"] for phone in phones),
        zone=", ".join(zones),
        flags=tuple(row["flags"]),
        **{key: value for key, value in debt.items() if key not in ("row", "stage")},
    )
