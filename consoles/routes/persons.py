"""Persons: find, ask why, and stop calling."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import StringConstraints

from agent_ws.commands import new_command
from consoles import persons
from consoles.persons import PersonFound, Why
from consoles.problems import Problem
from consoles.schemas import Accepted, Body, Page
from consoles.sessions import LiveUser, Principal, role
from consoles.sql import SQL
from consoles.web_deps import Connection, Database, Id, WebDep
from portfolio.persons import stop_person

router = APIRouter(tags=["persons"])


class StopIn(Body):
    """Why this person must not be called any more."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


@router.get("/persons", dependencies=[Depends(role("qa", "supervisor"))])
async def find(
    database: Database, q: Annotated[str, Query(min_length=1, max_length=100)]
) -> Page[PersonFound]:
    """By external id or exact number."""
    return Page(items=await persons.find(database, q.strip()))


@router.get("/persons/{person_id}/why", dependencies=[Depends(role("qa", "supervisor"))])
async def why(person_id: Id, database: Database, web: WebDep) -> Why:
    """Why this person was, or was not, called."""
    return await persons.why(database, person_id, web.now())


@router.post("/persons/{person_id}/stop", status_code=202)
async def stop(person_id: Id, body: StopIn, who: LiveUser, database: Database, web: WebDep) -> Accepted:
    """Call this person no more; a call that rings now ends."""
    await _may_stop(database, who, person_id)
    await stop_person(database, person_id, body.reason, who.id, web.now())
    command = new_command("person.stopped", who.id, {"person_id": person_id, "reason": body.reason})
    await web.hub.owe(command)
    return Accepted(id=command.id)


async def _may_stop(database: Connection, who: Principal, person_id: int) -> None:
    """An agent may stop only the person of the present or last call."""
    if who.may("supervisor"):
        return
    if await database.fetchval(SQL["agents_last_person"], who.id) != person_id:
        raise Problem("forbidden", "not the person of your call")
