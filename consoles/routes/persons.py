"""Persons: find, ask why, and stop calling."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field, StringConstraints

from consoles import persons
from consoles.persons import PersonFound, Why
from consoles.problems import Problem
from consoles.schemas import Body, Page
from consoles.sessions import LiveUser, Principal, role
from consoles.sql import SQL
from consoles.web_deps import Connection, Database, Id, WebDep
from portfolio import care
from portfolio.persons import stop_person
from portfolio.revival import NotDead, UnknownPhone, revive_phone

router = APIRouter(tags=["persons"])


class StopIn(Body):
    """Why this person must not be called any more."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class FlagIn(Body):
    """Raise a flag, or lower it."""

    raised: bool
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class ConsentIn(Body):
    """What a person said of a channel."""

    channel: Literal["voice", "sms", "whatsapp", "email"]
    state: care.Consent
    source: Annotated[str, StringConstraints(max_length=200)] = ""


class HoursIn(Body):
    """Minutes of the local day, as [start, end); none = any hour."""

    preferred: Annotated[
        list[tuple[Annotated[int, Field(ge=0, lt=1440)], Annotated[int, Field(gt=0, le=1440)]]],
        Field(max_length=6),
    ]

    def checked(self) -> list[tuple[int, int]]:
        """Refuses hours that end before they begin."""
        if any(end <= start for start, end in self.preferred):
            raise Problem("ends_first", "hours end after they begin")
        return list(self.preferred)


class ReviveIn(Body):
    """Why a dead number is to be called again."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class RevivedOut(BaseModel):
    """What follows at once."""

    leads: int
    """Places on lists that had ended, or were withdrawn, for want of a number, and are called again."""


Flag = Annotated[
    Literal["vulnerable", "dispute", "deceased", "lawyer", "minor"], Path(description="what holds")
]


@router.get("/persons", dependencies=[Depends(role("qa", "supervisor"))])
async def find(
    database: Database, q: Annotated[str, Query(min_length=1, max_length=100)]
) -> Page[PersonFound]:
    """By external id, exact telephone number, or case number of a call that came in or of a complaint."""
    return Page(items=await persons.find(database, q.strip()))


@router.get("/persons/{person_id}/why", dependencies=[Depends(role("qa", "supervisor"))])
async def why(person_id: Id, database: Database, web: WebDep) -> Why:
    """Why this person was, or was not, called."""
    return await persons.why(database, person_id, web.now())


@router.post("/persons/{person_id}/stop", status_code=204)
async def stop(person_id: Id, body: StopIn, who: LiveUser, database: Database, web: WebDep) -> None:
    """Call this person no more; a call that rings now ends."""
    await _may_stop(database, who, person_id)
    await stop_person(database, person_id, body.reason, who.id, web.now())


@router.put("/persons/{person_id}/flags/{flag}", status_code=204)
async def set_flag(person_id: Id, flag: Flag, body: FlagIn, who: LiveUser, database: Database) -> None:
    """Raise or lower a flag. An agent may raise one of the present or last person; only others lower."""
    await _may_stop(database, who, person_id)
    if not body.raised and not who.may("supervisor"):
        raise Problem("forbidden", "only a supervisor lowers a flag")
    await care.set_flag(database, person_id, flag, body.raised, body.reason, who.id)


@router.post("/persons/{person_id}/consents", status_code=204)
async def consent(person_id: Id, body: ConsentIn, who: LiveUser, database: Database, web: WebDep) -> None:
    """Record what a person agreed to, or does not want any more."""
    await _may_stop(database, who, person_id)
    await care.record_consent(database, person_id, body.channel, body.state, body.source, who.id, web.now())


@router.put("/persons/{person_id}/hours", status_code=204)
async def hours(person_id: Id, body: HoursIn, who: LiveUser, database: Database) -> None:
    """The hours a person wants to be called in; they narrow the legal ones."""
    await _may_stop(database, who, person_id)
    await care.record_wish(database, person_id, body.checked(), who.id)


@router.post("/persons/{person_id}/phones/{phone_id}/revive", dependencies=[Depends(role("supervisor"))])
async def revive(
    person_id: Id, phone_id: Id, body: ReviveIn, who: LiveUser, database: Database, web: WebDep
) -> RevivedOut:
    """A number that was taken for dead is called again, as if nothing were known of it."""
    try:
        done = await revive_phone(database, person_id, phone_id, body.reason, who.id, web.now())
    except UnknownPhone:
        raise Problem("not_found", "the person has no such number") from None
    except NotDead as error:
        raise Problem("conflict", f"the number is not dead but {error}") from None
    return RevivedOut(leads=done.leads)


async def _may_stop(database: Connection, who: Principal, person_id: int) -> None:
    """An agent may stop only the person of the present or last call."""
    if who.may("supervisor"):
        return
    if await database.fetchval(SQL["agents_last_person"], who.id) != person_id:
        raise Problem("forbidden", "not the person of your call")
