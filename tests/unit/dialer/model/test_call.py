"""The call's table, quantified over: every transition, every live state, every event."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.call import (
    TRANSITIONS,
    Call,
    CallEvent,
    CallEventKind,
    CallLimits,
    CallState,
    ClockStart,
    Effect,
    IllegalEvent,
    LateEvent,
    place,
    step,
)
from dialer.model.outcomes import VERDICTS, Outcome
from dialer.model.signalling import outcome_of_signalling
from tests.premises import premise

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
K, S = CallEventKind, CallState


def a_call(**more: object) -> Call:
    call = Call(uuid4(), 1, 1, 1, 1, "+34600001000", NOW, CallLimits(), screened=True)
    return place(replace(call, **more), now=NOW)[0]  # type: ignore[arg-type]


def after(call: Call, *kinds: CallEventKind, at: datetime = NOW, **more: object) -> Call:
    for kind in kinds:
        call, _ = step(call, CallEvent(kind, **more), now=at)  # type: ignore[arg-type]
    return call


def test_a_conversation_from_dial_to_end() -> None:
    call = after(a_call(), K.RINGING, K.ANSWERED, K.HUMAN)
    assert call.state is S.WAITING
    assert call.deadline_at == NOW + timedelta(seconds=2)
    call, effects = step(call, CallEvent(K.BRIDGED, agent_id=7), now=NOW)
    assert (call.state, call.agent_id, call.deadline_at, effects) == (S.CONNECTED, 7, None, ())
    call, effects = step(call, CallEvent(K.HUNG_UP, cause=16), now=NOW)
    assert (call.outcome, effects, call.version) == (Outcome.CONVERSATION, (Effect.CLOSE,), 6)


def test_unsure_means_human() -> None:
    call = after(a_call(), K.ANSWERED)
    call, effects = step(call, CallEvent(K.DEADLINE), now=NOW)
    assert (call.state, call.verdict, effects) == (S.WAITING, "unsure", (Effect.OFFER,))


def test_nobody_in_time_is_abandoned_with_the_message() -> None:
    call, effects = step(after(a_call(), K.ANSWERED, K.HUMAN), CallEvent(K.DEADLINE), now=NOW)
    assert (call.outcome, effects) == (Outcome.ABANDONED, (Effect.MESSAGE, Effect.CLOSE))


def test_the_clock_starts_at_the_end_of_the_greeting_not_at_the_verdict() -> None:
    call = after(a_call(), K.ANSWERED)
    later = NOW + timedelta(seconds=3)
    waiting = after(call, K.HUMAN, at=later, silence=0.7)
    assert waiting.deadline_at == later + timedelta(seconds=1.3)
    assert after(call, K.UNSURE, at=later, silence=9.0).deadline_at == later


def test_the_clock_may_start_at_the_answer() -> None:
    strict = CallLimits(clock_start=ClockStart.ANSWERED)
    call = after(replace(a_call(), limits=strict), K.ANSWERED)
    later = NOW + timedelta(seconds=1.5)
    assert after(call, K.HUMAN, at=later).deadline_at == NOW + timedelta(seconds=2)
    much_later = NOW + timedelta(seconds=3)
    assert after(call, K.HUMAN, at=much_later).deadline_at == much_later


def test_a_lost_agent_puts_the_person_back_in_line() -> None:
    call = after(a_call(), K.ANSWERED, K.HUMAN, K.BRIDGED)
    call, effects = step(call, CallEvent(K.AGENT_LOST), now=NOW)
    assert (call.state, effects) == (S.WAITING, (Effect.OFFER,))
    assert call.deadline_at == NOW + timedelta(seconds=call.limits.reattach)
    assert after(call, K.DEADLINE).outcome is Outcome.CONVERSATION


@pytest.mark.parametrize("state", [S.SCREENING, S.WAITING, S.CONNECTED])
def test_who_answered_cannot_be_cancelled(state: CallState) -> None:
    assert (state, K.CANCELLED) not in TRANSITIONS


def test_only_rows_into_ended_close_and_all_of_them_do() -> None:
    for (_, _), (to, effects) in TRANSITIONS.items():
        assert (Effect.CLOSE in effects) == (to is S.ENDED)


def test_every_live_state_has_a_way_out_by_itself() -> None:
    for state in S:
        if state is not S.ENDED:
            assert {(state, K.HUNG_UP), (state, K.VANISHED)} <= set(TRANSITIONS)


@given(st.lists(st.sampled_from(list(K)), max_size=30))
def test_any_order_of_events_keeps_the_books(kinds: list[CallEventKind]) -> None:
    call = a_call()
    for kind in kinds:
        before = call
        try:
            call, effects = step(call, CallEvent(kind, cause=17, agent_id=1), now=NOW)
        except LateEvent:
            assert not before.live
            continue
        except IllegalEvent:
            assert (before.state, kind) not in TRANSITIONS
            continue
        assert call.version == before.version + 1
        assert (call.outcome is None) == call.live == (call.ended_at is None) == (Effect.CLOSE not in effects)
        if premise(not call.live):
            assert call.deadline_at is None


@given(st.integers(0, 200))
def test_every_cause_has_a_verdict(cause: int) -> None:
    assert outcome_of_signalling(cause) in VERDICTS


def test_every_outcome_has_a_verdict() -> None:
    assert set(VERDICTS) == set(Outcome)
