"""A trunk that breaks calls rests, is tried, and comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.breaker import (
    FEWEST_FAILED,
    FEWEST_REFUSED,
    FIRST_REST,
    LAST_REST,
    LONGEST_WAIT,
    MEMORY,
    PROBE_LIMIT,
    TRANSITIONS,
    WINDOW,
    Breaker,
    Sign,
    TrunkEvent,
    TrunkState,
    asked_to_wait,
    dialled,
    looked,
    sign_of,
    told,
    unsaid,
)
from dialer.model.outcomes import Outcome
from tests.premises import premise

T0 = datetime(2026, 11, 30, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def after(breaker: Breaker, *signs: Sign | None, now: datetime = T0, words: str = "SIP 503") -> Breaker:
    """One call after the other, placed and told of at this instant."""
    for sign in signs:
        breaker = told(dialled(breaker, now), sign, words, placed_at=now, now=now)
    return breaker


def broken(now: datetime = T0) -> Breaker:
    return after(Breaker(), *[Sign.FAILED] * FEWEST_FAILED, now=now)


def test_the_table_leads_from_each_state_to_the_next_and_back() -> None:
    assert {state for state, _ in TRANSITIONS} == set(TrunkState) == set(TRANSITIONS.values())
    assert {event for _, event in TRANSITIONS} == set(TrunkEvent)


def test_five_failures_rest_a_trunk_and_four_do_not() -> None:
    four = after(Breaker(), *[Sign.FAILED] * 4)
    assert four.bears(T0)
    five = after(four, Sign.FAILED)
    assert not five.bears(T0)
    assert (five.state, five.until, five.why) == (TrunkState.OPEN, T0 + FIRST_REST, "SIP 503: 5 of 5")


@pytest.mark.parametrize(("through", "state"), [(5, TrunkState.OPEN), (6, TrunkState.CLOSED)])
def test_it_is_the_share_that_counts(through: int, state: TrunkState) -> None:
    assert after(Breaker(), *[Sign.THROUGH] * through, *[Sign.FAILED] * 5).state is state


def test_what_is_older_than_the_window_is_forgotten() -> None:
    old = after(Breaker(), *[Sign.FAILED] * 4)
    assert after(old, Sign.FAILED, now=T0 + WINDOW).bears(T0 + WINDOW)


def test_a_trunk_that_refuses_every_number_rests_and_a_bad_list_does_not() -> None:
    every = after(Breaker(), *[Sign.REFUSED] * (FEWEST_REFUSED - 1), words="SIP 404")
    assert every.bears(T0)
    every = after(every, Sign.REFUSED, words="SIP 404")
    assert (every.state, every.why) == (TrunkState.OPEN, "SIP 404: 20 of 20")
    bad_list = after(Breaker(), *([Sign.REFUSED] * 8 + [Sign.THROUGH] * 2) * 8)
    assert bad_list.bears(T0)


def test_after_its_rest_one_call_at_a_time_tries_it() -> None:
    breaker = broken()
    assert looked(breaker, at(9.9)) == breaker
    breaker = looked(breaker, at(10))
    assert (breaker.state, breaker.until) == (TrunkState.HALF_OPEN, None)
    assert breaker.bears(at(10))
    breaker = dialled(breaker, at(10))
    assert not breaker.bears(at(11))
    assert breaker.bears(at(10) + PROBE_LIMIT)


def test_the_call_that_gets_through_closes_it_and_all_is_forgotten() -> None:
    breaker = after(looked(broken(), at(10)), Sign.THROUGH, now=at(10))
    assert (breaker.state, breaker.why, breaker.rest) == (TrunkState.CLOSED, "", timedelta())
    assert after(breaker, *[Sign.FAILED] * 4, now=at(11)).bears(at(11))


@pytest.mark.parametrize("sign", [Sign.FAILED, Sign.REFUSED])
def test_each_try_in_vain_doubles_the_rest_until_ten_minutes(sign: Sign) -> None:
    breaker, now, rests = broken(), T0, []
    for _ in range(9):
        assert breaker.until is not None
        rests.append((breaker.until - now).total_seconds())
        now = breaker.until
        breaker = after(looked(breaker, now), sign, now=now)
    assert rests == [10, 20, 40, 80, 160, 320, 600, 600, 600]
    assert timedelta(seconds=rests[-1]) == LAST_REST


def test_a_try_that_came_to_nothing_makes_way_for_another() -> None:
    breaker = after(looked(broken(), at(10)), None, now=at(10))
    assert breaker.state is TrunkState.HALF_OPEN
    assert breaker.bears(at(10))


@pytest.mark.parametrize("sign", list(Sign))
def test_calls_placed_before_it_broke_say_nothing_of_how_it_is_now(sign: Sign) -> None:
    for breaker in (broken(at(5)), looked(broken(at(5)), at(15))):
        assert told(breaker, sign, "", placed_at=at(4), now=at(16)) == breaker


def test_retry_after_is_heeded_whether_it_comes_before_the_break_or_after() -> None:
    first = asked_to_wait(after(Breaker(), *[Sign.FAILED] * 4), timedelta(minutes=2), T0)
    assert first.bears(T0)
    assert after(first, Sign.FAILED).until == at(120)
    assert asked_to_wait(broken(), timedelta(minutes=2), T0).until == at(120)
    assert asked_to_wait(broken(), timedelta(seconds=1), T0).until == at(10)


def test_no_retry_after_ends_a_days_work() -> None:
    assert asked_to_wait(broken(), timedelta(days=30), T0).until == T0 + LONGEST_WAIT


@pytest.mark.parametrize(
    ("refused", "through", "normal"),
    [(0, 9, False), (1, 9, True), (5, 5, True), (6, 5, False), (11, 0, False)],
)
def test_a_refusal_is_believed_where_refusals_are_not_the_rule(
    refused: int, through: int, normal: bool
) -> None:
    breaker = after(Breaker(), *[Sign.THROUGH] * through, *[Sign.REFUSED] * refused)
    assert breaker.normal(T0) is normal


@pytest.mark.parametrize(
    ("signs", "believed"),
    [
        ("TTTTTTTTTR", True),
        ("TTTTTTTTTRR", True),
        ("TTTTTTTTTRRR", False),
        ("TTTTTTTTTRRFR", False),
        ("TTTTTTTTTRRTR", True),
        ("TTTTTTTTR", False),
    ],
)
def test_of_a_run_of_refusals_no_third_is_believed(signs: str, believed: bool) -> None:
    """What broke this minute looks like that, before the share of the hour shows it."""
    words = {"T": Sign.THROUGH, "R": Sign.REFUSED, "F": Sign.FAILED}
    breaker = after(Breaker(), *[words[sign] for sign in signs])
    assert breaker.believed(T0) is believed


def test_a_small_floor_knows_what_is_normal_by_the_calls_of_an_hour() -> None:
    breaker = Breaker()
    for minute in range(12):
        now = T0 + timedelta(minutes=5 * minute)
        breaker = after(breaker, Sign.REFUSED if minute == 11 else Sign.THROUGH, now=now)
    assert breaker.believed(now)
    assert not breaker.believed(now + MEMORY)
    assert breaker.counted(now) == {Sign.THROUGH: 0, Sign.REFUSED: 1, Sign.FAILED: 0}


def test_what_rings_and_is_refused_then_has_rung_nowhere() -> None:
    breaker = after(Breaker(), Sign.REFUSED, Sign.THROUGH, Sign.FAILED)
    assert [sign for _, sign in unsaid(breaker).signs] == [Sign.REFUSED, Sign.FAILED]
    assert unsaid(Breaker()) == Breaker()


def test_no_refusal_is_believed_of_a_trunk_that_is_being_tried() -> None:
    assert not replace(looked(broken(), at(10)), signs=((at(10), Sign.THROUGH),) * 20).normal(at(10))


@pytest.mark.parametrize(
    ("outcome", "sign"),
    [
        (Outcome.BUSY, Sign.THROUGH),
        (Outcome.DECLINED, Sign.THROUGH),
        (Outcome.UNWANTED, Sign.THROUGH),
        (Outcome.INTERCEPT, Sign.THROUGH),
        (Outcome.UNALLOCATED, Sign.REFUSED),
        (Outcome.NUMBER_CHANGED, Sign.REFUSED),
        (Outcome.CONGESTION, Sign.FAILED),
        (Outcome.CARRIER_FAILURE, Sign.FAILED),
        (Outcome.BARRED, Sign.FAILED),
        (Outcome.CALLER_BLOCKED, Sign.FAILED),
        (Outcome.CANCELLED, None),
        (Outcome.LOST, None),
        (Outcome.UNKNOWN, None),
    ],
)
def test_what_an_end_says_of_the_trunk(outcome: Outcome, sign: Sign | None) -> None:
    assert sign_of(outcome) is sign


STORIES = st.lists(
    st.tuples(st.sampled_from([Sign.FAILED, Sign.FAILED, Sign.REFUSED, Sign.THROUGH, None]), st.floats(0, 5)),
    min_size=20,
    max_size=120,
)


@given(STORIES)
def test_it_never_rests_for_ever_and_never_tries_with_two_calls(
    story: list[tuple[Sign | None, float]],
) -> None:
    breaker, now = Breaker(), T0
    for sign, pause in story:
        now += timedelta(seconds=pause)
        breaker = looked(breaker, now)
        if premise(not breaker.bears(now)):
            assert breaker.state is not TrunkState.CLOSED
            continue
        breaker = dialled(breaker, now)
        assert breaker.bears(now) == (breaker.state is TrunkState.CLOSED)
        breaker = told(breaker, sign, "", placed_at=now, now=now)
        if premise(breaker.state is TrunkState.OPEN):
            assert breaker.until is not None
            assert timedelta() < breaker.until - now <= LAST_REST
