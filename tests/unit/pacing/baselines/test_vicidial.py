"""VICIdial's rules: the level, the guards, the three loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing.baselines import Drops, Sample, Settings, Vicidial, View, calls_wanted, next_level
from pacing.baselines.vicidial import Method, hhmm

CALM = Drops()
DEFAULTS = Settings()
OVER = Drops(calls_today=400, share_today=0.034)
BAD_MINUTE = Drops(calls_minute=30, drops_minute=17)


def level_after(
    level: float,
    ready: float,
    waiting: float,
    drops: Drops = CALM,
    settings: Settings = DEFAULTS,
    clock: int = 1000,
) -> float:
    return next_level(level, Sample(ready, waiting, 20), drops, settings, clock)


def on_call(agents: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(agents, 30.0)


def launches(pacer: Vicidial, view: View, until: float) -> dict[float, int]:
    """Calls by second, of a floor that never changes; calls in flight vanish."""
    found = {}
    for tick in range(int(until * 2) + 1):
        view.now = tick / 2
        if calls := pacer.calls(view):
            found[view.now] = calls
    return found


@pytest.mark.parametrize(
    ("level", "ready", "waiting", "settings", "new"),
    [
        (1.0, 5, 0, DEFAULTS, 1.25),
        (2.0, 1, 3, DEFAULTS, 1.8),
        (2.0, 1, 3, Settings(intensity=40), 1.88),
        (2.0, 1, 3, Settings(intensity=-40), 1.72),
        (2.0, 5, 0, Settings(intensity=40), 2.7),
        (2.0, 5, 0, Settings(intensity=-40), 2.3),
        (2.0, 1, 0, Settings(diff_target=-1), 2.0),
        (2.8, 4, 0, DEFAULTS, 3.0),
    ],
)
def test_the_level_follows_idle_agents_less_waiting_callers(
    level: float, ready: int, waiting: int, settings: Settings, new: float
) -> None:
    assert level_after(level, ready, waiting, CALM, settings) == pytest.approx(new)


@pytest.mark.parametrize(
    ("method", "clock", "new"),
    [
        ("HARD_LIMIT", 1000, 1.0),
        ("AVERAGE", 1000, 1.5),
        ("TAPERED", 1000, 3.0),
        ("TAPERED", 1530, 1.71),
        ("TAPERED", 2115, 1.0),
    ],
)
def test_over_the_limit_of_the_day(method: Method, clock: int, new: float) -> None:
    assert level_after(2.8, 4, 0, OVER, Settings(method), clock) == pytest.approx(new)


@pytest.mark.parametrize(
    "drops",
    [Drops(calls_today=50, share_today=0.9), Drops(calls_today=400, share_today=0.03)],
    ids=["fifty calls are too few", "the limit itself is allowed"],
)
def test_the_day_is_not_guarded_yet(drops: Drops) -> None:
    assert level_after(2.8, 4, 0, drops) == 3.0


def test_a_minute_of_drops_halves_the_level() -> None:
    assert level_after(2.8, 4, 0, BAD_MINUTE) == 1.5


@pytest.mark.parametrize(
    "drops", [Drops(calls_minute=20, drops_minute=20), Drops(calls_minute=30, drops_minute=15)]
)
def test_a_quiet_minute_does_not(drops: Drops) -> None:
    assert level_after(2.8, 4, 0, drops) == 3.0


def test_both_guards_never_go_below_one() -> None:
    both = Drops(400, 0.5, 30, 30)
    assert level_after(1.2, 0, 4, both, Settings("AVERAGE")) == 1.0


def test_nobody_logged_in_freezes_the_level() -> None:
    assert next_level(2.345, Sample(0, 3, 0), OVER, Settings(), 1000) == 2.345


def test_the_column_cuts_what_is_too_long() -> None:
    assert level_after(2.5, 2, 0, OVER, Settings("TAPERED"), 1577) == 1.4382  # 2.75 × 0.523 = 1.43825


@pytest.mark.parametrize(("seconds", "clock"), [(0, 0), (36000, 1000), (55800, 1530), (76500, 2115)])
def test_the_clock_is_read_as_a_number(seconds: float, clock: int) -> None:
    assert hhmm(seconds) == clock


@pytest.mark.parametrize(
    ("level", "ready", "talking", "in_flight", "available_only", "calls"),
    [
        (2.5, 5, 0, 0, False, 12),  # 12.5 goes to the even neighbour
        (2.5, 3, 0, 0, False, 8),  # 7.5 as well
        (2.0, 2, 8, 5, False, 7),  # 2·10 − 8 − 5
        (2.0, 2, 8, 1, True, 3),  # 2·2 − 1: who talks does not count
        (1.0, 0, 8, 0, False, 0),
        (1.0, 2, 8, 6, False, 0),
    ],
)
def test_calls_of_one_turn(
    level: float, ready: int, talking: int, in_flight: int, available_only: bool, calls: int
) -> None:
    view = View(ready=ready, on_call=on_call(talking), ringing=in_flight)
    assert calls_wanted(level, view, available_only) == calls


def test_waiting_and_screened_calls_count_as_calls() -> None:
    assert calls_wanted(1.0, View(ready=5, ringing=1, screening=1, waiting=1), False) == 2


def test_agents_in_wrap_up_or_on_a_break_are_not_dialled_for() -> None:
    assert calls_wanted(3.0, View(ready=1, wrap_up=on_call(7), paused=4), False) == 3


def test_the_level_is_set_every_fifteen_seconds_from_every_agent_logged_in() -> None:
    pacer, view = Vicidial(), View(ready=5, on_call=on_call(5), wrap_up=on_call(4), paused=6)
    launches(pacer, view, 14.5)
    assert pacer.level == 1.0
    view.now = 15.0
    pacer.calls(view)
    assert pacer.level == 1.25
    view.now = 29.5
    pacer.calls(view)
    assert pacer.level == 1.25


def test_the_drops_stay_those_of_the_last_full_minute() -> None:
    pacer, view = Vicidial(Settings(max_level=8.0), level=4.0), View(ready=0, on_call=on_call(20))
    pacer.calls(view)
    view.dialed, view.live, view.abandoned = 100, 30, 3
    launches(pacer, view, 45)
    assert (pacer.drops, pacer.level) == (Drops(), 4.0)
    view.now = 60.0
    pacer.calls(view)
    assert pacer.drops == Drops(100, 0.1, 100, 3)
    assert pacer.level == 1.0
    view.dialed, view.live = 140, 130
    view.now = 120.0
    pacer.calls(view)
    assert pacer.drops == Drops(140, 3 / 130, 40, 0)


def test_calls_are_launched_one_by_one_and_the_loop_turns_after_the_last() -> None:
    pacer = Vicidial()
    found = launches(pacer, View(ready=5), 8)
    assert found == {0.0: 1, 0.5: 2, 1.0: 2, 3.5: 1, 4.0: 2, 4.5: 2, 7.0: 1, 7.5: 2, 8.0: 2}


def test_more_servers_launch_faster() -> None:
    assert launches(Vicidial(Settings(cps=50)), View(ready=20), 2) == {0.0: 1, 0.5: 19}


def test_without_work_the_loop_turns_every_two_and_a_half_seconds() -> None:
    pacer, view = Vicidial(), View(ready=0)
    launches(pacer, view, 2)
    view.ready = 1
    assert launches(pacer, view, 2) == {}
    view.now = 2.5
    assert pacer.calls(view) == 1


def test_the_name_says_the_settings() -> None:
    assert Vicidial().name == "VICIdial HARD_LIMIT, default tally, max 3"
    assert Vicidial(Settings("TAPERED", True, 4.5)).name == "VICIdial TAPERED, available only, max 4.5"


@given(
    st.floats(1, 9),
    st.floats(0, 50),
    st.floats(0, 50),
    st.builds(Drops, st.integers(0, 99), st.floats(0, 1), st.integers(0, 99), st.integers(0, 99)),
    st.sampled_from(["HARD_LIMIT", "AVERAGE", "TAPERED"]),
    st.integers(0, 2359),
)
def test_the_level_stays_between_one_and_its_maximum(
    level: float, ready: float, waiting: float, drops: Drops, method: Method, clock: int
) -> None:
    new = level_after(level, ready, waiting, drops, Settings(method, max_level=4.0), clock)
    assert 1.0 <= new <= 4.0
