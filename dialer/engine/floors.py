"""What the pacing sees of the floor: each campaign's own calls and agents, as ages and numbers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from dialer.engine import inbound
from dialer.engine.rooms.agents import Team
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState
from dialer.model.agent import Agent, AgentState
from dialer.model.call import Call, CallState, ClockStart
from dialer.model.campaign import BY_HAND, Campaign, CampaignStatus
from pacing import Floor, Learner, Limits
from pacing.floor import Ages, rounded
from pacing.joint import Party
from routing import FreeAgent, WaitingPerson, qualified

_SPEAKING = frozenset({AgentState.ON_CALL, AgentState.CALLING})
_UNASSIGNED = (CallState.DIALING, CallState.RINGING, CallState.SCREENING, CallState.WAITING)


@dataclass(frozen=True, slots=True)
class Sight:
    """One campaign at one instant, and which calls its `ringing` holds, in their order."""

    party: Party
    ringing: tuple[UUID, ...] = ()
    in_air: int = 0
    """Calls on its lines, those being placed included."""


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who works a campaign and has its skills: the same for all campaigns that the same people work."""

    agents: frozenset[int]
    campaigns: frozenset[int]
    """What they work, all of them together."""
    on_call: tuple[int, ...]
    wrap_up: tuple[int, ...]
    ready: tuple[int, ...]
    on_call_ages: Ages
    wrap_up_ages: Ages
    ready_ages: Ages


Skills = tuple[tuple[str, int], ...]


class _Look:
    """What all campaigns of one look at the floor share."""

    def __init__(self, state: FloorState, now: datetime) -> None:
        self.state, self.now = state, now
        self.needed = inbound.needed(state, now)
        self._crews: dict[tuple[tuple[Team, ...], Skills], _Crew] = {}

    def crew(self, campaign: Campaign) -> _Crew:
        """The campaign's agents at work."""
        teams = self.state.agents.teams(campaign.id)
        key = (teams, tuple(sorted(campaign.required_skills.items())))
        found = self._crews.get(key)
        if found is None:
            at_work = [agent for agent in self.state.agents.at_work(teams) if works(agent, campaign)]
            found = self._crews[key] = _crew(at_work, self.now)
        return found

    def reserved(self, crew: _Crew) -> float:
        """Callers for whom agents of this crew are needed."""
        return float(sum(count for campaign, count in self.needed.items() if campaign in crew.campaigns))


def _crew(at_work: Sequence[Agent], now: datetime) -> _Crew:
    ready = [agent for agent in at_work if agent.available]
    # Who asked for a pause does not come back to take a call.
    on_call = [agent for agent in at_work if agent.state in _SPEAKING and not agent.next_pause]
    wrap_up = [agent for agent in at_work if agent.state is AgentState.WRAP_UP and not agent.next_pause]
    return _Crew(
        frozenset(agent.id for agent in at_work),
        frozenset().union(*{agent.campaigns for agent in at_work}),
        _ids(on_call),
        _ids(wrap_up),
        _ids(ready),
        _since(on_call, now),
        _since(wrap_up, now),
        _since(ready, now),
    )


def sights(state: FloorState, now: datetime) -> dict[int, Sight]:
    """Every campaign that dials, or has calls in the air."""
    look = _Look(state, now)
    found: dict[int, Sight] = {}
    for campaign in state.campaigns.values():
        mine = state.calls.of_campaign(campaign.id)
        if campaign.status is CampaignStatus.RUNNING or mine or state.tally(campaign.id).placing:
            found[campaign.id] = _sight(look, campaign, mine)
    return found


def works(agent: Agent, campaign: Campaign) -> bool:
    """Whether routing would hand this agent a person of the campaign."""
    if campaign.id not in agent.campaigns:
        return False
    if not campaign.required_skills:
        return True
    person = WaitingPerson("", campaign.id, 0.0, campaign.required_skills)
    return qualified(person, FreeAgent(agent.id, agent.campaigns, agent.skills, 0.0))


def _by_state(calls: Iterable[Live]) -> dict[CallState, list[Live]]:
    """Calls that may yet need an agent."""
    found: dict[CallState, list[Live]] = {state: [] for state in _UNASSIGNED}
    for live in calls:
        call = live.call
        # Who is being joined, and whom an agent has called, has an agent, who is counted as on a call.
        if live.assigned is None and call.reserved_for is None and not call.inbound and call.state in found:
            found[call.state].append(live)
    return found


def _sight(look: _Look, campaign: Campaign, calls: Collection[Live]) -> Sight:
    state, now, crew = look.state, look.now, look.crew(campaign)
    tally, settings, learner = state.tally(campaign.id), campaign.settings, state.learner(campaign.id)
    dialing, ringing, screening, waiting = _by_state(calls).values()
    dialed, live_answers = tally.counts.share(now)
    floor = Floor(
        ready=crew.ready_ages,
        on_call=crew.on_call_ages,
        wrap_up=crew.wrap_up_ages,
        dialing=_array([*(_age(live.call.placed_at, now) for live in dialing), *[0.0] * tally.placing]),
        ringing=_array([_age(live.call.placed_at, now) for live in ringing]),
        screening=_array([_age(live.call.answered_at, now) for live in screening]),
        waiting=_array([_age(clock_start(live.call), now) for live in waiting]),
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
        rung=_array([_age(live.call.ringing_at or live.call.placed_at, now) for live in ringing]),
        on_call_speed=_speeds(learner, crew.on_call, 0),
        wrap_up_speed=_speeds(learner, crew.wrap_up, 1),
        dialing_odds=_odds([*(live.odds for live in dialing), *_placing_odds(state, campaign)]),
        ringing_odds=_odds([live.odds for live in ringing]),
        next_odds=_odds(tally.next_odds),
        screening_after=_array([_age(live.call.placed_at, live.call.answered_at) for live in screening]),
        reserved=look.reserved(crew),
    )
    party = Party(
        floor,
        agents=crew.agents,
        ready=crew.ready,
        on_call=crew.on_call,
        wrap_up=crew.wrap_up,
        wants=wants(state, campaign, now) and bool(crew.agents),
        answers=learner.model().summary().get("human_share", 0.0),
    )
    return Sight(party, tuple(live.call.id for live in ringing), len(calls) + tally.placing)


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


def _speeds(learner: Learner, agents: Sequence[int], part: int) -> Ages:
    """Pace in talk (0) or wrap-up (1); empty when all are the mean."""
    return _odds([learner.speed(agent)[part] for agent in agents])


def _odds(values: Sequence[float]) -> Ages:
    """Factors round the mean; empty when all are 1."""
    return _array(values) if any(value != 1.0 for value in values) else _NONE


_NONE: Ages = np.zeros(0, dtype=np.float64)
_NONE.flags.writeable = False


def _ids(agents: Sequence[Agent]) -> tuple[int, ...]:
    return tuple(agent.id for agent in agents)


def _since(agents: Iterable[Agent], now: datetime) -> Ages:
    return _array([_age(agent.since, now) for agent in agents])


def _age(since: datetime | None, now: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None and now is not None else 0.0


def _array(values: Sequence[float]) -> Ages:
    return rounded(np.asarray(values, dtype=np.float64)) if values else _NONE
