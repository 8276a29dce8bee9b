"""What a campaign says of itself that calls nobody, or finds nobody to call."""

from datetime import datetime

from dialer.engine.state import FloorState, Tally
from dialer.model.campaign import Campaign, CampaignStatus

NOBODY = "nobody to call: no list has a lead to give"
"""Where no lead rests either: all are done."""


HALTED = {
    CampaignStatus.PAUSED: "campaign paused: nobody is called until somebody starts it",
    CampaignStatus.STOPPED: "campaign stopped: nobody is called until somebody starts it",
}
"""Whatever was decided before it was halted is no reason any more."""


def last_decision(state: FloorState, campaign: Campaign, now: datetime) -> str:
    """Why the last number of calls was placed; or what holds the campaign, or its leads."""
    tally = state.tally(campaign.id)
    if halted := HALTED.get(campaign.status) or _halted(state):
        return halted
    return _of_leads(tally, now) if tally.dry else tally.last_reason


def _of_leads(tally: Tally, now: datetime) -> str:
    if tally.waiting is None:
        return NOBODY
    until = tally.waiting.until
    return tally.waiting.in_words() if until is None or now < until else tally.last_reason


def _halted(state: FloorState) -> str:
    """What forbids to dial for every campaign; empty = nothing."""
    if state.dials:
        return ""
    if not state.pbx_up:
        return "halted: the PBX does not answer"
    if not state.dialplan_fits:
        return "halted: the PBX has another dialplan"
    if state.clock_in_doubt:
        return "halted: the clock is in doubt"
    return "halted: the engine is coming or leaving"
