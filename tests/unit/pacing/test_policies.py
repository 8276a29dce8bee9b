"""Policies and the cap, as properties."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import FixedRatio, Floor, Limits, Policy, Progressive, allowed_excess, guarded
from pacing.guard import wilson_upper

COUNT = st.integers(0, 40)


@st.composite
def floors(draw: st.DrawFn) -> Floor:
    live = draw(st.integers(0, 2000))
    limits = Limits(
        max_abandonment=draw(st.floats(0, 0.1)),
        lines=draw(st.integers(0, 100)),
        tokens=draw(st.integers(0, 50)),
        leads=draw(st.booleans()),
    )
    ages = [np.asarray(draw(st.lists(st.floats(0, 60), max_size=20))) for _ in range(7)]
    ready, on_call, wrap_up, dialing, ringing, screening, waiting = ages
    return Floor(
        ready,
        on_call,
        wrap_up,
        dialing,
        ringing,
        screening,
        waiting,
        limits,
        dialed=live * 3,
        live_answers=live,
        abandoned=draw(st.integers(0, 60)),
    )


POLICIES = st.one_of(st.just(Progressive()), st.floats(1, 4).map(FixedRatio))


@given(floors(), POLICIES)
def test_never_negative_and_never_past_a_limit(floor: Floor, policy: Policy) -> None:
    calls = guarded(policy, floor).calls
    assert 0 <= calls <= max(0, floor.limits.tokens)
    assert calls <= max(0, floor.limits.lines - floor.in_flight - floor.on_call.size)
    assert floor.limits.leads or calls == 0


@given(floors(), POLICIES)
def test_same_input_same_output_and_replayable(floor: Floor, policy: Policy) -> None:
    again = Floor.from_record(floor.as_record())
    assert guarded(policy, again) == guarded(policy, floor)


@given(floors(), st.floats(1, 4))
def test_an_empty_budget_means_one_call_for_one_agent(floor: Floor, ratio: float) -> None:
    if floor.abandoned >= floor.limits.max_abandonment * floor.live_answers:
        assert allowed_excess(floor) == 0
        total = guarded(FixedRatio(ratio), floor).calls + floor.in_flight
        assert total <= max(floor.ready.size, floor.in_flight)


@given(floors(), POLICIES)
def test_more_idle_agents_never_mean_fewer_calls(floor: Floor, policy: Policy) -> None:
    more = replace(floor, ready=np.append(floor.ready, 0.0))
    assert guarded(policy, more).calls >= guarded(policy, floor).calls


def test_wilson_bound_against_the_published_example() -> None:
    # Agresti & Coull 1998: 0 of 10, one-sided 95 %: z²/(n + z²).
    assert wilson_upper(0, 10) == pytest.approx(1.645**2 / (10 + 1.645**2))
    assert wilson_upper(0, 0) == 1.0
    assert math.isclose(wilson_upper(500, 1000), 0.526, abs_tol=0.001)
