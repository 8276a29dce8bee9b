"""Which rules set a complaint's deadline."""

import asyncio
from datetime import datetime

from consoles.sql import SQL
from consoles.web_deps import Connection, from_json
from dialer.model.campaign import CampaignSettings
from portfolio.contact_rules import Deadline, RulePack, deadline
from portfolio.rule_packs import BrokenPack, UnknownPack
from portfolio.rule_packs.shelf import SHELF


async def due(
    database: Connection, campaign_id: int | None, now: datetime
) -> tuple[Deadline | None, tuple[str, int]]:
    """The deadline by the campaign's rules, with their name and version; without a campaign the earliest."""
    await SHELF.refresh(database)
    rows = await database.fetch(SQL["settings_of_campaigns"])
    mine = [row for row in rows if campaign_id in (None, row["id"])]
    names = {CampaignSettings.model_validate(from_json(row["settings"])).rule_pack for row in mine}
    # Out of the loop: the first look at a pack takes most of a second.
    return await asyncio.to_thread(strictest, sorted(names), now)


def strictest(names: list[str], now: datetime) -> tuple[Deadline | None, tuple[str, int]]:
    """The earliest deadline that any of these packs sets; one that cannot be read sets none."""
    packs = [pack for name in names if (pack := _usable(name)) is not None]
    found = [(one, pack) for pack in packs if (one := deadline(pack, now)) is not None]
    if found:
        first, pack = min(found, key=lambda one: one[0].until)
        return first, (pack.name, pack.version)
    return None, (packs[0].name, packs[0].version) if packs else ("", 0)


def _usable(name: str) -> RulePack | None:
    try:
        return SHELF.look(name)
    except (UnknownPack, BrokenPack):
        return None
