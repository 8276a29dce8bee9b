"""Until when who called in may be promised a call of ours: the contact gate is asked, nothing is held."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dialer.model.call import Call
from dialer.model.campaign import BY_HAND, Campaign
from dialer.model.leads import FORESEEN
from dialer.store.gate import Candidate, Gate

LOOK = timedelta(minutes=10)
"""From one question to the next: no pack opens or shuts for less."""


def call_back_until(
    candidate: Candidate | None, call: Call, campaigns: Sequence[Campaign], gate: Gate
) -> datetime | None:
    """The last instant, of those looked at in a row, at which the rules permit that call; None = not now.

    Asked as the call would be: on the number they call from, as one that the person asked for. That this
    number is on the line is no hindrance: then it will not be. Where the dialer dials, a kept place is its
    own after a while, with no agent who waits for the call; what it would be refused is not promised.
    """
    campaign = next((one for one in campaigns if one.id == call.campaign_id), None)
    phones = candidate.phones if candidate is not None else ()
    phone = next((one for one in phones if one.id == call.phone_id and one.usable), None)
    if candidate is None or campaign is None or phone is None:
        return None
    # An agent who waits only ever permits more: asked without one, both calls are permitted.
    by_hand = campaign.settings.mode in BY_HAND
    asked, free = replace(candidate, invited=True, agent_reserved=by_hand), replace(phone, busy=False)
    last: datetime | None = None
    for look in range(FORESEEN // LOOK + 1):
        at = call.placed_at + look * LOOK
        if not gate(asked, free, campaign, at).permitted:
            break
        last = at
    return last
