"""Alarms that nobody has acknowledged yet."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from consoles.problems import Problem
from consoles.schemas import Page
from consoles.sessions import Supervisor, role
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Database, Id, Limit, WebDep

router = APIRouter(tags=["alarms"])


class Alarm(BaseModel):
    """Something a supervisor should know."""

    id: int
    at: datetime
    kind: str
    subject: str
    detail: str


@router.get("/alarms", dependencies=[Depends(role("supervisor"))])
async def open_alarms(
    database: Database, limit: Limit = 50, cursor: Annotated[int, Query(ge=1, le=MAX_ID)] = MAX_ID
) -> Page[Alarm]:
    """Open alarms, newest first."""
    rows = await database.fetch(SQL["open_alarms"], cursor, limit + 1)
    items = [Alarm(**row) for row in rows[:limit]]
    return Page(items=items, next_cursor=str(items[-1].id) if len(rows) > limit else None)


@router.post("/alarms/{alarm_id}/acknowledge", status_code=204)
async def acknowledge(alarm_id: Id, who: Supervisor, database: Database, web: WebDep) -> None:
    """I have seen it."""
    if await database.fetchval(SQL["acknowledge_alarm"], alarm_id, web.now(), who.id) is None:
        raise Problem("not_found", "no such alarm")
