"""What the pacing sees of the floor: each campaign's own calls and agents, as ages and numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from dialer.engine import inbound
from dialer.engine.state import FloorState, Live
from dialer.model.agent import Agent, AgentState
from dialer.model.call import Call, CallState, ClockStart
from dialer.model.campaign import BY_HAND, Campaign, CampaignStatus
from pacing import Floor, Limits
from pacing.floor import Ages, rounded
from pacing.joint import Party
from routing import FreeAgent, WaitingPerson, qualified

_SPEAKING = frozenset({AgentState.ON_CALL, AgentState.CALLING})
AT_WORK = frozenset({AgentState.READY, AgentState.WRAP_UP, *_SPEAKING})


@dataclass(frozen=True, slots=True)
class Sight:
    """One campaign at one instant, and which calls its `ringing` holds, in their order."""

    party: Party
    ringing: tuple[UUID, ...] = ()
    in_air: int = 0
    """Calls on its lines, those being placed included."""


@dataclass(slots=True)
class _Calls:
    """A campaign's calls by state."""

    by_state: dict[CallState, list[Live]] = field(default_factory=lambda: {state: [] for state in CallState})
    all: int = 0

    def of(self, state: CallState) -> list[Live]:
        """Its calls in a state."""
        return self.by_state[state]


def sights(state: FloorState, now: datetime) -> dict[int, Sight]:
    """Every campaign that dials, or has calls in the air."""
    calls = _calls_by_campaign(state)
    at_work = [agent for agent in state.agents.values() if agent.state in AT_WORK and agent.campaigns]
    found: dict[int, Sight] = {}
    for campaign in state.campaigns.values():
        mine = calls.get(campaign.id, _Calls())
        if campaign.status is CampaignStatus.RUNNING or mine.all or state.tally(campaign.id).placing:
            crew = [agent for agent in at_work if works(agent, campaign)]
            found[campaign.id] = _sight(state, campaign, mine, crew, now)
    return found


def works(agent: Agent, campaign: Campaign) -> bool:
    """Whether routing would hand this agent a person of the campaign."""
    if campaign.id not in agent.campaigns:
        return False
    if not campaign.required_skills:
        return True
    person = WaitingPerson("", campaign.id, 0.0, campaign.required_skills)
    return qualified(person, FreeAgent(agent.id, agent.campaigns, agent.skills, 0.0))


def _calls_by_campaign(state: FloorState) -> dict[int, _Calls]:
    found: dict[int, _Calls] = {}
    for live in state.calls.values():
        mine = found.get(live.call.campaign_id)
        if mine is None:
            mine = found[live.call.campaign_id] = _Calls()
        mine.all += 1
        if live.call.inbound:
            continue
        # Who is being joined, and whom an agent has called, has an agent, who is counted as on a call.
        if live.assigned is None and live.call.reserved_for is None:
            mine.by_state[live.call.state].append(live)
    return found


def _sight(
    state: FloorState, campaign: Campaign, calls: _Calls, crew: Sequence[Agent], now: datetime
) -> Sight:
    tally, settings = state.tally(campaign.id), campaign.settings
    ready = [agent for agent in crew if agent.available]
    # Who asked for a pause does not come back to take a call.
    on_call = [agent for agent in crew if agent.state in _SPEAKING and not agent.next_pause]
    wrap_up = [agent for agent in crew if agent.state is AgentState.WRAP_UP and not agent.next_pause]
    dialing, ringing = calls.of(CallState.DIALING), calls.of(CallState.RINGING)
    screening, waiting = calls.of(CallState.SCREENING), calls.of(CallState.WAITING)
    dialed, live_answers = tally.counts.share(now)
    floor = Floor(
        ready=_since(ready, now),
        on_call=_since(on_call, now),
        wrap_up=_since(wrap_up, now),
        dialing=_array([*(_age(live.call.placed_at, now) for live in dialing), *[0.0] * tally.placing]),
        ringing=_array(_age(live.call.placed_at, now) for live in ringing),
        screening=_array(_age(live.call.answered_at, now) for live in screening),
        waiting=_array(_age(clock_start(live.call), now) for live in waiting),
        limits=Limits(lines=0, tokens=0),
        windows=tally.counts.windows(
            campaign.windows,
            now,
            most=settings.max_abandonment,
            audits=tally.audits,
            unserved_by_law=campaign.unserved_by_law,
        ),
        dialed=dialed,
        live_answers=live_answers,
        rung=_array(_age(live.call.ringing_at or live.call.placed_at, now) for live in ringing),
        on_call_speed=_speeds(state, campaign, on_call, 0),
        wrap_up_speed=_speeds(state, campaign, wrap_up, 1),
        dialing_odds=_odds([*(live.odds for live in dialing), *_placing_odds(state, campaign)]),
        ringing_odds=_odds([live.odds for live in ringing]),
        next_odds=_odds(tally.next_odds),
        screening_after=_array(_age(live.call.placed_at, live.call.answered_at) for live in screening),
        reserved=float(inbound.reserved(state, crew, now)),
    )
    party = Party(
        floor,
        agents=frozenset(agent.id for agent in crew),
        ready=_ids(ready),
        on_call=_ids(on_call),
        wrap_up=_ids(wrap_up),
        wants=wants(state, campaign, now) and bool(crew),
        answers=state.learner(campaign.id).model().summary().get("human_share", 0.0),
    )
    return Sight(party, tuple(live.call.id for live in ringing), calls.all + tally.placing)


def wants(state: FloorState, campaign: Campaign, now: datetime) -> bool:
    """Whether the campaign would place calls by itself if it could."""
    running = campaign.status is CampaignStatus.RUNNING and campaign.settings.mode not in BY_HAND
    return running and not is_dry(state, campaign, now)


def is_dry(state: FloorState, campaign: Campaign, now: datetime) -> bool:
    """Whether the campaign rests because no lead could be called."""
    rest = state.tally(campaign.id).dry_until
    return rest is not None and rest > now


def clock_start(call: Call) -> datetime | None:
    """From when the law counts the wait of a person; a person who lost the agent waits anew."""
    if call.connected_at is not None:
        return call.waiting_at
    if call.limits.clock_start is ClockStart.ANSWERED:
        return call.answered_at
    if call.state is CallState.WAITING and call.deadline_at is not None:
        return call.deadline_at - timedelta(seconds=call.limits.connect)
    return call.verdict_at or call.answered_at


def _placing_odds(state: FloorState, campaign: Campaign) -> list[float]:
    tally = state.tally(campaign.id)
    known = tally.placing_odds[: tally.placing]
    return [*known, *[1.0] * (tally.placing - len(known))]


def _speeds(state: FloorState, campaign: Campaign, agents: Sequence[Agent], part: int) -> Ages:
    """Pace in talk (0) or wrap-up (1); empty when all are the mean."""
    learner = state.learner(campaign.id)
    return _odds([learner.speed(agent.id)[part] for agent in agents])


def _odds(values: Sequence[float]) -> Ages:
    """Factors round the mean; empty when all are 1."""
    return _array(values) if any(value != 1.0 for value in values) else np.zeros(0, dtype=np.float64)


def _ids(agents: Sequence[Agent]) -> tuple[int, ...]:
    return tuple(agent.id for agent in agents)


def _since(agents: Iterable[Agent], now: datetime) -> Ages:
    return _array(_age(agent.since, now) for agent in agents)


def _age(since: datetime | None, now: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None and now is not None else 0.0


def _array(values: Iterable[float]) -> Ages:
    return rounded(np.fromiter(values, dtype=np.float64))
