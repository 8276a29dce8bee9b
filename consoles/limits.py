"""What the law and the firm allow a campaign."""

import asyncio

from dialer.model.campaign import CampaignSettings
from portfolio.rule_packs import BrokenPack, UnknownPack, load_pack


async def abandonment(settings: CampaignSettings) -> float:
    """The stricter of the campaign's own cap and its rule pack's; a pack that cannot be read adds nothing."""
    try:
        # Out of the loop: the first look at a pack takes most of a second.
        pack = await asyncio.to_thread(load_pack, settings.rule_pack)
    except (UnknownPack, BrokenPack):
        return settings.max_abandonment
    return min(settings.max_abandonment, pack.conduct.max_abandonment)
