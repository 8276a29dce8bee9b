"""Screening that takes too many people for machines is stopped: whoever answers is a person then.

People who were hung up on as machines are abandoned in law. When they alone are more than a window allows, no
pacing can make up for them: to dial slowly would harm the same share of fewer people.
"""

from collections.abc import Iterable

from dialer.engine import alarms
from dialer.engine.state import FloorState, Turn
from dialer.model.call import Call
from dialer.model.campaign import Campaign, Screening
from pacing import Window

STOPPED = "screening stopped: it takes people for machines"
"""Reason of a machine that goes to an agent."""
BEYOND = 3.0
"""Estimated persons beyond what a window allows; fewer may be the mistake of the estimate."""
RESUMED = 2 / 3
"""Share of what every window allows at which it screens again."""


SCREENING_STOPPED = "screening_stopped"
"""Kind of the alarm, and what is saved with what a campaign has learned."""


def look(state: FloorState, turn: Turn, campaign: Campaign, windows: Iterable[Window]) -> bool:
    """Stop the screening of a campaign, with an alarm, or let it go on, by what stands in its windows.

    Whether that was changed. The alarm, an earlier engine's too, is over when it goes on.
    """
    tally = state.tally(campaign.id)
    before = tally.screening_stopped
    if campaign.settings.screening is Screening.OFF:
        tally.screening_stopped = False
    elif tally.screening_stopped:
        tally.screening_stopped = any(window.screened_out > RESUMED * _allowed(window) for window in windows)
    elif over := [window for window in windows if window.screened_out - _allowed(window) >= BEYOND]:
        tally.screening_stopped = True
        window = max(over, key=lambda one: one.screened_out - _allowed(one))
        share = window.screened_out / (window.live + window.screened_out)
        detail = f"{share:.1%} of people taken for machines, {window.limit:.1%} allowed ({window.name})"
        alarms.begins(state, turn, SCREENING_STOPPED, campaign.code, detail)
    if not tally.screening_stopped:
        alarms.over(state, turn, SCREENING_STOPPED, campaign.code)
    return tally.screening_stopped is not before


def stopped(state: FloorState, call: Call) -> bool:
    """Whether nobody is to be taken for a machine in this call's campaign."""
    return state.tally(call.campaign_id).screening_stopped


def _allowed(window: Window) -> float:
    return window.limit * (window.live + window.screened_out)
