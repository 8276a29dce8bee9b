"""The forecast of a setting: sane, reproducible, and near to what the same world does."""

import pytest

from pacing import Pace
from pacing.floor import Window
from pacing.simulator import Bounds, Standing, whatif
from pacing.simulator.whatif import Outlook, world_of
from tests.unit.pacing.worlds import LEARNERS

MODEL = LEARNERS[3].model()


def outlook(pace: Pace, bounds: Bounds | None = None, agents: int = 5, seed: int = 1) -> Outlook:
    return whatif(
        MODEL.as_record(),
        pace,
        agents=agents,
        bounds=bounds or Bounds(),
        seed=seed,
        minutes=4.0,
        replications=2,
    )


def test_the_same_question_gets_the_same_answer() -> None:
    pace = Pace(mode="power", calls_per_agent=2.0)
    assert outlook(pace) == outlook(pace)
    assert outlook(pace) != outlook(pace, seed=9)


def test_progressive_abandons_nobody_and_predictive_idles_less() -> None:
    careful, ours = outlook(Pace(mode="progressive")), outlook(Pace())
    assert ours == outlook(Pace())
    assert careful.abandonment == careful.abandonment_pm == 0.0
    assert ours.idle_seconds < careful.idle_seconds
    assert ours.occupancy > careful.occupancy
    assert ours.calls_per_minute > careful.calls_per_minute


def test_it_begins_where_the_campaign_stands() -> None:
    def on_a_day_of(live: int, abandoned: int) -> Outlook:
        day = Standing((Window("calendar_day", 0.03, live, abandoned),), settled=5 * live, settled_live=live)
        return outlook(Pace(), Bounds(standing=day), agents=12)

    cold, warm, spent = on_a_day_of(0, 0), on_a_day_of(2000, 20), on_a_day_of(2000, 70)
    assert 0.0 == spent.abandonment == cold.abandonment < warm.abandonment
    assert spent.occupancy <= cold.occupancy < warm.occupancy
    assert spent.calls_per_minute < warm.calls_per_minute


def test_a_stricter_limit_than_the_windows_holds() -> None:
    day = Standing((Window("rolling_30d", 0.03, 2000, 30),), settled=10_000, settled_live=2000)
    free, held = (outlook(Pace(), Bounds(limit=limit, standing=day), agents=12) for limit in (0.03, 0.01))
    assert held.abandonment == 0.0 < free.abandonment


def test_a_limit_that_is_raised_goes_up_where_it_held_and_nowhere_else() -> None:
    day = Standing((Window("calendar_day", 0.01, 2000, 15), Window("rolling_30d", 0.02, 2000, 15)))
    raised = day.bounded(0.03, present=0.01)
    assert [window.limit for window in raised.windows] == [0.03, 0.02]
    assert [window.limit for window in day.bounded(0.03).windows] == [0.01, 0.02]


def test_intervals_are_sane() -> None:
    found = outlook(Pace(mode="power", calls_per_agent=3.0))
    assert 0.0 <= found.abandonment <= 1.0
    assert 0.0 < found.occupancy_pm < 2.0
    assert 0.0 < found.idle_pm < 20 * found.idle_seconds
    assert found.live_per_hour > 0


def test_bounds_hold() -> None:
    tight = outlook(Pace(mode="power", calls_per_agent=6.0), Bounds(calls_per_agent=1.25))
    assert tight.lines_p95 <= 6.25
    slow = outlook(Pace(mode="power", calls_per_agent=6.0), Bounds(cps=0.1))
    assert slow.calls_per_minute <= 6.5


def test_without_a_model_it_expects_what_a_new_campaign_would() -> None:
    found = whatif(None, Pace(), agents=3, bounds=Bounds(), minutes=1.0, replications=1)
    assert 0.1 < found.occupancy < 1.0


def test_the_world_of_a_model_has_its_shares() -> None:
    seen, world = MODEL.summary(), world_of(MODEL)
    assert world.human.at(0.0) == pytest.approx(seen["human_share"])
    machines = world.machine * (1 - seen["human_share"]) / 0.82
    assert seen["human_share"] + machines == pytest.approx(seen["answer_rate"], abs=0.01)
