"""The floor after a start: settings, people, open calls and the presences of the last shift."""

from dataclasses import replace
from datetime import datetime, timedelta

from dialer.engine.state import FloorState, Live, Tally
from dialer.model.agent import Agent, AgentState
from dialer.model.call import CallState
from dialer.ports import Presence, Store

RECENT = timedelta(minutes=15)
"""How old a logged presence may be to be taken up again."""


async def rebuilt(store: Store, state: FloorState, now: datetime) -> FloorState:
    """Everything the engine knew that was committed; channels are looked at when the PBX link is up."""
    campaigns = await store.campaigns()
    state.campaigns = {campaign.id: campaign for campaign in campaigns}
    codes = await store.codes()
    state.disposition_codes, state.pause_codes = dict(codes.dispositions), codes.pauses
    for opened in await store.open_calls():
        state.calls[opened.call.id] = Live(opened.call, opened.card)
    presences = {p.agent_id: p for p in await store.presences(since=now - RECENT)}
    for agent in await store.agents():
        state.agents[agent.id] = taken_up(state, agent, presences.get(agent.id), now)
    state.calls_today = await store.calls_today(since=_midnight(now))
    for campaign in campaigns:
        state.tallies[campaign.id] = await _tally(store, campaign.id, now)
    await _wrap_ups(store, state)
    return state


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def _tally(store: Store, campaign_id: int, now: datetime) -> Tally:
    count = await store.abandonment(campaign_id, since=now - timedelta(hours=24))
    tally = Tally(leads_left=await store.leads_left(campaign_id))
    # Their instants are not kept: they leave the window a day after this start, which errs to the strict side
    # for abandonments and is bounded by one day for answers.
    tally.live_answers.extend([now] * count.live_answers)
    tally.abandoned.extend([now] * count.abandoned)
    tally.dialed.extend([now] * max(count.dialed, count.live_answers))
    return tally


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
    joined = live is not None and live.call.state in (CallState.CONNECTED, CallState.WAITING)
    if agent.state is AgentState.ON_CALL and not (joined and live and live.call.agent_id in (agent.id, None)):
        limit = now + timedelta(seconds=agent.wrap_limit)
        return replace(agent, state=AgentState.WRAP_UP, since=now, deadline_at=limit)
    if agent.state is AgentState.ON_CALL and live is not None and live.call.state is CallState.WAITING:
        live.assigned, live.assigned_at = agent.id, now
    if agent.state is AgentState.WRAP_UP:
        since = agent.since or now
        return replace(agent, deadline_at=max(now, since + timedelta(seconds=agent.wrap_limit)))
    return agent


async def _wrap_ups(store: Store, state: FloorState) -> None:
    """The screens of agents who were wrapping up."""
    by_call = {a.call_id: a.id for a in state.agents.values() if a.call_id and a.call_id not in state.calls}
    for shown in await store.shown_calls(list(by_call)) if by_call else ():
        state.wrapping[by_call[shown.call.id]] = Live(shown.call, shown.card)
