"""Pacers with a fixed number."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pacing.baselines import PerIdle, PerLogged, Progressive, View


def busy(agents: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(agents, 30.0)


def test_progressive_calls_once_for_each_ready_agent() -> None:
    pacer = Progressive()
    assert pacer.calls(View(ready=5, ringing=1, screening=1, waiting=1)) == 2
    assert pacer.calls(View(ready=2, ringing=3)) == 0


def test_per_idle_calls_a_multiple() -> None:
    assert PerIdle(3.0).calls(View(ready=2, ringing=1)) == 5
    assert PerIdle(3.0).calls(View(ready=0, ringing=1, on_call=busy(5))) == 0


def test_the_fraction_is_carried_from_one_ready_agent_to_the_next() -> None:
    pacer = PerIdle(1.9)
    goals = []
    for _ in range(10):
        goals.append(pacer.calls(View(ready=1)))
        pacer.calls(View(ready=0))
    assert sorted(goals) == [1] + [2] * 9


def test_the_goal_holds_as_long_as_the_same_agents_wait() -> None:
    pacer = PerIdle(1.5)
    assert [pacer.calls(View(ready=1)) for _ in range(5)] == [1] * 5
    pacer.calls(View(ready=0))
    assert [pacer.calls(View(ready=1)) for _ in range(5)] == [2] * 5


def test_per_logged_keeps_lines_in_use() -> None:
    view = View(ready=1, on_call=busy(7), wrap_up=busy(2), paused=3, ringing=4)
    assert PerLogged(1.6).calls(view) == 16 - 7 - 4
    assert PerLogged(1.0).calls(view) == 0


def test_tables_tell_the_settings_apart() -> None:
    names = {pacer.name for pacer in (Progressive(), PerIdle(1.9), PerIdle(2.4), PerLogged(1.9))}
    assert names == {
        "progressive",
        "1.90 per idle agent",
        "2.40 per idle agent",
        "1.90 lines per logged-in agent",
    }


@given(st.floats(0, 20), st.integers(0, 30), st.integers(0, 30), st.integers(0, 300))
def test_never_fewer_than_none(ratio: float, ready: int, talking: int, ringing: int) -> None:
    view = View(ready=ready, on_call=busy(talking), ringing=ringing)
    assert all(pacer.calls(view) >= 0 for pacer in (Progressive(), PerIdle(ratio), PerLogged(ratio)))
