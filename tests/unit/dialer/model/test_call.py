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
    arrive,
    connect_limit,
    place,
    spared,
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


LIMITS = CallLimits(
    ring=21, screening=5, connect=3, reattach=13, greeting=47, message=77, queue=301, unserved=1.5
)
"""No two alike."""
TO_THE_AGENT = (K.ANSWERED, K.HUMAN, K.BRIDGED)


def at(second: float) -> datetime:
    return NOW + timedelta(seconds=second)


def timed(*kinds: CallEventKind, **more: object) -> Call:
    """A call to which something happens every second, from the first on."""
    call = a_call(limits=LIMITS, **more)
    for second, kind in enumerate(kinds, 1):
        call = after(call, kind, at=at(second))
    return call


def who_called_in(*kinds: CallEventKind) -> Call:
    """The same of somebody who called us."""
    call = arrive(Call(uuid4(), 1, 1, 1, 1, "+34600001000", NOW, LIMITS, screened=False), now=NOW)
    for second, kind in enumerate(kinds, 1):
        call = after(call, kind, at=at(second))
    return call


@pytest.mark.parametrize(
    ("kinds", "deadline"),
    [
        ((), 21),
        ((K.RINGING,), 21),
        ((K.RINGING, K.ANSWERED), 2 + 5),
        ((K.ANSWERED, K.HUMAN), 2 + 3),
        (TO_THE_AGENT, None),
        ((*TO_THE_AGENT, K.AGENT_LOST), 4 + 13),
        ((*TO_THE_AGENT, K.TRANSFERRED), 4 + 13),
        ((K.ANSWERED, K.VOICEMAIL), 2 + 47),
        ((K.ANSWERED, K.VOICEMAIL, K.GREETING_OVER), 3 + 77),
        ((K.ANSWERED, K.HUNG_UP), None),
    ],
)
def test_every_state_has_its_own_limit_from_its_begin_on(
    kinds: tuple[CallEventKind, ...], deadline: float | None
) -> None:
    assert timed(*kinds).deadline_at == (None if deadline is None else at(deadline))


def test_a_call_begins_with_one_order() -> None:
    fresh = Call(uuid4(), 1, 1, 1, 1, "+34600001000", NOW, LIMITS, screened=True)
    call, effects = place(fresh, now=NOW)
    assert effects == (Effect.ORIGINATE,)
    assert (call.state, call.version, call.live, call.inbound) == (S.DIALING, 1, True, False)


def test_who_called_in_is_greeted_and_never_cut_off_for_waiting_long() -> None:
    """A day is for channels that somebody forgot, with an agent before or not."""
    call = who_called_in()
    assert (call.inbound, call.state, call.answered_at) == (True, S.SCREENING, NOW)
    assert call.deadline_at == at(30)
    day = 24 * 3600
    assert who_called_in(K.HUMAN).deadline_at == at(1 + day)
    assert who_called_in(K.HUMAN, K.BRIDGED, K.AGENT_LOST).deadline_at == at(3 + day)


def test_every_instant_is_kept_and_the_first_conversation_stays_the_first() -> None:
    call = timed(K.RINGING, K.ANSWERED, K.HUMAN, K.BRIDGED, K.AGENT_LOST)
    assert (call.ringing_at, call.answered_at, call.verdict_at) == (at(1), at(2), at(3))
    assert (call.connected_at, call.waiting_at, call.ended_at) == (at(4), at(5), None)
    again, _ = step(call, CallEvent(K.BRIDGED, agent_id=8), now=at(6))
    assert (again.connected_at, again.agent_id) == (at(4), 8)
    over, _ = step(again, CallEvent(K.HUNG_UP, cause=31), now=at(9))
    assert (over.ended_at, over.cause, over.live) == (at(9), 31, False)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (K.HUMAN, "human"),
        (K.UNSURE, "unsure"),
        (K.DEADLINE, "unsure"),
        (K.AUDIT, "audit"),
        (K.MACHINE, "machine"),
        (K.VOICEMAIL, "machine"),
        (K.HEARD, "tone"),
    ],
)
def test_what_ends_the_screening_is_the_verdict(kind: CallEventKind, word: str) -> None:
    call = timed(K.RINGING, K.ANSWERED, kind)
    assert (call.verdict, call.verdict_at) == (word, at(3))


@pytest.mark.parametrize("kinds", [(K.DEADLINE,), (K.RINGING, K.HEARD), (K.ANSWERED, K.HUNG_UP)])
def test_what_ends_anything_else_is_none(kinds: tuple[CallEventKind, ...]) -> None:
    call = timed(*kinds)
    assert (call.verdict, call.verdict_at) == ("", None)


def test_a_verdict_stays_whatever_is_heard_later() -> None:
    call = timed(K.ANSWERED, K.UNSURE, K.MACHINE)
    assert (call.verdict, call.verdict_at, call.outcome) == ("unsure", at(2), Outcome.MACHINE)


