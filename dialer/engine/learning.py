"""Tells the learner and the counters of a campaign what the end of every phase of a call has shown."""

from collections.abc import Iterable
from datetime import datetime

from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState
from dialer.model.agent import Agent, AgentEvent, AgentEventKind, AgentState
from dialer.model.call import DOUBTED, Call, CallEvent, CallEventKind, CallState, spared
from dialer.model.outcomes import Outcome
from dialer.ports import PastCall
from pacing import Learner
from pacing.learner import RingEnd

_CENSORED = frozenset({Outcome.CANCELLED, Outcome.LOST})
"""Ends that do not tell what the other side would have done."""
_NOBODY = frozenset({Outcome.ABANDONED, Outcome.UNSERVED})
"""A person answered, and nobody served them."""
_IDLE_WEIGHT = 0.05
"""Weight of the newest call in the mean idle time: about the last twenty."""


def call_moved(state: FloorState, live: Live, before: Call, event: CallEvent, at: datetime) -> None:
    """A call took a step."""
    if event.reconciled:
        live.timed = False
    moved = live.call
    if moved.inbound:
        return  # nobody placed it, and nothing was forecast of it
    if moved.reserved_for is not None and moved.outcome not in _NOBODY:
        return  # started by its agent: neither the pacing's doing nor a diluting answer
    if moved.state is CallState.WAITING and before.state is CallState.SCREENING:
        # One that is doubted takes an agent as a person does: that is what the forecast must know.
        _answered(state.learner(moved.campaign_id), live, "machine" if moved.verdict == "audit" else "human")
    elif moved.state is CallState.VOICEMAIL:
        _answered(state.learner(moved.campaign_id), live, "machine")
    elif event.kind is CallEventKind.BRIDGED:
        _joined(state, live, at)
        if before.connected_at is None:
            _settled(state, live, at)
    elif moved.state is CallState.ENDED:
        _ended(state, live, before, event, at)


def _answered(learner: Learner, live: Live, end: RingEnd) -> None:
    """The verdict is known: how long it rang, and how long the screening took."""
    call = live.call
    if not live.timed or call.answered_at is None:
        return
    learner.ring_over((call.answered_at - call.placed_at).total_seconds(), end, live.odds)
    if end != "other" and call.verdict_at is not None:
        learner.screening_over((call.verdict_at - call.answered_at).total_seconds(), end == "human")


def _ended(state: FloorState, live: Live, before: Call, event: CallEvent, at: datetime) -> None:
    call, learner = live.call, state.learner(live.call.campaign_id)
    if before.connected_at is not None:
        if call.outcome is not Outcome.CONVERSATION and call.verdict in ("audit", DOUBTED):
            return  # A recognised machine was never counted as a person.
        if call.outcome is not Outcome.CONVERSATION:
            state.tally(call.campaign_id).counts.no_person(before.connected_at, call.limits.machine_error)
        elif live.timed and live.same_agent is None and call.agent_id is not None:
            learner.talk_over((at - before.connected_at).total_seconds(), call.agent_id)
        return
    if spared(call, event) or call.outcome is Outcome.NO_MEDIA:
        # A broken trunk says nothing of who answers: believed, too many would be called after it.
        return
    if call.outcome in _CENSORED:
        if call.outcome is Outcome.CANCELLED and before.answered_at is None and live.timed:
            learner.ring_over((at - call.placed_at).total_seconds(), "cancelled", live.odds)
        return
    if before.state is CallState.SCREENING:
        _answered(learner, live, "machine" if call.outcome is Outcome.MACHINE else "other")
    elif before.answered_at is None and live.timed:
        learner.ring_over((at - call.placed_at).total_seconds(), "other", live.odds)
    _settled(state, live, at)


def _settled(state: FloorState, live: Live, at: datetime) -> None:
    """What the call turned out to be in law: by the first bridge, or by the end without one."""
    call = live.call
    campaign, counts = state.campaigns[call.campaign_id], state.tally(call.campaign_id).counts
    abandoned, unserved = call.outcome is Outcome.ABANDONED, call.outcome is Outcome.UNSERVED
    # A recognised machine dilutes nothing; nor may one that was doubted hide that nobody got it.
    audit, doubted = call.verdict == "audit", call.verdict == DOUBTED
    joined = call.connected_at is not None
    person = (call.outcome in _NOBODY and not audit) or (joined and not (audit or doubted))
    gone = call.outcome is Outcome.HUNG_UP_EARLY and call.waiting_at is not None and not audit
    early = gone or (joined and doubted)
    machine = call.verdict == "machine" or call.outcome is Outcome.MACHINE
    counts.add(
        at,
        live=person,
        abandoned=abandoned,
        machine=machine,
        unserved=unserved,
        early=early,
        error=call.limits.machine_error,
    )
    if person:
        state.learner(campaign.id).answer(abandoned or unserved, campaign.target)


def _joined(state: FloorState, live: Live, at: datetime) -> None:
    """How long the agent had been idle."""
    agent = state.agents.get(live.call.agent_id) if live.call.agent_id is not None else None
    if agent is None or agent.idle_since is None or live.same_agent == agent.id:
        return
    idle = max(0.0, ((live.assigned_at or at) - agent.idle_since).total_seconds())
    tally = state.tally(live.call.campaign_id)
    tally.idle = idle if tally.idle is None else tally.idle + _IDLE_WEIGHT * (idle - tally.idle)


def agent_moved(state: FloorState, before: Agent, after: Agent, event: AgentEvent, now: datetime) -> None:
    """An agent took a step: the end of a wrap-up is told. Who logs out of it tells nothing."""
    live = state.wrapping.get(before.id)
    if live is None or live.call.id != before.call_id:
        return
    learner = state.learner(live.call.campaign_id)
    if event.kind is AgentEventKind.CALL_ENDED and after.state is not AgentState.WRAP_UP:
        learner.wrap_over(0.0, before.id)
    elif event.kind in (AgentEventKind.DISPOSED, AgentEventKind.WRAP_UP_DEADLINE):
        if before.state is AgentState.WRAP_UP and before.since is not None:
            learner.wrap_over((now - before.since).total_seconds(), before.id)


_ENDS: dict[str, RingEnd] = {"human": "human", "machine": "machine", "cancelled": "cancelled"}


def relearned(calls: Iterable[PastCall]) -> Learner:
    """A learner made of past calls, where none was saved. The price is not among what they teach."""
    learner = Learner()
    for call in calls:
        end = _ENDS.get(call.end, "other")
        learner.ring_over(call.ring, end)
        if call.screening is not None:
            learner.screening_over(call.screening, end == "human")
        if call.talk is not None and call.agent_id is not None:
            learner.talk_over(call.talk, call.agent_id)
            if call.wrap is not None:
                learner.wrap_over(call.wrap, call.agent_id)
    learner.settle_in()
    return learner
