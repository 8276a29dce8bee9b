"""An agent's presence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.agent import (
    AGENT_TRANSITIONS,
    BUSY,
    PREVIEW_PAUSE,
    Agent,
    AgentEvent,
    AgentEventKind,
    AgentState,
    IllegalAgentEvent,
    LegState,
    page_key,
    step_agent,
)

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
K, S = AgentEventKind, AgentState
CALL = uuid4()
CARD_GONE = NOW + timedelta(seconds=45)


def an_agent() -> Agent:
    return Agent(1, "Ana", "web-01", {}, frozenset({1}))


def after(agent: Agent, *kinds: AgentEventKind, code: str = "") -> Agent:
    for kind in kinds:
        event = AgentEvent(kind, code=code, call_id=CALL, deadline=CARD_GONE)
        agent = step_agent(agent, event, now=NOW)
    return agent


def test_a_shift() -> None:
    agent = after(an_agent(), K.LOGGED_IN)
    assert (agent.state, agent.pause_code) == (S.PAUSED, "login")
    agent = after(agent, K.READY, K.ASSIGNED)
    assert (agent.state, agent.call_id) == (S.ON_CALL, CALL)
    agent = after(agent, K.CALL_ENDED)
    assert (agent.state, agent.deadline_at) == (S.WRAP_UP, NOW + timedelta(seconds=60))
    agent = after(agent, K.DISPOSED)
    assert (agent.state, agent.call_id, agent.idle_since) == (S.READY, None, NOW)


def test_a_pause_asked_during_the_call_is_taken_afterwards() -> None:
    agent = after(an_agent(), K.LOGGED_IN, K.READY, K.ASSIGNED)
    agent = after(agent, K.PAUSE, code="lunch")
    assert (agent.state, agent.next_pause) == (S.ON_CALL, "lunch")
    agent = after(agent, K.CALL_ENDED, K.DISPOSED)
    assert (agent.state, agent.pause_code, agent.next_pause) == (S.PAUSED, "lunch", "")


def test_disposed_during_the_call_needs_no_wrap_up() -> None:
    agent = after(an_agent(), K.LOGGED_IN, K.READY, K.ASSIGNED, K.DISPOSED, K.CALL_ENDED)
    assert (agent.state, agent.call_id) == (S.READY, None)


def test_available_needs_a_leg_and_a_page() -> None:
    agent = after(an_agent(), K.LOGGED_IN, K.READY)
    assert not agent.available
    up = replace(agent, leg=LegState.UP, leg_page=page_key("page"))
    assert not up.available
    assert replace(up, session="page").available
    assert not replace(up, session="another page").available


def test_nobody_goes_offline_in_mid_call() -> None:
    agent = after(an_agent(), K.LOGGED_IN, K.READY, K.ASSIGNED)
    with pytest.raises(IllegalAgentEvent):
        after(agent, K.LOGGED_OUT)


def test_an_agent_who_calls_by_hand() -> None:
    agent = after(an_agent(), K.LOGGED_IN, K.READY, K.PREVIEWED)
    assert (agent.state, agent.deadline_at, agent.call_id) == (S.PREVIEW, CARD_GONE, None)
    agent = after(agent, K.CALLED)
    assert (agent.state, agent.deadline_at, agent.call_id) == (S.CALLING, None, CALL)
    agent = after(agent, K.PAUSE, code="lunch")
    assert (agent.state, agent.next_pause) == (S.CALLING, "lunch")
    assert after(agent, K.ASSIGNED).state is S.ON_CALL
    agent = after(agent, K.UNANSWERED)
    assert (agent.state, agent.pause_code, agent.call_id) == (S.PAUSED, "lunch", None)


def test_a_card_that_is_let_pass_pauses_the_agent() -> None:
    agent = after(an_agent(), K.LOGGED_IN, K.READY, K.PREVIEWED)
    missed = after(agent, K.PREVIEW_DEADLINE, code=PREVIEW_PAUSE)
    assert (missed.state, missed.pause_code) == (S.PAUSED, PREVIEW_PAUSE)
    assert after(agent, K.SKIPPED).state is S.READY
    assert not replace(agent, leg=LegState.UP, leg_page=page_key("page"), session="page").available


@given(st.lists(st.sampled_from(list(K)), max_size=40))
def test_a_call_is_held_exactly_while_there_is_one(kinds: list[AgentEventKind]) -> None:
    agent = an_agent()
    for kind in kinds:
        try:
            event = AgentEvent(kind, code="break", call_id=CALL, deadline=CARD_GONE)
            agent = step_agent(agent, event, now=NOW)
        except IllegalAgentEvent:
            assert (agent.state, kind) not in AGENT_TRANSITIONS
        assert (agent.call_id is not None) == (agent.state in BUSY)
        assert (agent.deadline_at is not None) == (agent.state in (S.WRAP_UP, S.PREVIEW))
