"""Whether the rules of a campaign call only who has consented, and a file does not say who has."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from portfolio.contact_rules import Channel
from portfolio.rule_packs import BrokenPack, UnknownPack
from portfolio.rule_packs.shelf import SHELF
from portfolio.sql import statements

if TYPE_CHECKING:
    from portfolio.rule_packs.shelf import Connection


async def without_consent(
    connection: "Connection", campaign_id: int, columns: Iterable[tuple[str, str]]
) -> str:
    """Name of the campaign where it is so, else empty. `columns`: (header, our name or '')."""
    if any(name == "consent_voice" for _, name in columns):
        return ""
    row = await connection.fetchrow(statements()["campaign_rules"], campaign_id)
    if row is None:
        return ""
    await SHELF.refresh(connection)
    try:
        pack = await asyncio.to_thread(SHELF.look, row["rule_pack"])
    except (UnknownPack, BrokenPack):
        return ""  # nobody is called by it, consent or not: the campaign says so
    return row["name"] if Channel.VOICE in pack.at(row["at"]).consent_required else ""
