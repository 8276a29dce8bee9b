"""The predictive policy as properties, over floors of every kind and models that learned much or little."""

from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import Decision, Floor, Model, Pace, Predictive, Window, decide
from pacing.predictive import balance, first_price, price_of
from tests.unit.pacing.worlds import LEARNERS, MODELS, PROPERTY, open_floor, watched_floors

PACES = st.builds(
    Pace,
    mode=st.just("predictive"),
    target=st.floats(0.0, 0.08),
    boost=st.sampled_from([0.5, 1.0, 2.0]),
    cancel=st.booleans(),
)
KNOWN = LEARNERS[3].model()
AT_THE_SWITCH = 1
"""One more call in the air may move a floor from the exact law of chances to the normal one beside it."""


def in_air(floor: Floor) -> int:
    return floor.in_flight + floor.on_call.size


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_never_negative_and_never_past_a_bound(pace: Pace, model: Model, floor: Floor) -> None:
    calls, limits = decide(pace, model, floor).calls, floor.limits
    assert calls >= 0
    if calls:
        assert limits.leads
        assert calls <= limits.tokens
        assert calls <= limits.joint
        assert in_air(floor) + calls <= limits.lines
        assert in_air(floor) + calls <= limits.calls_per_agent * floor.agents + 1e-6


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_one_more_idle_agent_never_means_fewer_calls(pace: Pace, model: Model, floor: Floor) -> None:
    more = replace(floor, ready=np.append(floor.ready, 0.0))
    assert decide(pace, model, more).calls >= decide(pace, model, floor).calls


@PROPERTY
@given(PACES, MODELS, watched_floors(), st.floats(0.0, 40.0))
def test_one_more_call_in_the_air_never_means_more_calls(
    pace: Pace, model: Model, floor: Floor, age: float
) -> None:
    odds = np.append(floor.ringing_odds, 1.0) if floor.ringing_odds.size else floor.ringing_odds
    rung = np.append(floor.rung, age) if floor.rung.size else floor.rung
    more = replace(floor, ringing=np.append(floor.ringing, age), ringing_odds=odds, rung=rung)
    assert decide(pace, model, more).calls <= decide(pace, model, floor).calls + AT_THE_SWITCH


@pytest.mark.parametrize("seed", range(40))
def test_the_switch_between_the_laws_of_chances_keeps_the_order(seed: int) -> None:
    """Floors about as large as those on which the exact law gives way to the normal one."""
    draw = np.random.default_rng(seed)
    agents = int(draw.integers(12, 45))
    ready = int(draw.binomial(agents, 0.15))
    said = {"answer_cv": float(draw.choice([0.05, 0.1, 0.3])), "free_cv": 0.05, "log_price": -3.2}
    floor = replace(
        open_floor(ready=ready, on_call=agents - ready, ringing=int(draw.integers(0, agents))), trim=said
    )
    calls = Predictive(KNOWN, 0.03).decide(floor).calls
    idler = replace(floor, ready=np.append(floor.ready, 0.0))
    freed = replace(idler, on_call=floor.on_call[:-1])
    fuller = replace(floor, ringing=np.append(floor.ringing, 3.0))
    assert Predictive(KNOWN, 0.03).decide(idler).calls >= calls
    assert Predictive(KNOWN, 0.03).decide(freed).calls >= calls
    assert Predictive(KNOWN, 0.03).decide(fuller).calls <= calls + AT_THE_SWITCH


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_at_least_progressive_within_the_bounds(pace: Pace, model: Model, floor: Floor) -> None:
    progressive = decide(replace(pace, mode="progressive"), model, floor)
    assert decide(pace, model, floor).calls >= progressive.calls


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_the_same_floor_decides_the_same(pace: Pace, model: Model, floor: Floor) -> None:
    assert decide(pace, model, floor) == decide(pace, model, floor)


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_a_record_decides_as_what_it_records(pace: Pace, model: Model, floor: Floor) -> None:
    written = orjson.loads(orjson.dumps([pace.as_record(), model.as_record(), floor.as_record()]))
    read = decide(Pace(**written[0]), Model.from_record(written[1]), Floor.from_record(written[2]))
    assert read == decide(pace, model, floor)


