"""Alarms that nobody has acknowledged yet."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from consoles.problems import Problem
from consoles.schemas import Page
from consoles.sessions import Supervisor, role
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Database, Id, Limit, WebDep

router = APIRouter(tags=["alarms"])
RECENT = timedelta(days=1)
"""For which an alarm that is over is still shown."""
CURSOR = r"^([01]\.[0-9]{1,17}\.[0-9]{1,19})?$"
"""Whether it lasts, when it was raised last (µs since 1970), and its id."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Alarm(BaseModel):
    """Something a supervisor should know."""

    id: int
    at: datetime
    """When it was raised first."""
    kind: str
    subject: str
    detail: str
    """As it was raised last."""
    count: int
    """How often it was raised."""
    last_at: datetime
    ended_at: datetime | None
    """Since when what it tells of is over."""


@router.get("/alarms", dependencies=[Depends(role("supervisor"))])
async def open_alarms(
    database: Database,
    web: WebDep,
    limit: Limit = 50,
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
    over: bool = False,
) -> Page[Alarm]:
    """Open alarms, raised last first; with `over`, then those that ended within a day, unacknowledged."""
    since = web.now() - RECENT if over else None
    rows = await database.fetch(SQL["open_alarms"], limit + 1, since, *_place(cursor))
    items = [Alarm(**row) for row in rows[:limit]]
    return Page(items=items, next_cursor=_text(items[-1]) if len(rows) > limit else None)


def _place(cursor: str) -> tuple[Any, ...]:
    """As the query takes it: whether it lasts, when it was raised last, and its id."""
    if not cursor:
        return None, None, None
    lasts, at, number = (int(part) for part in cursor.split("."))
    if number > MAX_ID:
        raise Problem("invalid", "no such page")
    return lasts == 1, _EPOCH + at * _MICROSECOND, number


def _text(last: Alarm) -> str:
    """The place of the last one shown."""
    return f"{int(last.ended_at is None)}.{(last.last_at - _EPOCH) // _MICROSECOND}.{last.id}"


@router.post("/alarms/{alarm_id}/acknowledge", status_code=204)
async def acknowledge(alarm_id: Id, who: Supervisor, database: Database, web: WebDep) -> None:
    """I have seen it."""
    if await database.fetchval(SQL["acknowledge_alarm"], alarm_id, web.now(), who.id) is None:
        raise Problem("not_found", "no such alarm")
