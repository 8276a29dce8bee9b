"""What a carrier's trunk still bears, lines and calls per second, for the dialer and for agents alike."""

from datetime import datetime

from dialer.engine import trunks
from dialer.engine.state import FloorState
from dialer.engine.tokens import TokenBucket
from dialer.model.automatic import Reach, reach_of
from dialer.model.campaign import Campaign


def fill_buckets(state: FloorState, now: datetime) -> None:
    """Let the time since the last look count."""
    for trunk in state.trunks.values():
        if trunk.max_cps is not None:
            bucket = state.trunk_buckets.get(trunk.name)
            if bucket is None:
                bucket = state.trunk_buckets[trunk.name] = TokenBucket()
            bucket.fill(trunk.max_cps, now)


def reach(state: FloorState, campaign: Campaign, now: datetime) -> Reach:
    """What the campaign may use, as set or by the agents logged in to it and the trunk it goes out on."""
    logged_in = state.agents.logged_in(campaign.id)
    return reach_of(campaign.settings, logged_in, state.trunks.get(trunks.usual(state, campaign, now)))


def one_is_free(state: FloorState, campaign: Campaign, now: datetime) -> bool:
    """Whether an agent may start a call now: a line is left, and the trunk's pace allows it."""
    trunks.look(state, now)
    if trunks.route(state, campaign, now) is None:
        return False
    if _in_use(state, campaign) >= reach(state, campaign, now).lines:
        return False
    trunk = state.trunks.get(trunks.usual(state, campaign, now))
    if trunk is None:
        return True
    fill_buckets(state, now)
    slow = trunk.max_cps is not None and state.trunk_buckets[trunk.name].tokens < 1
    return not slow and (trunk.max_lines is None or on_trunk(state, trunk.name) < trunk.max_lines)


def take(state: FloorState, trunk: str, count: int = 1) -> None:
    """So many calls are placed on a trunk."""
    if trunk in state.trunk_buckets:
        state.trunk_buckets[trunk].tokens -= count


def carried(state: FloorState, trunk: str, was_charged: str) -> None:
    """A call goes out on a trunk; another that its order was charged to gets its token back."""
    if was_charged and was_charged != trunk:
        take(state, was_charged, -1)
        take(state, trunk)


def on_trunk(state: FloorState, trunk: str) -> int:
    """Calls alive on it, or on their way to it; one whose trunk nobody knows is on its campaign's."""
    unknown = sum(
        count
        for campaign_id, count in state.calls.trunkless()
        if (campaign := state.campaigns.get(campaign_id)) is not None and campaign.trunk == trunk
    )
    return state.calls.on_trunk(trunk) + unknown + trunks.charged(state, trunk)


def _in_use(state: FloorState, campaign: Campaign) -> int:
    """Calls of the campaign: alive, ordered by the pacing, or just started by an agent."""
    alive = len(state.calls.of_campaign(campaign.id))
    started = sum(card.asked and card.lead.campaign_id == campaign.id for card in state.previews.values())
    return alive + started + state.tally(campaign.id).placing
