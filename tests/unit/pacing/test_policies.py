"""Policies and the cap, as properties."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import FixedRatio, Floor, OnDemand, Policy, guarded
from pacing.guard import spare, wilson_upper
from tests.premises import premise
from tests.unit.pacing.floors import POLICIES, floors


@given(floors(), POLICIES)
def test_never_negative_and_never_past_a_limit(floor: Floor, policy: Policy) -> None:
    calls = guarded(policy, floor).calls
    assert 0 <= calls <= max(0, floor.limits.tokens)
    assert calls <= max(0, floor.limits.lines - floor.in_flight - floor.on_call.size)


@given(floors(), POLICIES)
def test_without_leads_nobody_is_called(floor: Floor, policy: Policy) -> None:
    assert guarded(policy, replace(floor, limits=replace(floor.limits, leads=False))).calls == 0


@given(floors(), POLICIES, st.integers(0, 10))
def test_never_past_what_those_who_share_agents_can_carry(floor: Floor, policy: Policy, room: int) -> None:
    decision = guarded(policy, replace(floor, limits=replace(floor.limits, joint=float(room))))
    assert decision.calls == min(room, guarded(policy, floor).calls)


@given(floors(), POLICIES)
def test_same_input_same_output_and_replayable(floor: Floor, policy: Policy) -> None:
    again = Floor.from_record(floor.as_record())
    assert guarded(policy, again) == guarded(policy, floor)


@given(floors(), st.floats(1, 4))
def test_an_empty_budget_means_one_call_for_one_agent(floor: Floor, ratio: float) -> None:
    if premise(spare(floor) <= 0):
        total = guarded(FixedRatio(ratio), floor).calls + floor.in_flight
        assert total <= max(floor.ready.size, floor.in_flight)


@given(floors(), POLICIES)
def test_more_idle_agents_never_mean_fewer_calls(floor: Floor, policy: Policy) -> None:
    more = replace(floor, ready=np.append(floor.ready, 0.0))
    assert guarded(policy, more).calls >= guarded(policy, floor).calls


@given(floors())
def test_on_demand_places_none(floor: Floor) -> None:
    assert guarded(OnDemand("preview"), floor).calls == 0


def test_wilson_bound_against_the_published_example() -> None:
    # Agresti & Coull 1998: 0 of 10, one-sided 95 %: z²/(n + z²).
    assert wilson_upper(0, 10) == pytest.approx(1.645**2 / (10 + 1.645**2))
    assert wilson_upper(0, 0) == 1.0
    assert math.isclose(wilson_upper(500, 1000), 0.526, abs_tol=0.001)
