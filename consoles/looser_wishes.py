"""Wishes for rules looser than the law that wait for a second administrator: whose, for what, until when."""

from datetime import date, datetime, timedelta
from typing import Any

from asyncpg import Record
from pydantic import BaseModel

from consoles import campaigns, pack_approval
from consoles.campaigns import Change
from consoles.pack_approval import AGREED, ASKED, HOURS, REFUSED, SecondPersonNeeded
from consoles.problems import Problem
from consoles.sessions import Principal
from consoles.sql import SQL
from consoles.web_deps import Connection, Web, from_json
from dialer.model.campaign import CampaignSettings
from portfolio.audit import record_audit
from portfolio.contact_rules.looser import Looser


class Changed(BaseModel):
    """One setting that would be another."""

    name: str
    old: Any
    """As it is now."""
    new: Any


class Wish(BaseModel):
    """What one administrator wants and another one has to agree to."""

    id: int
    at: datetime
    until: datetime
    """It is forgotten then."""
    asked_by: str
    mine: bool
    """Whether the reader asked: oneself is no second person, but may take it back."""
    reason: str
    campaign: str
    """Name of the campaign; empty where a pack is to be published."""
    rule_pack: str
    looser: list[Looser]
    """What would be permitted and the law, or the version in force, forbids."""
    change: list[Changed]
    """Every setting of the campaign that would be another, looser or not: whoever agrees agrees to all."""
    body: str
    """Of the pack that is to be published; empty where a campaign is changed."""


async def waiting(database: Connection, who: Principal) -> list[Wish]:
    """Those that hold still, newest first."""
    rows = await database.fetch(SQL["looser_wishes"], None, HOURS)
    return [_wish(row, who) for row in rows]


async def agree(database: Connection, web: Web, who: Principal, wish_id: int, reason: str) -> int | None:
    """Do what was asked for, as the second person; returns the campaign, None where a pack was published.

    Raises Problem where it is one's own, is gone, or is not what it was: the rules have changed.
    """
    async with database.transaction():
        row = await _held(database, wish_id)
        if row["actor_id"] == who.id:
            raise Problem("own_wish", "another administrator has to agree")
        wish = from_json(row["after"])
        try:
            campaign_id = await _done(database, web, who, row["campaign_id"], wish, reason)
        except SecondPersonNeeded as other:
            raise Problem("conflict", "the rules have changed since: it has to be asked for anew") from other
        if await database.fetchrow(SQL["looser_wishes"], wish_id, HOURS) is not None:
            # By now it needed nobody's leave: it was agreed to all the same, and waits no more.
            await _answered(database, who, row, AGREED, reason)
        return campaign_id


async def _done(
    database: Connection, web: Web, who: Principal, campaign_id: int | None, wish: dict[str, Any], reason: str
) -> int | None:
    if campaign_id is None:
        await pack_approval.publish(database, who, wish["change"]["body"], web.now(), reason)
        return None
    locked = await campaigns.lock(database, campaign_id, "")
    settings = campaigns.merged(locked.settings, wish["change"])
    change = Change("campaign.settings", settings=settings, reason=reason)
    await campaigns.apply(database, web, who, locked, change)
    return campaign_id


async def refuse(database: Connection, who: Principal, wish_id: int, reason: str) -> None:
    """It waits no more; whoever asked may take it back so."""
    async with database.transaction():
        row = await _held(database, wish_id)
        await _answered(database, who, row, REFUSED, reason)


async def _answered(database: Connection, who: Principal, row: Record, answer: str, reason: str) -> None:
    """Write down what was said to a wish: AGREED or REFUSED."""
    wish = from_json(row["after"])
    after = {key: wish[key] for key in ("rule_pack", "for", "looser")} | {"asked_by": row["actor_id"]}
    await record_audit(database, who.id, answer, row["subject"], after=after, reason=reason)


async def _held(database: Connection, wish_id: int) -> Record:
    """One that waits; whoever answers it is alone meanwhile."""
    await database.execute(SQL["lock_looser_wishes"], ASKED)
    row = await database.fetchrow(SQL["looser_wishes"], wish_id, HOURS)
    if row is None:
        raise Problem("not_found", "no such wish, or it does not wait any more")
    return row


def _wish(row: Record, who: Principal) -> Wish:
    after = from_json(row["after"])
    return Wish(
        id=row["id"],
        at=row["at"],
        until=row["at"] + timedelta(hours=HOURS),
        asked_by=row["asked_by"],
        mine=row["actor_id"] == who.id,
        reason=row["reason"],
        campaign=row["campaign"] or "",
        rule_pack=after["rule_pack"],
        looser=[_point(one) for one in after["points"]],
        change=_changed(from_json(row["settings"]), after["change"]) if row["settings"] else [],
        body="" if row["settings"] else after["change"]["body"],
    )


def _point(plain: dict[str, Any]) -> Looser:
    since = plain["since"]
    return Looser(**{**plain, "since": date.fromisoformat(since) if since else None})


def _changed(present: dict[str, Any], change: dict[str, Any]) -> list[Changed]:
    """Settings that are not kept are as this version has them."""
    old = CampaignSettings().model_dump(mode="json") | present
    return [Changed(name=name, old=old.get(name), new=new) for name, new in change.items()]