@PROPERTY
@given(st.sampled_from(["manual", "preview"]), MODELS, watched_floors())
def test_agents_who_start_the_calls_get_none_started_for_them(mode: str, model: Model, floor: Floor) -> None:
    assert decide(Pace(mode=mode), model, floor).calls == 0


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_pause_means_zero(pace: Pace, model: Model, floor: Floor) -> None:
    """A paused campaign has no lead to call."""
    assert decide(pace, model, replace(floor, limits=replace(floor.limits, leads=False))).calls == 0


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_only_calls_that_rang_long_enough_are_given_up_and_none_while_some_are_placed(
    pace: Pace, model: Model, floor: Floor
) -> None:
    found = decide(pace, model, floor)
    assert len(set(found.cancel)) == len(found.cancel)
    for place in found.cancel:
        assert 0 <= place < floor.ringing.size
        assert floor.rung[place] >= floor.limits.minimum_ring
    if not pace.cancel or found.calls:
        assert found.cancel == ()


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_a_forecast_is_a_chance_and_counts_of_people(pace: Pace, model: Model, floor: Floor) -> None:
    forecast = decide(pace, model, floor).forecast
    assert forecast is not None
    assert 0.0 <= forecast.abandon_chance <= 1.0
    assert 0.0 < forecast.price <= 0.3
    assert forecast.live_soon >= 0.0
    assert -1e-6 <= forecast.free_soon <= floor.on_call.size + floor.wrap_up.size


@given(st.floats(0.001, 0.03), st.integers(0, 3000), st.integers(0, 90))
def test_the_price_falls_with_what_is_left(aim: float, live: int, abandoned: int) -> None:
    def price(bad: int) -> float:
        return price_of(open_floor(windows=(Window("day", 0.03, live=live, abandoned=bad),)), aim)

    assert price(abandoned + 1) <= price(abandoned)


@given(st.floats(0.0, 0.05), st.floats(0.0, 0.05))
def test_a_higher_aim_never_means_a_lower_price(one: float, other: float) -> None:
    low, high = sorted((one, other))
    floor = open_floor(windows=(Window("day", 0.03, live=500, abandoned=10),))
    assert price_of(floor, low) <= price_of(floor, high)


def test_a_window_with_nothing_left_pulls_as_hard_as_it_may() -> None:
    spent = (Window("day", 0.03, live=1000, abandoned=60),)
    assert balance(spent, 0.03) < balance((Window("day", 0.03, live=1000, abandoned=20),), 0.03) - 3
    assert balance((), 0.03) == 0.0


def test_an_aim_of_nothing_has_a_price_near_nothing() -> None:
    assert first_price(0.0) == first_price(1e-3)
    quiet = open_floor(ready=1, on_call=14, windows=(Window("day", 0.03, live=1000, abandoned=0),))
    few = Predictive(KNOWN, 0.0).decide(quiet).calls
    assert few <= Predictive(KNOWN, 0.03).decide(quiet).calls
    assert few >= 1


def test_a_call_that_no_agent_will_answer_is_given_up_after_the_minimum_ring() -> None:
    hopeless = open_floor(on_call=2, ringing=30, rung=np.full(30, 16.0))
    found = Predictive(KNOWN, 0.03).decide(hopeless)
    assert found.cancel
    assert found.calls == 0
    young = replace(hopeless, rung=np.full(30, 14.9))
    assert Predictive(KNOWN, 0.03).decide(young).cancel == ()


def test_likelier_leads_take_fewer_calls() -> None:
    floor = open_floor(ready=2, on_call=10)

    def calls(odds: float) -> int:
        return Predictive(KNOWN, 0.03).decide(replace(floor, next_odds=np.full(64, odds))).calls

    assert calls(3.0) < calls(1.0) < calls(0.3)


@pytest.mark.parametrize("agents", [5, 15, 50, 200])
def test_doubt_makes_cautious(agents: int) -> None:
    floor = open_floor(ready=1, on_call=agents - 1)
    sure: Decision = Predictive(KNOWN, 0.03).decide(floor)
    unsure = Predictive(KNOWN, 0.03).decide(replace(floor, trim={"answer_cv": 0.6, "free_cv": 0.3}))
    assert unsure.calls <= sure.calls
