"""What a campaign that finds nobody to call says of itself."""

from datetime import datetime

from dialer.engine.state import Tally
from dialer.model.campaign import Campaign, CampaignStatus

NOBODY = "nobody to call: no list has a lead to give"
"""Where no lead rests either: all are done, or their lists are paused or have had their day's calls."""


def last_decision(tally: Tally, campaign: Campaign, now: datetime) -> str:
    """Why the last number of calls was placed; where nobody can be called, what holds the leads back."""
    if not tally.dry or campaign.status is not CampaignStatus.RUNNING:
        return tally.last_reason
    if tally.waiting is None:
        return NOBODY
    return tally.waiting.in_words() if now < tally.waiting.until else tally.last_reason
