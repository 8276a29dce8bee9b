"""Pacing before and after: what settings would come to, what was decided, and what came of it."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from asyncpg import Record
from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel, Field

from consoles import campaigns
from consoles.forecasts import Question, pace_of
from consoles.problems import Problem
from consoles.schemas import Body, Page
from consoles.sessions import role
from consoles.sql import SQL
from consoles.trunks import all_trunks, own_trunk
from consoles.web_deps import DATABASE_WAIT, Connection, Database, Id, Limit, Web, WebDep, from_json
from dialer.model.automatic import reach_of
from dialer.model.campaign import BY_HAND, CampaignSettings
from dialer.model.trunk import TrunkLimits
from pacing.floor import Window
from pacing.simulator import Outlook, Standing
from portfolio.rule_packs import BrokenPack, UnknownPack
from portfolio.rule_packs.shelf import SHELF

router = APIRouter(tags=["pacing"], dependencies=[Depends(role("supervisor"))])

"""Agents start the calls: there is no pace to forecast."""
FEW_CALLS = 200
"""Ended calls under which what was learned is mostly what was believed before."""

_OF_A_WINDOW = (
    "name", "limit", "live", "abandoned", "screened_out", "credit", "unserved", "law_counts_unserved",
)  # fmt: skip

Note = Literal["agents_start", "no_agents", "nothing_learned", "few_calls"]


class Proposal(Body):
    """Only the settings that would change; none = the present ones."""

    settings: dict[str, Any] = Field(default_factory=dict, max_length=40)


class OutlookOut(BaseModel):
    """What a floor would come to; each pm is half of a 95 % interval; null = cannot be said."""

    abandonment: float | None
    """Abandoned ÷ live answers, 0–1."""
    abandonment_pm: float | None
    occupancy: float | None
    occupancy_pm: float | None
    idle_seconds: float | None
    """Mean wait of an agent for the next person."""
    idle_pm: float | None
    calls_per_minute: float | None
    lines: float | None
    """Calls in the air at once, 95th percentile."""
    live_per_hour: float | None


class BasedOn(BaseModel):
    """What a forecast knows."""

    agents: int
    """At work; 1 when nobody is."""
    calls_seen: float
    answer_rate: float | None
    at: datetime | None
    """When the model was learned; null = nothing was."""


class ForecastOut(BaseModel):
    """The present settings beside others; null where agents start the calls."""

    settings_version: int
    now: OutlookOut | None
    then: OutlookOut | None
    based_on: BasedOn
    notes: list[Note]


class ForecastMade(BaseModel):
    """What a decision expected."""

    abandon_chance: float
    price: float
    live_soon: float
    free_soon: float


class WhyMade(BaseModel):
    """Why a decision is as it is, as data."""

    mode: str
    ready: float
    """Agents, less the reserved."""
    in_flight: int
    """Calls on their way before it."""
    calls_per_agent: float
    """In mode 'power'; else 0."""
    calls: int
    cancels: int
    capped: bool
    held_by: str
    """The limit that left fewer calls than the policy asked for; empty = none."""


class Decision(BaseModel):
    """One pacing decision."""

    at: datetime
    mode: str
    calls: int
    cancelled: int
    """Ringing calls that were given up."""
    capped: bool
    """Whether the hard abandonment cap held the policy back; false, too, where nobody knows (`why` null)."""
    reason: str
    """The same as an English sentence, for people."""
    why: WhyMade | None
    """None of a decision from before the migration 0033: only its sentence is known, and shown as it is."""
    forecast: ForecastMade | None
    inputs: dict[str, Any] | None
    """None when they were not asked for."""


class Minute(BaseModel):
    """Calls placed in one minute, and what became of them."""

    at: datetime
    placed: int
    live: int
    """Live answers among them so far."""
    abandoned: int
    expected: float | None
    """Abandoned that the decisions of this minute expected; null = none forecast anything."""
    chance: float | None
    """Mean chance of an abandonment per call placed, as forecast."""


class PacingOut(BaseModel):
    """Minutes, oldest first; the last one is not over."""

    target: float
    """Aimed at, boost included, within the cap; 0–1."""
    limit: float
    minutes: list[Minute]


@router.post("/campaigns/{campaign_id}/forecast")
async def forecast(
    campaign_id: Id,
    body: Proposal,
    web: WebDep,
    if_match: Annotated[str, Header(alias="If-Match", max_length=200)] = "",
) -> ForecastOut:
    """What the settings in force and the proposed ones come to; changes nothing."""
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        row = await campaigns.look(database, campaign_id, if_match)
        then = campaigns.merged(row.settings, body.settings)
        model = await database.fetchrow(SQL["newest_model"], campaign_id)
        agents = await _agents(database, web, campaign_id)
        own = await own_trunk(database, campaign_id)
        trunk = next((one.limits for one in await all_trunks(database) if one.limits.name == own), None)
    # The connection is back in the pool before the simulation begins.
    now = campaigns.merged(row.settings, {})
    paces = [settings for settings in (now, then) if settings.mode not in BY_HAND]
    version = (model["epoch"], model["version"]) if model else (0, 0)
    asked = (campaign_id, version)
    standing = _standing(web.hub.campaign_row(campaign_id) or {})
    present = await _limit(now, web.now())
    limits = [await _limit(settings, web.now()) for settings in paces]
    questions = [
        _question(
            *asked,
            settings,
            max(1, agents),
            limit,
            standing.bounded(limit, present) if standing else None,
            trunk,
        )
        for settings, limit in zip(paces, limits, strict=True)
    ]
    content = from_json(model["content"]) if model else {}
    found = iter(await web.forecaster.outlooks(questions, content, web.now()))
    made = [None if settings.mode in BY_HAND else _shown(next(found)) for settings in (now, then)]
    based_on = _based_on(web, campaign_id, max(1, agents), model)
    return ForecastOut(
        settings_version=row.version,
        now=made[0],
        then=made[1],
        based_on=based_on,
        notes=_notes(then, agents, based_on),
    )


@router.get("/campaigns/{campaign_id}/decisions")
async def list_decisions(
    campaign_id: Id, database: Database, limit: Limit = 50, inputs: bool = True
) -> Page[Decision]:
    """The last pacing decisions: what was seen, what was decided, what was expected, why."""
    await _must_exist(database, campaign_id)
    rows = await database.fetch(SQL["decisions"], campaign_id, limit, inputs)
    return Page(items=[_decision(row) for row in rows])


@router.get("/campaigns/{campaign_id}/pacing")
async def pacing(
    campaign_id: Id,
    database: Database,
    web: WebDep,
    minutes: Annotated[int, Query(ge=1, le=1440)] = 60,
) -> PacingOut:
    """What was expected beside what came, by the minute in which the calls were placed."""
    row = await campaigns.look(database, campaign_id, "")
    settings = campaigns.merged(row.settings, {})
    now = web.now()
    rows = await database.fetch(SQL["pacing_minutes"], campaign_id, now - timedelta(minutes=minutes - 1), now)
    limit = await _limit(settings, now)
    target = min(limit, settings.target_abandonment * settings.boost)
    return PacingOut(target=target, limit=limit, minutes=[Minute(**row) for row in rows])


async def _agents(database: Connection, web: Web, campaign_id: int) -> int:
    """Agents at work by the floor; those logged in where the floor does not say; 0 = nobody."""
    row = web.hub.campaign_row(campaign_id) or {}
    at_work = sum(int(row.get(name, 0)) for name in ("ready", "connected", "wrap_up"))
    counted = at_work or int(row.get("paused", 0))
    return counted or int(await database.fetchval(SQL["agents_logged_in"], campaign_id))


def _question(
    campaign_id: int,
    model: tuple[int, int],
    settings: CampaignSettings,
    agents: int,
    limit: float,
    standing: Standing | None,
    trunk: TrunkLimits | None,
) -> Question:
    reach = reach_of(settings, agents, trunk)
    return Question(
        campaign_id,
        model,
        pace_of(settings),
        agents,
        limit,
        settings.max_calls_per_agent,
        reach.lines,
        reach.cps,
        standing,
    )


def _standing(row: Mapping[str, Any]) -> Standing | None:
    """What the engine last said of the campaign's windows; None = nothing, as of a new day."""
    told = [
        Window(**{name: window[name] for name in _OF_A_WINDOW if name in window})
        for window in row.get("windows") or ()
    ]
    return Standing(tuple(told), row.get("settled", 0), row.get("settled_live", 0)) if told else None


