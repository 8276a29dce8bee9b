"""Reference data for the screens, and an agent's own history."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from consoles.schemas import Named, NamedCampaign, Page
from consoles.sessions import AgentOnly, authenticated, role
from consoles.sql import SQL
from consoles.web_deps import Connection, Database, Limit, WebDep
from dialer.model.masking import masked
from portfolio.rule_packs import PackSummary, built_in
from portfolio.rule_packs.shelf import SHELF

router = APIRouter(tags=["reference"])


class PauseCode(BaseModel):
    """Why an agent may be paused."""

    code: str
    label_es: str
    label_en: str
    productive: bool
    max_minutes: int | None


class Disposition(BaseModel):
    """What an agent may say of a call."""

    code: str
    label_es: str
    label_en: str
    kind: Literal["right_party", "third_party", "no_contact", "system"]
    requires: Literal["", "promise", "callback"]
    effect: Literal["", "stop", "wrong_party", "do_not_call"]
    hotkey: int | None


class Skill(BaseModel):
    """Something agents can do."""

    code: str
    name: str


class RulePackName(BaseModel):
    """A set of rules a campaign may be called under."""

    name: str
    version: int
    title_es: str
    title_en: str
    lab_only: bool


class Codes(BaseModel):
    """Everything with a code."""

    pause_codes: list[PauseCode]
    dispositions: list[Disposition]
    skills: list[Skill]
    rule_packs: list[RulePackName]


class Directory(BaseModel):
    """What pickers offer."""

    agents: list[Named]
    campaigns: list[NamedCampaign]


class PastCall(BaseModel):
    """One of an agent's calls."""

    id: UUID
    at: datetime
    campaign: str
    person: str
    masked_number: str
    outcome: str | None
    disposition: str | None
    talk_seconds: float


@router.get("/codes", dependencies=[Depends(authenticated)])
async def codes(database: Database) -> Codes:
    """Pause codes, dispositions and skills, in both languages."""
    return Codes(
        pause_codes=[PauseCode(**row) for row in await database.fetch(SQL["pause_codes"])],
        dispositions=[Disposition(**row) for row in await database.fetch(SQL["dispositions"])],
        skills=[Skill(**row) for row in await database.fetch(SQL["skills"])],
        rule_packs=[RulePackName(**asdict(pack)) for pack in await _packs(database)],
    )


async def _packs(database: Connection) -> tuple[PackSummary, ...]:
    await SHELF.refresh(database)
    return await asyncio.to_thread(SHELF.summaries, built_in())


@router.get("/directory", dependencies=[Depends(role("qa", "supervisor"))])
async def directory(database: Database) -> Directory:
    """Agents and campaigns by name."""
    return Directory(
        agents=[Named(**row) for row in await database.fetch(SQL["directory_agents"])],
        campaigns=[NamedCampaign(**row) for row in await database.fetch(SQL["directory_campaigns"])],
    )


@router.get("/agent/history")
async def history(who: AgentOnly, database: Database, web: WebDep, limit: Limit = 20) -> Page[PastCall]:
    """One's own last calls."""
    rows = await database.fetch(SQL["agent_history"], who.id, limit, web.now())
    return Page(items=[PastCall(**row, masked_number=masked(row["number"])) for row in rows])
