"""What is wrong with the installation, as far as a web process may ask, each with its cure."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from consoles.problems import Problem
from consoles.sessions import Supervisor
from consoles.sql import SQL
from consoles.web_deps import DATABASE_WAIT, WebDep

router = APIRouter(tags=["alarms"])
AGAIN = 5
"""Seconds after which somebody else may ask."""


class Line(BaseModel):
    """One thing that was looked at."""

    name: str
    """Stable code; those of the doctor are the names of `cadencia check`."""
    state: Literal["ok", "warning", "fault"]
    detail: str
    """What was seen, in the reader's language; of `alarms` how many are open."""
    cure: str
    """What to do; empty when all is well, and where the page has its own words."""


class Checkup(BaseModel):
    """All that can be seen from here."""

    lines: list[Line]


@router.get("/checkup")
async def checkup(who: Supervisor, web: WebDep) -> Checkup:
    """Ask the engine's sign of life, the alarms and the doctor; it only reads, one at a time."""
    if web.checking.locked():
        raise Problem("busy", "somebody else is asking", retry_after=AGAIN)
    async with web.checking:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            alarms = await database.fetchval(SQL["count_open_alarms"])
        lines = [
            Line(name="engine", state="ok" if web.hub.engine_up else "fault", detail="", cure=""),
            Line(name="alarms", state="warning" if alarms else "ok", detail=str(alarms), cure=""),
        ]
        found = await web.deps.doctor(web.deps.settings, who.locale) if web.deps.doctor else ()
        lines += [
            Line(name=one.name, state="ok" if one.ok else "fault", detail=one.detail, cure=one.cure)
            for one in found
        ]
    return Checkup(lines=lines)
