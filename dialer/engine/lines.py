"""What a carrier's trunk still bears, lines and calls per second, for the dialer and for agents alike."""

from datetime import datetime

from dialer.engine import trunks
from dialer.engine.state import FloorState
from dialer.engine.tokens import TokenBucket
from dialer.model.campaign import Campaign


def fill_buckets(state: FloorState, now: datetime) -> None:
    """Let the time since the last look count."""
    for trunk in state.trunks.values():
        if trunk.max_cps is not None:
            state.trunk_buckets.setdefault(trunk.name, TokenBucket()).fill(trunk.max_cps, now)


def one_is_free(state: FloorState, campaign: Campaign, now: datetime) -> bool:
    """Whether an agent may start a call now: a line is left, and the trunk's pace allows it."""
    trunks.look(state, now)
    name = trunks.route(state, campaign, now)
    if name is None:
        return False
    own, on_trunk = _in_use(state, {campaign.id}), _in_use(state, _sharing(state, name, now))
    trunk = state.trunks.get(name)
    if own >= campaign.settings.max_lines:
        return False
    if trunk is None:
        return True
    fill_buckets(state, now)
    slow = trunk.max_cps is not None and state.trunk_buckets[trunk.name].tokens < 1
    return not slow and (trunk.max_lines is None or on_trunk < trunk.max_lines)


def take(state: FloorState, trunk: str, count: int = 1) -> None:
    """So many calls are placed on a trunk."""
    if trunk in state.trunk_buckets:
        state.trunk_buckets[trunk].tokens -= count


def _sharing(state: FloorState, trunk: str, now: datetime) -> set[int]:
    return {one.id for one in state.campaigns.values() if trunks.usual(state, one, now) == trunk}


def _in_use(state: FloorState, campaigns: set[int]) -> int:
    """Calls alive, ordered by the pacing, or just started by an agent."""
    alive = sum(live.call.campaign_id in campaigns for live in state.calls.values())
    started = sum(card.asked and card.lead.campaign_id in campaigns for card in state.previews.values())
    return alive + started + sum(state.tally(one).placing for one in campaigns)
