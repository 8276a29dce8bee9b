"""Join of the floor to the pacing model: gather ages, ask the policy within the cap, order calls."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from dialer.engine.effects import Place
from dialer.engine.state import FloorState, Tally, Turn
from dialer.model.agent import Agent, AgentState
from dialer.model.call import CallState
from dialer.model.campaign import Campaign, CampaignStatus, DialMode
from dialer.ports import PacingRecord, PlaceResult
from pacing import FixedRatio, Floor, Limits, Policy, Progressive, guarded
from pacing.floor import Ages

MOST_AT_ONCE = 50
"""Calls ordered of the store in one go."""
_FIRST_DRY, _LAST_DRY = 2.0, 15.0
"""Seconds a campaign without a callable lead is left alone, doubling."""


def policy_of(campaign: Campaign) -> Policy:
    """The policy that the campaign's mode names."""
    if campaign.settings.mode is DialMode.PREDICTIVE:
        return FixedRatio(campaign.settings.calls_per_agent)
    return Progressive()


def pace(state: FloorState, turn: Turn) -> None:
    """One decision for every running campaign."""
    if not (state.pbx_up and state.looked and state.lease_held) or state.draining:
        return
    for campaign in state.campaigns.values():
        tally = state.tally(campaign.id)
        _refill(tally, campaign, turn.now)
        if campaign.status is CampaignStatus.RUNNING:
            _decide(state, turn, campaign, tally)


def _decide(state: FloorState, turn: Turn, campaign: Campaign, tally: Tally) -> None:
    floor = floor_of(state, campaign, turn.now)
    decision = guarded(policy_of(campaign), floor)
    calls = min(decision.calls, MOST_AT_ONCE)
    news = decision.reason != tally.last_reason or decision.capped != tally.capped
    tally.last_reason, tally.capped = decision.reason, decision.capped
    if calls > 0:
        tally.placing += calls
        tally.tokens -= calls
        turn.effects.append(Place(campaign.id, calls))
    if calls > 0 or (news and floor.ready.size > 0):
        turn.pacing.append(
            PacingRecord(campaign.id, turn.now, _inputs(campaign, floor), calls, decision.reason)
        )


def _inputs(campaign: Campaign, floor: Floor) -> dict[str, object]:
    settings = campaign.settings
    policy = {"mode": settings.mode.value, "calls_per_agent": settings.calls_per_agent}
    return {"floor": floor.as_record(), "policy": policy, "settings_version": campaign.settings_version}


def _refill(tally: Tally, campaign: Campaign, now: datetime) -> None:
    """Token bucket of one second's calls."""
    passed = (now - tally.filled_at).total_seconds() if tally.filled_at is not None else 1.0
    burst = max(1.0, campaign.settings.max_cps)
    tally.tokens = min(burst, tally.tokens + passed * campaign.settings.max_cps)
    tally.filled_at = now


def floor_of(state: FloorState, campaign: Campaign, now: datetime) -> Floor:
    """What the policy sees. Campaigns that share agents count each other's calls as their own."""
    crew = [agent for agent in state.agents.values() if campaign.id in agent.campaigns]
    sharing = {campaign.id}.union(*(agent.campaigns for agent in crew if agent.available))
    flying = [live.call for live in state.calls.values() if live.call.campaign_id in sharing]
    tally = state.tally(campaign.id)
    tally.trim(now)
    dry = tally.dry_until is not None and tally.dry_until > now
    placing = sum(state.tally(other).placing for other in sharing)

    def ages(call_state: CallState) -> list[float]:
        return [_age(call.placed_at, now) for call in flying if call.state is call_state]

    return Floor(
        ready=_since((agent for agent in crew if agent.available), now),
        on_call=_since((agent for agent in crew if agent.state is AgentState.ON_CALL), now),
        wrap_up=_since((agent for agent in crew if agent.state is AgentState.WRAP_UP), now),
        dialing=_array([*ages(CallState.DIALING), *[0.0] * placing]),
        ringing=_array(ages(CallState.RINGING)),
        screening=_array(ages(CallState.SCREENING)),
        waiting=_array(ages(CallState.WAITING)),
        limits=Limits(
            max_abandonment=campaign.settings.max_abandonment,
            lines=campaign.settings.max_lines,
            tokens=int(tally.tokens),
            leads=not dry,
        ),
        dialed=len(tally.dialed),
        live_answers=len(tally.live_answers),
        abandoned=len(tally.abandoned),
    )


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since is not None else 0.0


def _since(agents: Iterable[Agent], now: datetime) -> Ages:
    return _array([_age(agent.since, now) for agent in agents])


def _array(values: list[float]) -> Ages:
    return np.asarray(values, dtype=np.float64)


def placed(state: FloorState, turn: Turn, campaign_id: int, asked: int, result: PlaceResult) -> None:
    """The store answered an order for calls."""
    tally = state.tally(campaign_id)
    tally.placing = max(0, tally.placing - asked)
    if result.placed:
        tally.dry_pause = 0.0
    if result.dry:
        tally.dry_pause = min(_LAST_DRY, max(_FIRST_DRY, tally.dry_pause * 2))
        tally.dry_until = turn.now + timedelta(seconds=tally.dry_pause)
