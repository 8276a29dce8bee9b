"""Which rules set a complaint's deadline, at once or when it is found that none was set."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from consoles.campaign_law import laws, own_pack, understood
from consoles.sql import SQL
from consoles.web_deps import Connection
from dialer.model.campaign import CampaignSettings
from portfolio.complaints import Dated, set_deadline, undated, undated_campaigns
from portfolio.contact_rules import Deadline, RulePack, deadline, deadlines_from
from portfolio.rule_packs.shelf import SHELF

Law = tuple[RulePack, ...]
"""Packs that may set a deadline; the first stands for all where none does."""


async def due(
    database: Connection, campaign_id: int | None, now: datetime
) -> tuple[Deadline | None, tuple[str, int]]:
    """The deadline by the campaign's rules, with their name and version; without a campaign the earliest."""
    law = await _law(await _settings(database), campaign_id)
    return await asyncio.to_thread(strictest, law, now)


async def date_undated(database: Connection, now: datetime) -> list[Dated]:
    """Give open complaints without a deadline that of the law of their day; those that got one."""
    campaigns = await undated_campaigns(database)
    settings = await _settings(database) if campaigns else {}
    found = []
    for campaign_id in campaigns:
        law = await _law(settings, campaign_id)
        since = min((at for pack in law if (at := deadlines_from(pack)) is not None), default=None)
        for one in await undated(database, campaign_id, since) if since is not None else ():
            until, pack = await asyncio.to_thread(strictest, law, one.opened_at.astimezone(UTC))
            if until is not None and await set_deadline(database, one, until, pack, now):
                found.append(Dated(one.case_number, until.due_on))
    return found


def strictest(law: Law, now: datetime) -> tuple[Deadline | None, tuple[str, int]]:
    """The earliest deadline that any of these packs sets for a complaint of this instant."""
    found = [(one, pack) for pack in law if (one := deadline(pack, now)) is not None]
    if found:
        first, pack = min(found, key=lambda one: one[0].until)
        return first, (pack.name, pack.version)
    return None, (law[0].name, law[0].version) if law else ("", 0)


def law_of(campaigns: Sequence[CampaignSettings]) -> Law:
    """Each campaign's pack where it sets deadlines, else what the law of its country says."""
    found: dict[str, RulePack] = {}
    for settings in sorted(campaigns, key=lambda one: one.rule_pack):
        own = own_pack(settings)
        if own is not None:
            found.setdefault(own.name, own)
        if own is None or deadlines_from(own) is None:
            found |= {pack.name: pack for pack in laws(settings) if pack.name not in found}
    return tuple(found.values())


async def _settings(database: Connection) -> dict[int, CampaignSettings]:
    await SHELF.refresh(database)
    rows = await database.fetch(SQL["settings_of_campaigns"])
    return understood(rows)


async def _law(settings: dict[int, CampaignSettings], campaign_id: int | None) -> Law:
    mine = [one for number, one in settings.items() if campaign_id in (None, number)]
    # Out of the loop: the first look at a pack takes most of a second.
    return await asyncio.to_thread(law_of, mine)
