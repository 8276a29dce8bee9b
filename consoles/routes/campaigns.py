"""Campaigns: look, change, start, pause, stop, undo."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from asyncpg import Record
from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, Field

from consoles import campaigns, pack_approval
from consoles.campaigns import Change
from consoles.pack_approval import SecondPersonNeeded, looser_points
from consoles.problems import Problem
from consoles.schemas import Body, Page, Reason
from consoles.sessions import Supervisor, role
from consoles.sql import SQL
from consoles.web_deps import Connection, Database, Id, Limit, Web, WebDep, from_json
from dialer.model.campaign import CampaignSettings, CampaignStatus
from portfolio.contact_rules.looser import Looser

router = APIRouter(tags=["campaigns"])
DEFAULTS = CampaignSettings().model_dump(mode="json")

IfMatch = Annotated[str, Header(alias="If-Match", max_length=200)]


class Leads(BaseModel):
    """Counted leads by status."""

    open: int = 0
    in_call: int = 0
    done: int = 0
    withdrawn: int = 0


class CampaignOut(BaseModel):
    """A campaign with the settings in force."""

    id: int
    code: str
    name: str
    trunk: str
    caller_id: str
    status: CampaignStatus
    settings: CampaignSettings
    settings_version: int
    required_skills: dict[str, int]
    leads: Leads
    looser: list[Looser]
    """What its rules permit and the law of its countries forbids, now or from a later day on."""


class SettingsChange(Body):
    """Only the settings that change."""

    settings: dict[str, Any] = Field(min_length=1, max_length=40)
    reason: Reason = ""


class StatusChange(Body):
    """Why, if somebody wants to know later."""

    reason: Reason = ""


class Undo(Body):
    """Back to a version, or to what was before the last change of settings."""

    version: int | None = Field(None, ge=1, le=2**31 - 1)
    reason: Reason = ""


class VersionOut(BaseModel):
    """One version of a campaign."""

    version: int
    status: CampaignStatus
    settings: dict[str, Any]
    author: str | None
    reason: str
    at: datetime


@router.get("/campaigns", dependencies=[Depends(role("supervisor"))])
async def list_campaigns(database: Database, web: WebDep) -> Page[CampaignOut]:
    """All campaigns."""
    rows = await database.fetch(SQL["campaigns"], None)
    return Page(items=[await _campaign(row, web.now()) for row in rows])


@router.get("/campaigns/{campaign_id}", dependencies=[Depends(role("supervisor"))])
async def one_campaign(campaign_id: Id, database: Database, web: WebDep, response: Response) -> CampaignOut:
    """One campaign, with its version as ETag."""
    return await _one(database, web, campaign_id, response)


@router.patch("/campaigns/{campaign_id}")
async def change_settings(
    campaign_id: Id,
    body: SettingsChange,
    who: Supervisor,
    database: Database,
    web: WebDep,
    response: Response,
    if_match: IfMatch = "",
) -> CampaignOut:
    """Change settings; the engine acts on them at once."""
    if not if_match:
        raise Problem("version_required", "If-Match with the version you saw is needed")
    try:
        async with database.transaction():
            locked = await campaigns.lock(database, campaign_id, if_match)
            settings = campaigns.merged(locked.settings, body.settings)
            change = Change("campaign.settings", settings=settings, reason=body.reason)
            await campaigns.apply(database, web, who, locked, change)
    except SecondPersonNeeded as need:
        raise await pack_approval.refused(database, who, need) from need
    return await _one(database, web, campaign_id, response)


@router.post("/campaigns/{campaign_id}/undo")
async def undo(
    campaign_id: Id,
    who: Supervisor,
    database: Database,
    web: WebDep,
    response: Response,
    body: Undo | None = None,
    if_match: IfMatch = "",
) -> CampaignOut:
    """Put earlier settings back, as a new version; the status stays."""
    body = body or Undo(version=None)
    try:
        async with database.transaction():
            locked = await campaigns.lock(database, campaign_id, if_match)
            settings = await campaigns.undo_target(database, locked, body.version)
            change = Change("campaign.undo", settings=settings, reason=body.reason)
            await campaigns.apply(database, web, who, locked, change)
    except SecondPersonNeeded as need:
        raise await pack_approval.refused(database, who, need) from need
    return await _one(database, web, campaign_id, response)


@router.post("/campaigns/{campaign_id}/{verb}")
async def set_status(
    campaign_id: Id,
    verb: Literal["start", "pause", "stop"],
    who: Supervisor,
    database: Database,
    web: WebDep,
    response: Response,
    body: StatusChange | None = None,
    if_match: IfMatch = "",
) -> CampaignOut:
    """Start, pause or stop dialling; calls in progress go on."""
    status = {"start": "running", "pause": "paused", "stop": "stopped"}[verb]
    reason = body.reason if body else ""
    async with database.transaction():
        locked = await campaigns.lock(database, campaign_id, if_match)
        if status == "running":
            await asyncio.to_thread(campaigns.may_start, locked.settings)
        if locked.status != status:
            change = Change(f"campaign.{verb}", status=status, reason=reason)
            await campaigns.apply(database, web, who, locked, change)
    return await _one(database, web, campaign_id, response)


@router.get("/campaigns/{campaign_id}/versions", dependencies=[Depends(role("supervisor"))])
async def versions(
    campaign_id: Id,
    database: Database,
    limit: Limit = 50,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 2**31 - 1,
) -> Page[VersionOut]:
    """Versions of a campaign, newest first."""
    await _must_exist(database, campaign_id)
    rows = await database.fetch(SQL["versions"], campaign_id, cursor, limit + 1)
    # A version that was written before a setting existed had its default in force.
    items = [VersionOut(**{**row, "settings": DEFAULTS | from_json(row["settings"])}) for row in rows[:limit]]
    return Page(items=items, next_cursor=str(items[-1].version) if len(rows) > limit else None)


async def _one(database: Connection, web: Web, campaign_id: int, response: Response) -> CampaignOut:
    row = await database.fetchrow(SQL["campaigns"], campaign_id)
    if row is None:
        raise Problem("not_found", "no such campaign")
    response.headers["ETag"] = f'"{row["settings_version"]}"'
    return await _campaign(row, web.now())


async def _must_exist(database: Connection, campaign_id: int) -> None:
    if not await database.fetchval(SQL["campaign_exists"], campaign_id):
        raise Problem("not_found", "no such campaign")


async def _campaign(row: Record, now: datetime) -> CampaignOut:
    parsed = {name: from_json(row[name]) for name in ("settings", "required_skills", "leads")}
    settings = CampaignSettings.model_validate(parsed["settings"])
    points = await asyncio.to_thread(looser_points, settings, now)
    return CampaignOut.model_validate({**row, **parsed, "looser": points})
