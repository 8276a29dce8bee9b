"""Lists at work, and what holds leads back."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, Path
from pydantic import BaseModel, Field

from consoles.problems import Problem
from consoles.schemas import Body, Page
from consoles.sessions import Supervisor, role
from consoles.sql import SQL
from consoles.web_deps import Connection, Database, Id, WebDep
from portfolio import lists
from portfolio.sql import statements

router = APIRouter(tags=["lists"])

_HELD_SHOWN = 100


class ListSettings(BaseModel):
    """How a list is called."""

    status: Literal["active", "paused"]
    priority: int = Field(description="lists of a higher priority are called first; equals share by weight")
    weight: int
    order_by: lists.Order
    fresh_share: float | None = Field(description="of leads never called; null = as they come")
    daily_attempts: int | None
    daily_conversations: int | None


class ListOut(BaseModel):
    """A list with its counted leads and what it had today."""

    id: int
    campaign_id: int
    name: str
    settings: ListSettings
    created_at: datetime
    attempts_today: int
    conversations_today: int
    leads: dict[str, int]
    fresh: int = Field(description="open leads that were never called")
    resting: int = Field(description="open leads that are not to be called before a time of their own")
    resting_until: datetime | None = Field(description="the first of these times")


class ListChange(Body):
    """Only what changes; a quota of null is taken away."""

    status: Literal["active", "paused"] | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000)] | None = None
    weight: Annotated[int, Field(ge=1, le=100)] | None = None
    order_by: lists.Order | None = None
    fresh_share: Annotated[float, Field(ge=0, le=1)] | None = None
    daily_attempts: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    daily_conversations: Annotated[int, Field(ge=0, le=10_000_000)] | None = None

    def changes(self) -> dict[str, Any]:
        """What was said; null means 'none' where there can be none, and is refused elsewhere."""
        said = self.model_dump(include=self.model_fields_set)
        if any(said.get(name, 0) is None for name in ("status", "priority", "weight", "order_by")):
            raise Problem("invalid", "null is no status, priority, weight or order")
        return said


class HeldOut(BaseModel):
    """How many leads one rule holds back."""

    rule: str
    status: str
    leads: int
    next_at: datetime | None


class HeldPerson(BaseModel):
    """Somebody whom a rule holds back."""

    person_id: int
    name: str
    status: str
    next_at: datetime


@router.get("/campaigns/{campaign_id}/lists", dependencies=[Depends(role("supervisor"))])
async def of_campaign(campaign_id: Id, database: Database, web: WebDep) -> Page[ListOut]:
    """The lists of a campaign, the first to be called first."""
    await _must_exist(database, campaign_id)
    found = await lists.lists_of(database, web.now(), campaign_id)
    return Page(items=[ListOut.model_validate(one, from_attributes=True) for one in found])


@router.patch("/lists/{list_id}")
async def change(
    list_id: Id, body: ListChange, who: Supervisor, database: Database, web: WebDep, later: BackgroundTasks
) -> ListOut:
    """Change how a list is called; the next claim heeds it. A new order takes its time on long lists."""
    changes = body.changes()
    await lists.change_list(database, list_id, changes, who.id)
    if "order_by" in changes:
        later.add_task(lists.sort_list, web.deps.pool, list_id, changes["order_by"])
    (changed,) = await lists.lists_of(database, web.now(), None, list_id)
    return ListOut.model_validate(changed, from_attributes=True)


@router.get("/campaigns/{campaign_id}/held", dependencies=[Depends(role("supervisor"))])
async def held(campaign_id: Id, database: Database, web: WebDep) -> Page[HeldOut]:
    """How many leads each rule holds back."""
    await _must_exist(database, campaign_id)
    found = await lists.held_back(database, campaign_id, web.now())
    return Page(items=[HeldOut.model_validate(one, from_attributes=True) for one in found])


@router.get("/campaigns/{campaign_id}/held/{rule}", dependencies=[Depends(role("supervisor"))])
async def held_by(
    campaign_id: Id, rule: Annotated[str, Path(pattern="^[a-z0-9_]{1,60}$")], database: Database
) -> Page[HeldPerson]:
    """Some of the persons whom a rule holds back, the next to be looked at first."""
    await _must_exist(database, campaign_id)
    rows = await database.fetch(statements()["held_persons"], campaign_id, rule, _HELD_SHOWN)
    return Page(items=[HeldPerson(**row) for row in rows])


async def _must_exist(database: Connection, campaign_id: int) -> None:
    if not await database.fetchval(SQL["campaign_exists"], campaign_id):
        raise Problem("not_found", "no such campaign")
