"""The floor after a start: settings, people, open calls and the presences of the last shift."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dialer.engine.counts import MEMORY, Counts
from dialer.engine.learning import relearned
from dialer.engine.rooms.calls import Consult, Live, live_of
from dialer.engine.screening import SCREENING_STOPPED
from dialer.engine.state import FloorState, Tally
from dialer.model.agent import Agent, AgentState
from dialer.model.audit import AUDIT_WINDOW
from dialer.model.call import CallState
from dialer.ports import Presence, Store
from pacing import Learner

RECENT = timedelta(minutes=15)
"""How old a logged presence may be to be taken up again."""
PAST_CALLS = 2000
"""Calls to learn from again where nothing learned was saved."""
_ONE_READ = timedelta(days=1)
"""Stretch of the past that one query counts, of all campaigns: a month takes longer than a query may."""


async def rebuilt(store: Store, state: FloorState, now: datetime) -> FloorState:
    """Everything the engine knew that was committed; channels are looked at when the PBX link is up."""
    campaigns = await store.campaigns()
    state.campaigns = {campaign.id: campaign for campaign in campaigns}
    codes = await store.codes()
    state.disposition_codes, state.pause_codes = dict(codes.dispositions), codes.pauses
    for opened in await store.open_calls():
        state.calls[opened.call.id] = live_of(opened)
    presences = {p.agent_id: p for p in await store.presences(since=now - RECENT)}
    for agent in await store.agents():
        state.agents[agent.id] = taken_up(state, agent, presences.get(agent.id), now)
    state.calls_today = await store.calls_today(since=_midnight(now))
    saved = await store.learners()
    past = await counted(store, [campaign.id for campaign in campaigns], now)
    for campaign in campaigns:
        tally = state.tallies[campaign.id] = await _tally(store, campaign.id, past[campaign.id], now)
        # Whether it still is, its windows tell at the first look.
        tally.screening_stopped = bool(saved.get(campaign.id, {}).get(SCREENING_STOPPED))
        state.learners[campaign.id] = (
            Learner.from_record(saved[campaign.id])
            if campaign.id in saved
            else relearned(await store.past_calls(campaign.id, limit=PAST_CALLS))
        )
    state.trunks = {trunk.name: trunk for trunk in await store.trunks()}
    await _wrap_ups(store, state)
    return state


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def _tally(store: Store, campaign_id: int, counts: Counts, now: datetime) -> Tally:
    return Tally(
        counts=counts,
        left=await store.leads_left(campaign_id, now),
        audits=await store.audits(campaign_id, since=now - AUDIT_WINDOW),
    )


async def counted(store: Store, campaign_ids: Sequence[int], now: datetime) -> dict[int, Counts]:
    """Each one's results of the longest window, as if the engine had been there when they were settled."""
    counts, since = {campaign_id: Counts() for campaign_id in campaign_ids}, now - MEMORY
    while since <= now:
        until = since + _ONE_READ
        for campaign_id, settled in (await store.counts(campaign_ids, since=since, until=until)).items():
            for count in settled:
                counts[campaign_id].put(count)
        since = until
    return counts


def taken_up(state: FloorState, agent: Agent, presence: Presence | None, now: datetime) -> Agent:
    """An agent as last logged; without a page until the web process attaches it again."""
    wrap = [state.campaigns[c].settings.wrap_limit for c in agent.campaigns if c in state.campaigns]
    agent = replace(agent, wrap_limit=max(wrap, default=agent.wrap_limit))
    if presence is None or presence.state == AgentState.OFFLINE.value:
        return agent
    back = replace(
        agent,
        state=AgentState(presence.state),
        since=presence.at,
        idle_since=presence.at,
        pause_code=presence.code,
        call_id=presence.call_id,
        detached_at=now,
    )
    return _settled(state, back, now)


def _settled(state: FloorState, agent: Agent, now: datetime) -> Agent:
    """A call that ended or never was joined while nobody looked."""
    live = state.calls.get(agent.call_id) if agent.call_id is not None else None
    if agent.state is AgentState.PREVIEW or (agent.state is AgentState.CALLING and live is None):
        # The card was in memory only; its lead is free by itself when the time is over.
        return replace(agent, state=AgentState.READY, since=now, idle_since=now, call_id=None)
    if agent.state is AgentState.ON_CALL:
        return _on_call(agent, live, now)
    if agent.state is AgentState.WRAP_UP:
        since = agent.since or now
        return replace(agent, deadline_at=max(now, since + timedelta(seconds=agent.wrap_limit)))
    return agent


def _on_call(agent: Agent, live: Live | None, now: datetime) -> Agent:
    """Theirs, about to be theirs, or a colleague's who called them in; the bridges tell the rest."""
    if live is not None and live.call.state is CallState.WAITING:
        # Also of a person who was handed on: the books still name the agent before.
        live.assigned, live.assigned_at = agent.id, now
        return agent
    if live is not None and live.call.state is CallState.CONNECTED:
        if live.call.agent_id not in (agent.id, None):
            live.consult = Consult(agent.id, remembered=True)
        return agent
    limit = now + timedelta(seconds=agent.wrap_limit)
    return replace(agent, state=AgentState.WRAP_UP, since=now, deadline_at=limit)


async def _wrap_ups(store: Store, state: FloorState) -> None:
    """The screens of agents who were wrapping up."""
    by_call = {a.call_id: a.id for a in state.agents.values() if a.call_id and a.call_id not in state.calls}
    for shown in await store.shown_calls(list(by_call)) if by_call else ():
        state.wrapping[by_call[shown.call.id]] = live_of(shown)
