"""When enough was heard: for whom every doubt is decided."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call_progress.decision import (
    EARLIEST_MACHINE,
    Cause,
    Estimate,
    Kind,
    Policy,
    decide,
    follow,
    unclear,
)
from tests.premises import premise

POLICY = Policy(threshold=0.9)


def seen(
    at: float, *, onset: float | None = 0.5, silence: float = 0.0, p: float = 0.5, **more: bool
) -> Estimate:
    return Estimate(at, onset, silence, p, **more)


def verdict(estimate: Estimate, policy: Policy = POLICY) -> tuple[Kind, Cause] | None:
    found = decide(estimate, policy)
    return (found.kind, found.cause) if found else None


def test_a_clear_greeting_is_a_person_after_a_short_silence() -> None:
    assert verdict(seen(1.6, silence=0.5, p=0.1)) is None
    assert verdict(seen(1.8, silence=0.68, p=0.1)) == (Kind.HUMAN, Cause.GREETING)


def test_a_greeting_in_doubt_is_waited_for_a_little_longer() -> None:
    assert verdict(seen(1.8, silence=0.68, p=0.6)) is None
    assert verdict(seen(2.4, silence=1.25, p=0.6)) == (Kind.HUMAN, Cause.WAITED)


def test_a_machine_must_be_certain_and_never_early() -> None:
    assert verdict(seen(0.5 + EARLIEST_MACHINE - 0.1, p=0.99)) is None
    assert verdict(seen(7.2, p=0.89)) is None
    assert verdict(seen(7.2, p=0.91)) == (Kind.MACHINE, Cause.TALKING)


def test_a_company_may_greet_for_six_seconds_and_stop() -> None:
    assert verdict(seen(5.9, p=0.99)) is None
    assert verdict(seen(6.4, silence=0.4, p=0.99)) is None
    assert verdict(seen(6.6, silence=1.25, p=0.99)) == (Kind.HUMAN, Cause.WAITED)


def test_unsure_means_human_at_the_limit() -> None:
    assert verdict(seen(POLICY.limit, p=0.89)) == (Kind.HUMAN, Cause.DEADLINE)


def test_dead_air_is_a_person_unless_tones_are_in_the_air() -> None:
    assert verdict(seen(2.9, onset=None)) is None
    assert verdict(seen(3.0, onset=None)) == (Kind.HUMAN, Cause.DEAD_AIR)
    assert verdict(seen(3.0, onset=None, toning=True)) is None
    assert verdict(seen(9.1, onset=None, toning=True)) == (Kind.HUMAN, Cause.DEAD_AIR)


def test_where_nobody_may_be_lost_nobody_is_a_machine() -> None:
    nobody = replace(POLICY, threshold=1.1)
    assert verdict(seen(5.0, p=1.0), nobody) is None
    assert follow(replace(seen(9.0, p=1.0), spoken=6.0, certain=3.0), nobody) is None


@pytest.mark.parametrize(
    ("estimate", "may"),
    [
        (seen(1.2, silence=0.45, p=0.3), True),
        (seen(1.2, silence=0.2, p=0.3), False),
        (seen(1.2, silence=0.45, p=0.8), False),
        (seen(1.6, onset=None), True),
        (seen(1.6, onset=None, toning=True), False),
        (seen(1.0, onset=None), False),
    ],
)
def test_what_an_idle_agent_may_have_at_once(estimate: Estimate, may: bool) -> None:
    assert unclear(estimate, POLICY) is may


def test_after_the_hand_over_only_who_never_lets_one_speak_is_a_machine() -> None:
    sure = replace(seen(7.0, p=0.995), spoken=4.5, certain=1.1)
    found = follow(sure, POLICY)
    assert found is not None
    assert (found.kind, found.cause) == (Kind.MACHINE, Cause.LATE)
    assert follow(replace(sure, yielded=True), POLICY) is None


def test_one_instant_of_certainty_takes_no_person_from_an_agent() -> None:
    sure = replace(seen(7.0, p=0.999), spoken=4.5, certain=1.1)
    assert follow(replace(sure, certain=0.5), POLICY) is None
    assert follow(replace(sure, spoken=3.0), POLICY) is None


@given(
    late=st.floats(0, 4),
    onset=st.none() | st.floats(0, 4),
    silence=st.floats(0, 4),
    p=st.floats(0, 1),
    toning=st.booleans(),
)
def test_every_call_is_decided_by_the_limit(
    late: float, onset: float | None, silence: float, p: float, toning: bool
) -> None:
    assert decide(Estimate(POLICY.limit + late, onset, silence, p, False, toning), POLICY) is not None


CERTAIN = st.tuples(
    st.integers(0, 200).map(lambda late: EARLIEST_MACHINE + late / 100), st.floats(POLICY.threshold, 1)
)
ANY = st.tuples(st.floats(0, 4), st.floats(0, 1))


def judged(onset: float, spoken: float, p: float, silence: float, toning: bool) -> tuple[bool, bool]:
    """Whether it was certain, and whether it was taken for a machine."""
    at = onset + spoken
    found = decide(Estimate(at, onset, silence, p, False, toning), POLICY)
    certain = p >= POLICY.threshold and at - onset >= EARLIEST_MACHINE and silence < POLICY.paused
    return certain, found is not None and found.kind is Kind.MACHINE


@given(onset=st.floats(0, 2), heard=ANY, silence=st.floats(0, 4), toning=st.booleans())
def test_machines_are_decided_only_by_certainty(
    onset: float, heard: tuple[float, float], silence: float, toning: bool
) -> None:
    certain, machine = judged(onset, *heard, silence, toning)
    assert machine == certain


@given(onset=st.floats(0, 2), heard=CERTAIN, silence=st.floats(0, 0.34), toning=st.booleans())
def test_certainty_decides_for_a_machine(
    onset: float, heard: tuple[float, float], silence: float, toning: bool
) -> None:
    certain, machine = judged(onset, *heard, silence, toning)
    assert machine == certain
    if premise(certain):
        assert machine


SILENT_FOR = st.integers(300, 800).map(lambda hundredths: hundredths / 100) | st.floats(0, 8)


@given(at=SILENT_FOR, silence=st.floats(0, 4), p=st.floats(0, 1))
def test_who_says_nothing_is_never_a_machine(at: float, silence: float, p: float) -> None:
    found = decide(Estimate(at, None, silence, p), POLICY)
    if premise(at >= POLICY.dead_air):
        assert found is not None
    assert (found and found.kind) in (None, Kind.HUMAN)