async def _limit(settings: CampaignSettings, now: datetime) -> float:
    """The stricter of the campaign's own cap and its rule pack's; a pack that cannot be read adds nothing."""
    try:
        # Out of the loop: the first look at a pack takes most of a second.
        pack = await asyncio.to_thread(SHELF.look, settings.rule_pack)
    except (UnknownPack, BrokenPack):
        return settings.max_abandonment
    return min(settings.max_abandonment, pack.at(now).conduct.max_abandonment)


def _shown(outlook: Outlook) -> OutlookOut:
    values = asdict(outlook)
    values["lines"] = values.pop("lines_p95")
    return OutlookOut(**{name: value if math.isfinite(value) else None for name, value in values.items()})


def _based_on(web: Web, campaign_id: int, agents: int, model: Record | None) -> BasedOn:
    learned = (web.hub.campaign_row(campaign_id) or {}).get("learned") or {}
    return BasedOn(
        agents=agents,
        calls_seen=learned.get("calls_seen", 0.0),
        answer_rate=learned.get("answer_rate"),
        at=model["at"] if model else None,
    )


def _notes(then: CampaignSettings, agents: int, based_on: BasedOn) -> list[Note]:
    noted: dict[Note, bool] = {
        "agents_start": then.mode in BY_HAND,
        "no_agents": agents == 0,
        "nothing_learned": based_on.at is None,
        "few_calls": based_on.at is not None and based_on.calls_seen < FEW_CALLS,
    }
    return [note for note, holds in noted.items() if holds]


def _decision(row: Record) -> Decision:
    why = from_json(row["why"])
    return Decision(
        at=row["at"],
        mode=row["mode"],
        calls=row["calls"],
        cancelled=row["cancelled"],
        capped=why is not None and why["capped"],
        reason=row["reason"],
        why=why,
        forecast=from_json(row["forecast"]),
        inputs=from_json(row["inputs"]),
    )


async def _must_exist(database: Connection, campaign_id: int) -> None:
    if not await database.fetchval(SQL["campaign_exists"], campaign_id):
        raise Problem("not_found", "no such campaign")