def test_the_last_reason_is_kept_until_there_is_another() -> None:
    call = after(a_call(), K.ANSWERED, reason="said the network")
    assert after(call, K.HUMAN).reason == "said the network"
    assert after(call, K.HUMAN, reason="said the detector").reason == "said the detector"


def test_what_is_wrong_is_said_with_the_call() -> None:
    call = a_call()
    with pytest.raises(IllegalEvent) as illegal:
        step(call, CallEvent(K.BRIDGED), now=NOW)
    assert str(illegal.value) == f"bridged in dialing of {call.id}"
    over = after(call, K.HUNG_UP)
    with pytest.raises(LateEvent) as late:
        step(over, CallEvent(K.ANSWERED), now=NOW)
    assert str(late.value) == f"answered after the end of {call.id}"


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        ((K.HUNG_UP,), Outcome.GAVE_UP),
        ((K.HUMAN, K.HUNG_UP), Outcome.GAVE_UP),
        ((K.HUMAN, K.DEADLINE), Outcome.UNSERVED),
        ((K.HUMAN, K.CALLBACK_TAKEN), Outcome.CALLBACK_TAKEN),
        ((K.HUMAN, K.VANISHED), Outcome.LOST),
        ((K.MACHINE,), Outcome.UNKNOWN),
        ((K.HUMAN, K.BRIDGED, K.HUNG_UP), Outcome.CONVERSATION),
        ((K.HUMAN, K.BRIDGED, K.AGENT_LOST, K.DEADLINE), Outcome.CONVERSATION),
    ],
)
def test_how_the_call_of_who_called_in_ends(kinds: tuple[CallEventKind, ...], outcome: Outcome) -> None:
    assert who_called_in(*kinds).outcome is outcome


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        ((K.DEADLINE,), Outcome.NO_ANSWER),
        ((K.RINGING, K.DEADLINE), Outcome.NO_ANSWER),
        ((K.CANCELLED,), Outcome.CANCELLED),
        ((K.RINGING, K.VANISHED), Outcome.LOST),
        ((K.ANSWERED, K.MACHINE), Outcome.MACHINE),
        ((K.ANSWERED, K.VOICEMAIL, K.HUNG_UP), Outcome.MACHINE),
        ((K.ANSWERED, K.VOICEMAIL, K.DEADLINE), Outcome.MACHINE),
        ((K.ANSWERED, K.VOICEMAIL, K.VANISHED), Outcome.LOST),
        ((K.ANSWERED, K.VOICEMAIL, K.GREETING_OVER, K.HUNG_UP), Outcome.MACHINE),
        ((K.ANSWERED, K.VOICEMAIL, K.GREETING_OVER, K.VANISHED), Outcome.LOST),
        ((K.ANSWERED, K.VOICEMAIL, K.GREETING_OVER, K.LEFT), Outcome.MESSAGE_LEFT),
        ((K.ANSWERED, K.HUMAN, K.MACHINE), Outcome.MACHINE),
        ((*TO_THE_AGENT, K.MACHINE), Outcome.MACHINE),
        ((*TO_THE_AGENT, K.VANISHED), Outcome.CONVERSATION),
        ((*TO_THE_AGENT, K.TRANSFERRED, K.DEADLINE), Outcome.CONVERSATION),
    ],
)
def test_how_a_call_of_ours_ends(kinds: tuple[CallEventKind, ...], outcome: Outcome) -> None:
    assert timed(*kinds).outcome is outcome


def test_an_agent_who_heard_nobody_had_no_conversation() -> None:
    assert after(timed(*TO_THE_AGENT), K.HUNG_UP, unheard=True).outcome is Outcome.ONE_WAY_AUDIO


def test_the_network_says_why_nobody_answered() -> None:
    assert after(timed(), K.HUNG_UP, cause=17).outcome is Outcome.BUSY
    assert after(timed(), K.REFUSED, cause=17, reason="SIP 410").outcome is Outcome.NUMBER_CHANGED
    assert after(timed(), K.REFUSED).outcome is Outcome.UNKNOWN
    assert after(timed(), K.HEARD, heard="fax").outcome is Outcome.FAX


@pytest.mark.parametrize("gone", [K.HUNG_UP, K.VANISHED])
@pytest.mark.parametrize(
    ("kinds", "second", "outcome"),
    [
        # Answered in the first second: early until 2.5, at the limit of screening and connection from 9 on.
        ((K.ANSWERED,), 2.499, None),
        ((K.ANSWERED,), 2.5, Outcome.UNSERVED),
        ((K.ANSWERED,), 8.999, Outcome.UNSERVED),
        ((K.ANSWERED,), 9.0, Outcome.ABANDONED),
        # Judged in the second one: three more to connect.
        ((K.ANSWERED, K.HUMAN), 4.999, Outcome.UNSERVED),
        ((K.ANSWERED, K.HUMAN), 5.0, Outcome.ABANDONED),
        # No person.
        ((K.ANSWERED, K.AUDIT), 60.0, None),
    ],
)
def test_who_answered_and_got_nobody_is_booked_by_how_long_they_waited(
    gone: CallEventKind, kinds: tuple[CallEventKind, ...], second: float, outcome: Outcome | None
) -> None:
    early = Outcome.LOST if gone is K.VANISHED else Outcome.HUNG_UP_EARLY
    assert after(timed(*kinds), gone, at=at(second)).outcome is (outcome or early)


