"""The register of complaints: opened from a call or by a supervisor, answered, closed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import IO, Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from consoles import complaints as rules
from consoles.complaint_file import MOST, PAGE, Language, add_lines, open_file, read_out
from consoles.complaint_pages import CURSOR, parse_place, place_text
from consoles.problems import Problem
from consoles.schemas import Body, Page, Reason
from consoles.sessions import LiveUser, Principal, Supervisor, role
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Connection, Database, Id, WebDep
from portfolio import complaints
from portfolio.audit import record_audit
from portfolio.complaints import (
    Asked,
    Complaint,
    Due,
    NewComplaint,
    NotAllowed,
    State,
    UnknownComplaint,
    Via,
    place_of,
    spoken,
)

router = APIRouter(tags=["complaints"])

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
AnyId = Annotated[int, Field(ge=1, le=MAX_ID)]
OWN_CALLS = timedelta(hours=2)
"""How long after a call of its own an agent may write down what was said: the next one comes at once."""


class ComplaintIn(Body):
    """A complaint as it comes."""

    text: Text
    via: Via = "phone"
    complainant: Name = ""
    """As they said their name; needed where no person is given."""
    person_id: AnyId | None = None
    campaign_id: AnyId | None = None
    """Whose rules set the deadline; without it the strictest of all campaigns."""
    attempt_id: UUID | None = None
    """The call in which it was made."""
    debt_id: AnyId | None = None
    creditor: Name = ""


class AnswerIn(Body):
    """What was answered, and how."""

    text: Text


class CloseIn(Body):
    """Why nothing more is to be done."""

    reason: Reason = ""


class ComplaintOut(BaseModel):
    """A line of the register."""

    id: int
    case_number: str
    """Eight digits; `spoken` is how they are shown and read aloud."""
    spoken: str
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
    """Last day of an answer; None = no rule sets a deadline."""
    due_at: datetime | None
    """The end of that day where the law holds."""
    rule_source: str
    answer: str
    answered_at: datetime | None
    answered_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    close_reason: str
    """Why nothing more was to be done."""
    late: bool
    """Not answered by its deadline."""
    near: bool
    """Open, and near its deadline by the rules of the day it came."""


class CaseOpened(BaseModel):
    """What the complainant is told."""

    id: int
    case_number: str
    spoken: str
    due_on: date | None
    rule_source: str
    """Where the rule of the deadline was read."""


class Search(BaseModel):
    """Which lines of the register."""

    state: State | None = None
    q: str = Field("", max_length=100)
    """Case number, name, creditor, or the end of a telephone number (six digits at least)."""
    due: Due | None = None
    """overdue: open, past the deadline; near: open, near it; late: past it, answered or not; undated."""

    def asked(self) -> Asked:
        """As the register is asked."""
        return Asked(self.state, self.q, self.due)


class PageOf(Search):
    """Which page of them."""

    limit: int = Field(100, ge=1, le=200)
    cursor: str = Field("", pattern=CURSOR)


class FileOf(Search):
    """In which language a file of them is."""

    language: Language = "es"


@router.get("/complaints", dependencies=[Depends(role("supervisor"))])
async def register(database: Database, web: WebDep, query: Annotated[PageOf, Query()]) -> Page[ComplaintOut]:
    """Open ones first, by their deadline: overdue ones at the top. Pages go on where the last one ended."""
    after = parse_place(query.cursor)
    found = await complaints.complaints(database, web.now(), query.asked(), query.limit + 1, after)
    shown = found[: query.limit]
    more = place_text(place_of(shown[-1])) if len(found) > query.limit else None
    return Page(items=[_out(one) for one in shown], next_cursor=more)


@router.get("/complaints/file", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def file_of(
    who: Supervisor, database: Database, web: WebDep, query: Annotated[FileOf, Query()]
) -> Response:
    """The whole register, or what was asked of it, as CSV for an inspector. Who took it is in the audit."""
    held, lines = await _written(database, query, web.now())
    # A name or a telephone would stay for ever in what nobody can delete from.
    asked = query.model_dump(exclude_defaults=True, exclude={"q"}) | {"searched": bool(query.q)}
    await record_audit(database, who.id, "complaint.export", "complaints", after={**asked, "lines": lines})
    name = f"reclamaciones-complaints-{web.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(read_out(held), media_type="text/csv; charset=utf-8", headers=headers)


async def _written(database: Connection, query: FileOf, now: datetime) -> tuple[IO[bytes], int]:
    """The file and how many lines it has, page by page, all as of one instant; raises Problem."""
    held, lines, after = open_file(query.language), 0, None
    async with database.transaction(isolation="repeatable_read", readonly=True):
        while True:
            found = await complaints.complaints(database, now, query.asked(), PAGE, after)
            lines += len(found)
            if lines > MOST:
                held.close()
                raise Problem("too_large", f"more than {MOST} complaints: ask for fewer")
            await asyncio.to_thread(add_lines, held, found, query.language)
            if len(found) < PAGE:
                return held, lines
            after = place_of(found[-1])


@router.post("/complaints", status_code=201)
async def open_one(body: ComplaintIn, who: LiveUser, database: Database, web: WebDep) -> CaseOpened:
    """Write a complaint down. An agent may for the persons of its last calls."""
    new = await _allowed(database, who, body, web.now())
    if new.person_id is None and not new.complainant:
        raise Problem("nobody_named", "who complains? give a person or a name")
    if new.debt_id is not None and not await database.fetchval(
        SQL["debt_of_person"], new.debt_id, new.person_id
    ):
        raise Problem("other_debt", "this debt is not this person's")
    due, pack = await rules.due(database, new.campaign_id, web.now())
    try:
        made = await complaints.open_complaint(database, new, due, pack, who.id, web.now())
    except asyncpg.ForeignKeyViolationError:
        raise Problem("not_found", "no such person or campaign") from None
    found = await complaints.one(database, made, web.now())
    return CaseOpened(
        id=found.id,
        case_number=found.case_number,
        spoken=spoken(found.case_number),
        due_on=found.due_on,
        rule_source=found.rule_source,
    )


@router.post("/complaints/{complaint_id}/answer")
async def answer(
    complaint_id: Id, body: AnswerIn, who: Supervisor, database: Database, web: WebDep
) -> ComplaintOut:
    """What was answered; once."""
    with _refusals("it was answered before"):
        await complaints.answer(database, complaint_id, body.text, who.id, web.now())
    return _out(await complaints.one(database, complaint_id, web.now()))


@router.post("/complaints/{complaint_id}/close")
async def close(
    complaint_id: Id, body: CloseIn, who: Supervisor, database: Database, web: WebDep
) -> ComplaintOut:
    """Nothing more is to be done: only of what was answered."""
    with _refusals("only a complaint that was answered is closed"):
        await complaints.close(database, complaint_id, body.reason, who.id, web.now())
    return _out(await complaints.one(database, complaint_id, web.now()))


@contextmanager
def _refusals(conflict: str) -> Iterator[None]:
    """The register's refusals as problems; `conflict` says which state is in the way."""
    try:
        yield
    except NotAllowed:
        raise Problem("conflict", conflict) from None
    except UnknownComplaint:
        raise Problem("not_found", "no such complaint") from None


async def _allowed(database: Connection, who: Principal, body: ComplaintIn, now: datetime) -> NewComplaint:
    """As it may be written: with the call for an agent, who may for nobody else."""
    if who.may("supervisor"):
        call, person = body.attempt_id, body.person_id
        if call is not None and not await database.fetchval(SQL["attempt_of_person"], call, person):
            raise Problem("invalid", "this call was not with this person")
        return NewComplaint(**body.model_dump())
    asked = (who.id, body.person_id, body.attempt_id, now - OWN_CALLS)
    found = await database.fetchrow(SQL["agents_call_with"], *asked)
    if found is None:
        raise Problem("forbidden", "not the person of one of your last calls")
    said = body.model_dump() | {"campaign_id": found["campaign_id"], "attempt_id": found["id"]}
    return NewComplaint(**said)


def _out(found: Complaint) -> ComplaintOut:
    return ComplaintOut(**asdict(found), spoken=spoken(found.case_number))
