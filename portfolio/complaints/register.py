"""The one writer of complaints; every step is audited in its own transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import asyncpg

from portfolio.audit import record_audit
from portfolio.complaints.case_number import drawn
from portfolio.complaints.numbers import give
from portfolio.contact_rules import Deadline
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

Via = Literal["phone", "email", "letter", "web", "in_person", "other"]
State = Literal["open", "answered", "closed"]
Due = Literal["overdue", "near", "late", "undated"]
"""Open and past the deadline; open and near it; past it, answered or not; without one."""
LEAST_OF_A_NUMBER = 6
"""Digits that stand for the end of a telephone number, not for a word."""
_ROOM = "portfolio.complaints"


class UnknownComplaint(LookupError):
    """There is no complaint of this id."""


class NotAllowed(ValueError):
    """The complaint is not in a state in which this can be done."""


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """What is known of a complaint as it comes."""

    text: str
    via: Via
    complainant: str = ""
    """As they said their name; empty = the person's."""
    person_id: int | None = None
    campaign_id: int | None = None
    attempt_id: UUID | None = None
    """The call in which it was made."""
    debt_id: int | None = None
    creditor: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A line of the register."""

    id: int
    case_number: str
    state: State
    via: Via
    complainant: str
    person_id: int | None
    person: str | None
    campaign: str | None
    debt: str | None
    creditor: str
    text: str
    opened_at: datetime
    opened_by: str | None
    due_on: date | None
    """The last day on which it may be answered; None = no rule set a deadline."""
    due_at: datetime | None
    """The end of that day."""
    rule_source: str
    """Where that rule was read."""
    answer: str
    answered_at: datetime | None
    answered_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    close_reason: str
    """Why nothing more was to be done."""
    late: bool
    """Whether it was, or is, not answered by its deadline."""
    near: bool
    """Whether it is open and near its deadline, by the rules of the day it came."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines of the register."""

    state: State | None = None
    words: str = ""
    """A case number, a name, a creditor, or the end of a telephone number."""
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the register ends: what comes behind it is the next page, whatever was added before."""

    done: bool
    turn: datetime | None
    """The deadline of an open one; None = it has none, or is done."""
    opened_at: datetime
    id: int


def place_of(found: Complaint) -> Place:
    """The place of a line."""
    done = found.state != "open"
    return Place(done, None if done else found.due_at, found.opened_at, found.id)


async def complaints(
    connection: "Connection", now: datetime, asked: Asked, limit: int, after: Place | None = None
) -> list[Complaint]:
    """Open ones first, by their deadline, then the newest."""
    number, phone = _numbers(asked.words)
    end = (after.done, after.turn, after.opened_at, after.id) if after else (None, None, None, None)
    which = (asked.state, number, _like(asked.words), phone, None, asked.due)
    found = await connection.fetch(statements(_ROOM)["complaints"], now, *which, *end, limit)
    return [Complaint(**row) for row in found]


async def one(connection: "Connection", complaint_id: int, now: datetime) -> Complaint:
    """A line of the register; raises UnknownComplaint."""
    nothing, nowhere = (None,) * 4, (None,) * 5
    row = await connection.fetchrow(statements(_ROOM)["complaints"], now, *nothing, complaint_id, *nowhere, 1)
    if row is None:
        raise UnknownComplaint(complaint_id)
    return Complaint(**row)


async def open_complaint(
    connection: "Connection",
    new: NewComplaint,
    due: Deadline | None,
    pack: tuple[str, int],
    actor: int,
    now: datetime,
    *,
    draw: Callable[[], str] = drawn,
) -> int:
    """Write it down; returns its id. `pack`: name and version of the rules that set the deadline, or none."""
    until = (due.due_on, due.until, due.near_at, due.source) if due else (None, None, None, "")
    said = (new.person_id, new.complainant, new.campaign_id, new.attempt_id, new.debt_id, new.creditor)
    line = (*said, new.via, new.text, now, actor, *until, *pack)
    async with connection.transaction():
        made, number = await _numbered(connection, new, line, (now, draw))
        after = {"case_number": number, "via": new.via, "due_on": str(due.due_on) if due else None}
        await record_audit(connection, actor, "complaint.open", f"complaint:{made}", after=after)
    return made


async def _numbered(
    connection: "Connection",
    new: NewComplaint,
    line: Sequence[object],
    drawing: tuple[datetime, Callable[[], str]],
) -> tuple[int, str]:
    """The number that was told in the call is the complaint's; of several of one call the first one's."""
    now, draw = drawing
    told = await connection.fetchval(statements(_ROOM)["case_number_of_call"], new.attempt_id)
    for number in (told, None):
        mine = number or await give(connection, now, draw=draw)
        row = await connection.fetchrow(statements(_ROOM)["complaint_add"], mine, *line)
        if row is not None:
            return row["id"], row["case_number"]
    raise RuntimeError("a number that was free is taken")


async def answer(connection: "Connection", complaint_id: int, text: str, actor: int, now: datetime) -> None:
    """What was answered; raises UnknownComplaint, NotAllowed when it was answered before."""
    async with connection.transaction():
        done = await connection.fetchval(
            statements(_ROOM)["complaint_answer"], complaint_id, text, now, actor
        )
        await _must_be(connection, done, complaint_id)
        await record_audit(connection, actor, "complaint.answer", f"complaint:{complaint_id}")


async def close(connection: "Connection", complaint_id: int, reason: str, actor: int, now: datetime) -> None:
    """Nothing more to do; raises UnknownComplaint, NotAllowed while it is not answered."""
    async with connection.transaction():
        done = await connection.fetchval(
            statements(_ROOM)["complaint_close"], complaint_id, now, actor, reason
        )
        await _must_be(connection, done, complaint_id)
        await record_audit(connection, actor, "complaint.close", f"complaint:{complaint_id}", reason=reason)


async def _must_be(connection: "Connection", done: object, complaint_id: int) -> None:
    if done is not None:
        return
    known: Sequence[object] = await connection.fetch(statements(_ROOM)["complaint_known"], complaint_id)
    raise NotAllowed(complaint_id) if known else UnknownComplaint(complaint_id)


def _numbers(words: str) -> tuple[str | None, str | None]:
    """What the words are as a case number, and as the end of a telephone number."""
    digits = words.strip()
    for sign in " -.()/+":
        digits = digits.replace(sign, "")
    if not (digits.isascii() and digits.isdecimal()):
        return None, None
    return digits, digits.removeprefix("00") if len(digits) >= LEAST_OF_A_NUMBER else None


def _like(words: str) -> str | None:
    text = words.strip()
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return f"%{text}%" if text else None


@dataclass(frozen=True, slots=True)
class Pressing:
    """An open complaint whose deadline is near, or over."""

    case_number: str
    due_on: date
    overdue: bool


async def pressing(connection: "Connection", now: datetime) -> list[Pressing]:
    """Open complaints past their deadline or near it, and that no alarm tells of yet, 200 at a look."""
    rows = await connection.fetch(statements(_ROOM)["complaint_pressing"], now)
    return [Pressing(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Undated:
    """An open complaint without a deadline."""

    id: int
    case_number: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Dated:
    """A complaint that got its deadline late."""

    case_number: str
    due_on: date


async def undated_campaigns(connection: "Connection") -> list[int | None]:
    """Campaigns with open complaints that have no deadline; None stands for those of no campaign."""
    return [row[0] for row in await connection.fetch(statements(_ROOM)["complaint_undated_campaigns"])]


async def undated(connection: "Connection", campaign_id: int | None, since: datetime) -> list[Undated]:
    """Open complaints of a campaign without a deadline that came since then, 200 at a look."""
    rows = await connection.fetch(statements(_ROOM)["complaint_undated"], campaign_id, since)
    return [Undated(**row) for row in rows]


async def set_deadline(
    connection: "Connection", one: Undated, due: Deadline, pack: tuple[str, int], now: datetime
) -> bool:
    """Set what was not set as it came; False when another process did, or it was answered meanwhile."""
    line = (one.id, due.due_on, due.until, due.near_at, due.source, *pack)
    async with connection.transaction():
        if await connection.fetchval(statements(_ROOM)["complaint_set_deadline"], *line) is None:
            return False
        after = {"due_on": str(due.due_on), "pack": list(pack)}
        await record_audit(connection, None, "complaint.deadline", f"complaint:{one.id}", after=after)
    return True
