"""What a campaign says of itself that calls nobody, or finds nobody to call."""

from datetime import datetime

from dialer.engine.state import FloorState, Tally
from dialer.model.campaign import Campaign, CampaignStatus
from dialer.model.holds import Hold, HoldCode
from pacing import Decision

HALTED = {
    CampaignStatus.PAUSED: Hold(HoldCode.PAUSED),
    CampaignStatus.STOPPED: Hold(HoldCode.STOPPED),
}
"""Whatever was decided before it was halted is no reason any more."""


def last_decision(state: FloorState, campaign: Campaign, now: datetime) -> Decision | Hold | None:
    """The last decision; or what holds the campaign, or its leads. None = nothing was decided yet."""
    tally = state.tally(campaign.id)
    if halted := HALTED.get(campaign.status) or _halted(state):
        return halted
    return _of_leads(tally, now) if tally.dry else tally.last


def in_words(last: Decision | Hold | None) -> str:
    """One line for people; empty = nothing was decided yet."""
    match last:
        case Decision():
            return last.reason
        case Hold():
            return last.in_words()
        case None:
            return ""


def _of_leads(tally: Tally, now: datetime) -> Decision | Hold | None:
    if tally.waiting is None:
        return Hold(HoldCode.NO_LIST)
    until = tally.waiting.until
    return tally.waiting.hold() if until is None or now < until else tally.last


def _halted(state: FloorState) -> Hold | None:
    """What forbids to dial for every campaign."""
    if state.dials:
        return None
    if not state.pbx_up:
        return Hold(HoldCode.PBX_AWAY)
    if not state.dialplan_fits:
        return Hold(HoldCode.OTHER_DIALPLAN)
    return Hold(HoldCode.CLOCK_IN_DOUBT if state.clock_in_doubt else HoldCode.ENGINE_MOVES)