@pytest.mark.parametrize(("screening", "connect"), [(5, 3), (3, 5)])
def test_where_the_law_counts_from_the_answer_the_longer_limit_holds(screening: int, connect: int) -> None:
    limits = replace(LIMITS, screening=screening, connect=connect, clock_start=ClockStart.ANSWERED)
    assert connect_limit(after(a_call(limits=limits), K.ANSWERED, at=at(1))) == at(1 + 5)


def test_whoever_is_judged_has_the_limit_of_the_wait() -> None:
    assert connect_limit(timed(K.ANSWERED, K.HUMAN)) == at(2 + 3)
    assert connect_limit(timed(K.ANSWERED)) == at(1 + 5 + 3)


NO_CODEC = {"cause": 58, "reason": "SIP 488"}


@pytest.mark.parametrize(
    ("kinds", "second", "outcome"),
    [
        ((), 1.0, Outcome.BARRED),
        ((K.RINGING,), 2.0, Outcome.NO_MEDIA),
        ((K.ANSWERED,), 2.0, Outcome.NO_MEDIA),
        ((K.ANSWERED, K.HUMAN), 2.2, Outcome.NO_MEDIA),
        (TO_THE_AGENT, 4.0, Outcome.NO_MEDIA),
        # Whatever failed, the law counts how long they waited; and what ends later was a conversation.
        ((K.ANSWERED, K.HUMAN), 3.0, Outcome.UNSERVED),
        ((K.ANSWERED, K.HUMAN), 5.0, Outcome.ABANDONED),
        (TO_THE_AGENT, 60.0, Outcome.CONVERSATION),
    ],
)
def test_answered_without_a_codec_in_common_is_no_conversation(
    kinds: tuple[CallEventKind, ...], second: float, outcome: Outcome
) -> None:
    assert after(timed(*kinds), K.HUNG_UP, at=at(second), **NO_CODEC).outcome is outcome


@pytest.mark.parametrize(
    ("cause", "words", "outcome"),
    [
        (58, "", Outcome.NO_MEDIA),
        (65, "", Outcome.NO_MEDIA),
        (88, "", Outcome.NO_MEDIA),
        (0, "SIP 606", Outcome.NO_MEDIA),
        (58, "SIP 503", Outcome.CONGESTION),
        (16, "SIP 480", Outcome.NO_ANSWER),
    ],
)
def test_what_says_that_there_is_no_codec_in_common(cause: int, words: str, outcome: Outcome) -> None:
    assert after(timed(K.RINGING), K.HUNG_UP, cause=cause, reason=words).outcome is outcome


def test_a_long_call_in_which_nothing_was_heard_and_that_ends_so_had_no_codec_either() -> None:
    talking = timed(*TO_THE_AGENT)
    assert after(talking, K.HUNG_UP, at=at(60), unheard=True, **NO_CODEC).outcome is Outcome.NO_MEDIA


# --- what the network broke ---------------------------------------------------------------------


def ended(outcome: Outcome | None, **more: object) -> Call:
    return replace(a_call(), outcome=outcome, **more)  # type: ignore[arg-type]  # a test names what it changes


GONE = CallEvent(K.HUNG_UP)


def test_a_call_that_never_reached_the_person_is_none_for_them() -> None:
    assert spared(ended(Outcome.CONGESTION), GONE)
    assert not spared(ended(Outcome.NO_ANSWER), GONE)


@pytest.mark.parametrize("heard", ["ringing_at", "answered_at"])
def test_what_rang_or_was_answered_is_a_call(heard: str) -> None:
    assert not spared(ended(Outcome.CONGESTION, **{heard: NOW}), GONE)


def test_of_whom_nobody_could_hear_anything_was_called_for_the_telephone_rang() -> None:
    assert not spared(ended(Outcome.NO_MEDIA, ringing_at=NOW, answered_at=NOW), GONE)


def test_what_was_never_sent_is_none_whatever_became_of_it() -> None:
    assert spared(ended(Outcome.CANCELLED, ringing_at=NOW), replace(GONE, unsent=True))


def test_a_call_that_goes_on_and_one_that_came_in_are_not_spared() -> None:
    unsent = replace(GONE, unsent=True)
    assert not spared(ended(None), unsent)
    came_in = arrive(replace(a_call(), screened=False), now=NOW)
    assert not spared(replace(came_in, outcome=Outcome.CONGESTION), unsent)
