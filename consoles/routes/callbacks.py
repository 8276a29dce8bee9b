"""Callbacks that are agreed: shown, moved, withdrawn; and whether the rules would let one be made."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from consoles.callback_check import within_horizon
from consoles.problems import Problem
from consoles.schemas import Body, Page, Reason
from consoles.sessions import LiveUser, Supervisor
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Database, Id, Web, WebDep
from dialer.model.values import CALLBACK_HORIZON, Instant
from portfolio import callbacks as agreed
from portfolio.contact_rules import Foreseen
from portfolio.foreseen import Wish, foresee_after_call, foresee_move

router = APIRouter(tags=["lists"])

Own = Annotated[bool, Query(description="whether an agent wants to make it; else it is anyone's")]


class CallbackOut(BaseModel):
    """A callback that is still to be made."""

    id: int
    campaign_id: int
    campaign: str
    person_id: int
    person: str
    zone: str | None
    agent_id: int | None
    agent: str
    at: datetime
    open_at: datetime
    status: str
    made_at: datetime


class CallbackChange(Body):
    """Another time, or another agent; null = anyone's."""

    at: Instant
    agent_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None


class CallbackEnd(Body):
    """Why it is not made."""

    reason: Reason = ""


class CallbackForeseen(BaseModel):
    """What the contact gate would say of a callback, with all that is known now."""

    permitted: bool
    rule: str = Field(description="the rule that would refuse it; empty = none would")
    first_at: datetime | None = Field(
        description="first full minute from then on at which it may be made; null = none in sight"
    )


@router.get("/callbacks")
async def all_callbacks(
    who: LiveUser, database: Database, campaign_id: Annotated[int, Query(ge=1, le=MAX_ID)] | None = None
) -> Page[CallbackOut]:
    """Callbacks to be made, the earliest first: a supervisor sees all, an agent their own."""
    if not (who.may("supervisor") or who.may("agent")):
        raise Problem("forbidden", "not your callbacks")
    agent = None if who.may("supervisor") else who.id
    found = await agreed.callbacks_of(database, campaign_id, agent)
    return Page(items=[CallbackOut.model_validate(one, from_attributes=True) for one in found])


@router.patch("/callbacks/{callback_id}", status_code=204)
async def move(
    callback_id: Id, body: CallbackChange, who: Supervisor, database: Database, web: WebDep
) -> None:
    """Another time or another agent."""
    _lies_ahead(body.at, web)
    if body.agent_id is not None and not await database.fetchval(SQL["callback_agent"], body.agent_id):
        raise Problem("no_agent", "there is no such agent")
    wish = Wish(body.at, own=body.agent_id is not None)
    _may_be_promised(await foresee_move(database, callback_id, wish, web.now()), web)
    await agreed.move_callback(database, callback_id, body.agent_id, body.at, who.id)


@router.post("/callbacks/{callback_id}/withdraw", status_code=204)
async def withdraw(
    callback_id: Id, body: CallbackEnd, who: Supervisor, database: Database, web: WebDep
) -> None:
    """It is not made any more; the person stays in the list."""
    await agreed.withdraw_callback(database, callback_id, body.reason, who.id, web.now())


@router.get("/callbacks/foreseen")
async def foreseen_after_call(
    call_id: UUID, at: Instant, who: LiveUser, database: Database, web: WebDep, own: Own = False
) -> CallbackForeseen:
    """Whether the rules would let a callback be made that the agent is about to agree in their call."""
    _lies_ahead(at, web)
    found = await foresee_after_call(database, call_id, who.id, Wish(at, own), web.now())
    return _told(found, web, "you have no such call")


@router.get("/callbacks/{callback_id}/foreseen")
async def foreseen_at_another_time(
    callback_id: Id, at: Instant, who: Supervisor, database: Database, web: WebDep, own: Own = False
) -> CallbackForeseen:
    """Whether the rules would let this callback be made at another time."""
    _lies_ahead(at, web)
    found = await foresee_move(database, callback_id, Wish(at, own), web.now())
    return _told(found, web, "no such callback to be made")


def _lies_ahead(at: datetime, web: Web) -> None:
    if at <= web.now():
        raise Problem("not_later", "a callback is for later")
    if at > web.now() + CALLBACK_HORIZON:
        raise Problem("too_far", "a callback is not for so far ahead")


def _told(found: Foreseen | None, web: Web, unknown: str) -> CallbackForeseen:
    if found is None:
        raise Problem("not_found", unknown)
    first_at = within_horizon(found, web.now())
    return CallbackForeseen(permitted=found.permitted, rule=found.rule, first_at=first_at)


def _may_be_promised(found: Foreseen | None, web: Web) -> None:
    """No promise that the gate would break; what is not there is told by whoever looks for it next."""
    if found is None or found.permitted:
        return
    first = within_horizon(found, web.now())
    told = first.isoformat() if first is not None else None
    raise Problem("rules_refuse", "the rules refuse that call", rule=found.rule, first_at=told)
