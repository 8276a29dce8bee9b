"""The predictive policy as properties, over floors of every kind and models that learned much or little."""

import math
from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import Bound, Decision, Floor, Model, Pace, Predictive, Window, decide
from pacing.predictive import SHARED, balance, first_price, price_of, shared_price
from tests.premises import premise
from tests.unit.pacing.worlds import LEARNERS, MODELS, PROPERTY, open_floor, roomy_floors, watched_floors

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
    assert 0 <= calls <= (limits.tokens if limits.leads else 0)
    assert calls <= limits.joint
    assert calls <= max(0, limits.lines - in_air(floor))
    assert calls <= max(0.0, limits.calls_per_agent * floor.agents + 1e-6 - in_air(floor))


@PROPERTY
@given(PACES, MODELS, roomy_floors(), st.integers(0, 9), st.integers(0, 9))
def test_a_bound_that_binds_is_reached_and_not_passed(
    pace: Pace, model: Model, floor: Floor, tokens: int, free: int
) -> None:
    limits = replace(floor.limits, tokens=tokens, lines=in_air(floor) + free)
    calls = decide(pace, model, replace(floor, limits=limits)).calls
    if premise(decide(pace, model, floor).calls >= min(tokens, free)):
        assert calls == min(tokens, free)


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
def test_none_is_given_up_while_some_are_placed(pace: Pace, model: Model, floor: Floor) -> None:
    found = decide(pace, model, floor)
    assert not (found.cancel and (found.calls or not pace.cancel))


@PROPERTY
@given(PACES, MODELS, watched_floors(), st.floats(2.0, 12.0))
def test_only_calls_that_rang_long_enough_are_given_up(
    pace: Pace, model: Model, floor: Floor, shortest: float
) -> None:
    crowded = replace(
        floor,
        ready=np.zeros(0),
        ringing=np.linspace(0.0, 30.0, 25),
        rung=np.linspace(0.0, 25.0, 25),
        ringing_odds=np.zeros(0),
        limits=replace(floor.limits, minimum_ring=shortest),
    )
    found = decide(replace(pace, cancel=True), model, crowded)
    assert len(set(found.cancel)) == len(found.cancel)
    if premise(found.cancel):
        assert all(0 <= place < crowded.ringing.size for place in found.cancel)
        assert min(crowded.rung[list(found.cancel)]) >= shortest


@PROPERTY
@given(PACES, MODELS, watched_floors())
def test_a_forecast_is_a_chance_and_counts_of_people(pace: Pace, model: Model, floor: Floor) -> None:
    forecast = decide(pace, model, floor).forecast
    assert forecast is not None
    assert 0.0 <= forecast.abandon_chance <= 1.0
    assert 0.0 < forecast.price <= 0.3
    assert forecast.live_soon >= 0.0
    assert -1e-6 <= forecast.free_soon <= floor.on_call.size + floor.wrap_up.size


def test_a_decision_that_a_limit_cut_forecasts_the_calls_that_are_left() -> None:
    floor = open_floor(
        ready=10, windows=(Window("day", 0.03, live=1000, abandoned=0),), dialed=5000, live_answers=900
    )
    whole = decide(Pace(), KNOWN, floor)
    cut = decide(Pace(), KNOWN, replace(floor, limits=replace(floor.limits, tokens=2)))
    assert whole.forecast is not None
    assert cut.forecast is not None
    assert (cut.calls, cut.held_by) == (2, Bound.PER_SECOND)
    assert cut.forecast.live_soon < whole.forecast.live_soon
    assert cut.forecast.abandon_chance < whole.forecast.abandon_chance


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


def spared(live: float, lost: float, **trim: float) -> Floor:
    return open_floor(ready=2, windows=(Window("day", 0.03, live=live, abandoned=lost),), trim=trim)


def test_campaigns_that_share_agents_have_one_price_between_their_own() -> None:
    """One has 20 to spare against the aim, the other lacks 4: alone they would differ by a factor of nine."""
    rich, poor = spared(2000, 10, log_price=-3.0), spared(2000, 54, log_price=-3.5)
    one = shared_price([(rich, 0.025), (poor, 0.025)])
    own = [math.log(price_of(floor, 0.025)) for floor in (rich, poor)]
    assert own[1] < one < own[0]
    for floor in (rich, poor):
        together = replace(floor, trim={**floor.trim, SHARED: one})
        assert math.log(price_of(together, 0.025)) == pytest.approx(one)


def test_the_shared_price_of_one_is_its_own() -> None:
    for floor in (spared(2000, 10, log_price=-3.0), spared(400, 11), spared(0, 0), spared(100, 9)):
        own = min(0.3, math.exp(shared_price([(floor, 0.025)])))
        assert own == pytest.approx(price_of(floor, 0.025))


def test_the_smallest_margin_holds_all_who_share() -> None:
    """Half a person before the limit of one: the price of both falls to a twelfth or less."""
    calm, near = spared(2000, 30), spared(100, 2.5)
    apart = shared_price([(calm, 0.025), (spared(2000, 30), 0.025)])
    assert shared_price([(calm, 0.025), (near, 0.025)]) < apart - math.log(6)
