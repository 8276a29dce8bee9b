"""Campaigns that could not call anybody, whatever the PBX does: their packs and caller ids."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

import asyncpg
import phonenumbers

from dialer.doctor.findings import Finding, Speaker
from dialer.doctor.floor import Floor, Planned
from dialer.store.sql import queries
from portfolio.contact_rules.gate import caller_id_refused
from portfolio.rule_packs import BrokenPack, LabOnly, RulePack, UnknownPack


async def campaigns(floor: Floor, speaker: Speaker, now: datetime) -> list[Finding]:
    """Every campaign's settings and pack can be used, and its caller id may be shown today."""
    return await asyncio.to_thread(lambda: [_packs(floor, speaker), _caller_ids(floor, speaker, now)])


def _packs(floor: Floor, speaker: Speaker) -> Finding:
    ill = [said for one in floor.campaigns if (said := _pack_said(floor, one, speaker))]
    if ill:
        return speaker.ill("rule_packs", "packs_ill", "cure_packs", campaigns="; ".join(ill))
    return speaker.well("rule_packs", "packs", count=len(floor.campaigns))


def _pack_said(floor: Floor, one: Planned, speaker: Speaker) -> str:
    if one.settings is None:
        return f"{one.code}: {speaker.say('settings_unread')}"
    values = {"pack": one.settings.rule_pack}
    try:
        floor.shelf.get(one.settings.rule_pack)
    except LabOnly:
        return f"{one.code}: {speaker.say('pack_lab', **values)}"
    except UnknownPack:
        return f"{one.code}: {speaker.say('pack_unknown', **values)}"
    except BrokenPack:
        return f"{one.code}: {speaker.say('pack_broken', **values)}"
    return ""


def _caller_ids(floor: Floor, speaker: Speaker, now: datetime) -> Finding:
    ill = [
        f"{one.code} {one.caller_id or '()'} ({why})"
        for one in floor.campaigns
        for why in _refused(floor, one, now)
    ]
    if ill:
        return speaker.ill("caller_ids", "caller_ids_ill", "cure_caller_ids", campaigns=", ".join(ill))
    return speaker.well("caller_ids", "caller_ids")


def _refused(floor: Floor, one: Planned, now: datetime) -> Iterator[str]:
    """The first reason against a caller id; the pack's own troubles are told elsewhere."""
    if one.caller_id and not is_number(one.caller_id):
        yield "not_a_number"
        return
    pack = _usable(floor, one)
    if pack is not None:
        found = caller_id_refused(pack, one.caller_id, one.registered, now)
        yield from (refusal.rule for refusal in list(found)[:1])


def _usable(floor: Floor, one: Planned) -> RulePack | None:
    try:
        return floor.shelf.get(one.settings.rule_pack) if one.settings is not None else None
    except (UnknownPack, BrokenPack):
        return None


async def shown_refused(
    database: "asyncpg.Connection[asyncpg.Record]", pack: RulePack, caller_id: str, now: datetime
) -> str:
    """The rule of a pack that forbids to show a number now; empty when there is none."""
    registered = await database.fetchval(queries("dialer.doctor")["registered"], caller_id)
    return next((one.rule for one in caller_id_refused(pack, caller_id, bool(registered), now)), "")


def is_number(text: str) -> bool:
    """Whether it is a number that some country has given out, in E.164."""
    try:
        return text.startswith("+") and phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False
