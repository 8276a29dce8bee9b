"""A pack that permits what the law forbids: an administrator asks, and another one agrees."""

import asyncio
import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from consoles.problems import Problem
from consoles.sessions import Principal
from consoles.sql import SQL
from consoles.web_deps import Connection
from dialer.model.campaign import CampaignSettings
from portfolio.audit import record_audit
from portfolio.contact_rules import RulePack
from portfolio.contact_rules.looser import Looser, looser
from portfolio.rule_packs import BrokenPack, UnknownPack, built_in, load_pack, parse_pack
from portfolio.rule_packs.shelf import SHELF
from portfolio.sql import statements

HOURS = 24
"""How long a wish waits for a second person."""
ASKED, AGREED, REFUSED = "looser_rules.asked", "looser_rules.agreed", "looser_rules.refused"
"""Actions in the audit."""
_STRICT = "default-strict"


class SecondPersonNeeded(Exception):
    """The wish is in order, but nobody else has had it yet; `subject` is what it is about."""

    def __init__(self, subject: str, wish: dict[str, Any], reason: str = "") -> None:
        super().__init__("a second administrator must ask for the same")
        self.subject, self.wish, self.reason = subject, wish, reason


def laws_of(settings: CampaignSettings, pack: RulePack) -> tuple[RulePack, ...]:
    """The packs by which a campaign is measured: its country's, and those of all that its pack calls.

    Where one of them has no national pack, or the pack calls every country, the strict one measures as well.
    That one itself calls many countries and is written for none: it is measured by the campaign's alone.
    The first look takes most of a second.
    """
    called = frozenset() if pack.name == _STRICT or pack.countries is None else pack.countries.codes
    codes = called | ({settings.region} - {""})
    ours = (load_pack(name) for name in built_in() if name != _STRICT)
    laws = [one for one in ours if not one.lab_only and one.countries and one.countries.codes & codes]
    known = {code for one in laws if one.countries for code in one.countries.codes}
    if not called or codes - known:
        laws.append(load_pack(_STRICT))
    return tuple(laws)


def looser_points(settings: CampaignSettings, now: datetime) -> tuple[Looser, ...]:
    """What a campaign's pack permits and the law forbids; none of one for the laboratory."""
    try:
        pack = SHELF.look(settings.rule_pack)
    except (UnknownPack, BrokenPack):
        return ()  # nobody is called by it
    if pack.lab_only:
        return ()  # nobody real is called by it
    return looser(pack, laws_of(settings, pack), now)


async def must_be_agreed(
    database: Connection,
    who: Principal,
    campaign_id: int,
    before: CampaignSettings,
    after: CampaignSettings,
    now: datetime,
    reason: str = "",
) -> None:
    """Refuse a looser pack, unless another administrator has asked for the same within a day.

    Raises Problem for whoever may not ask, SecondPersonNeeded for the first who does.
    """
    same = (before.rule_pack, before.region) == (after.rule_pack, after.region)
    points = () if same else await asyncio.to_thread(looser_points, after, now)
    if not points:
        return
    if who.role != "admin":
        told = ", ".join(_told(points))
        raise Problem("looser_pack", f"looser than the law, an administrator's to ask: {told}"[:2000])
    # The rules that the first one read, and not what another version says under the same name.
    said = f"{after.region} {SHELF.look(after.rule_pack).digest}".strip()
    wish = {"rule_pack": after.rule_pack, "for": said, "looser": _told(points)}
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    change = {name: value for name, value in new.items() if value != old[name]}
    await _agreed(database, who, _campaign(campaign_id), wish, _shown(points, change), reason)


async def publish(database: Connection, who: Principal, body: str, now: datetime, reason: str = "") -> None:
    """Keep a version of an own pack; the caller holds the transaction.

    Raises Problem where the version is there already, SecondPersonNeeded for the first who asks.
    """
    pack = await asyncio.to_thread(parse_pack, body)
    await must_be_agreed_to_publish(database, who, body, now, reason)
    row = (pack.name, pack.version, body, who.id, now)
    if await database.fetchval(statements()["pack_publish"], *row) is None:
        raise Problem("conflict", "this version is published already: raise `version`")
    after = {"version": pack.version}
    await record_audit(database, who.id, "rule_pack.publish", _pack(pack.name), after=after, reason=reason)


async def must_be_agreed_to_publish(
    database: Connection, who: Principal, body: str, now: datetime, reason: str = ""
) -> None:
    """The same for a version of an own pack that is looser than the one under which campaigns are."""
    pack = await asyncio.to_thread(parse_pack, body)
    if pack.lab_only:
        return  # nobody real is called by it
    used = {row["pack"] for row in await database.fetch(statements()["packs_in_use"])}
    if pack.name not in used:
        return
    await SHELF.refresh(database)
    try:
        before = await asyncio.to_thread(SHELF.look, pack.name)
    except (UnknownPack, BrokenPack):
        return  # nobody is called by it
    if points := looser(pack, (before,), now):
        text = hashlib.sha256(body.encode()).hexdigest()
        wish = {"rule_pack": pack.name, "for": text, "looser": _told(points)}
        await _agreed(database, who, _pack(pack.name), wish, _shown(points, {"body": body}), reason)


def _shown(points: tuple[Looser, ...], change: dict[str, Any]) -> dict[str, Any]:
    """What the second person reads of a wish, and what is done when they agree."""
    return {"points": [_plain(one) for one in points], "change": change}


def _plain(point: Looser) -> dict[str, Any]:
    found = asdict(point)
    return found | {"since": point.since.isoformat() if point.since else None}


def _told(points: tuple[Looser, ...]) -> list[str]:
    return [f"{one.point}.{one.item}" for one in points]


async def _agreed(
    database: Connection,
    who: Principal,
    subject: str,
    wish: dict[str, Any],
    shown: dict[str, Any],
    reason: str,
) -> None:
    said = (wish["rule_pack"], wish["for"])
    asked = await database.fetchval(
        SQL["asked_by_another"], subject, ASKED, AGREED, who.id, *said, HOURS, REFUSED
    )
    if asked is None:
        raise SecondPersonNeeded(subject, wish | shown, reason)
    after = wish | {"asked_by": asked}
    await record_audit(database, who.id, AGREED, subject, after=after, reason=reason)


async def refused(database: Connection, who: Principal, need: SecondPersonNeeded) -> Problem:
    """Write the wish down, outside of the change that was refused; returns what the asker is told."""
    await record_audit(database, who.id, ASKED, need.subject, after=need.wish, reason=need.reason)
    return Problem(
        "second_person", "looser than the law: another administrator must ask for the same in 24 h"
    )


def _campaign(campaign_id: int) -> str:
    return f"campaign:{campaign_id}"


def _pack(name: str) -> str:
    return f"rule_pack:{name}"
