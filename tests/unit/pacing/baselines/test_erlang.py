"""Erlang's loss formula and the open-loop dialer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing.baselines import ErlangOpen, View, erlang_b, load_for


@pytest.mark.parametrize(
    ("servers", "load", "blocking"),
    [
        (0, 1.0, 1.0),
        (1, 1.0, 0.5),
        (2, 2.0, 0.4),  # (2²/2) / (1 + 2 + 2)
        (5, 1.875, 0.0300),
        (10, 5.0, 0.0184),
        (50, 41.933, 0.0300),
        (100, 84.06, 0.0100),
    ],
)
def test_the_loss_formula(servers: int, load: float, blocking: float) -> None:
    assert erlang_b(servers, load) == pytest.approx(blocking, abs=5e-5)


@given(st.integers(1, 300), st.floats(0.001, 0.9))
def test_the_load_is_the_inverse(servers: int, blocking: float) -> None:
    assert erlang_b(servers, load_for(servers, blocking)) == pytest.approx(blocking, rel=1e-5)


def test_nobody_can_be_offered_a_load() -> None:
    assert load_for(0, 0.03) == 0.0


def busy(agents: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(agents, 30.0)


def test_it_is_progressive_until_it_knows_the_campaign() -> None:
    assert ErlangOpen().calls(View(ready=5, ringing=2, handled=19, live=19, dialed=90)) == 3


def test_it_dials_at_a_rate_whoever_is_ready() -> None:
    """Two agents of five at work for 70 s a conversation; every fifth call finds a person."""
    pacer, view = ErlangOpen(), View(ready=3, on_call=busy(2))
    placed = 0
    for tick in range(7200 + 1):
        view.now = tick / 2
        view.handled = view.live = int(view.now / 35)
        view.dialed = 5 * view.live
        view.ready, view.on_call = (5, busy(0)) if tick % 2 else (1, busy(4))
        calls = pacer.calls(view)
        placed += calls if tick > 3600 else 0
    assert placed == pytest.approx(1800 * 1.875 / (0.2 * 70), rel=0.02)


def test_a_known_load_needs_no_learning_and_chance_comes_from_outside() -> None:
    asked = []

    def three(mean: float) -> int:
        asked.append(mean)
        return 3

    pacer = ErlangOpen(load=2.8, answer_share=0.2, handle_time=140.0, draw=three)
    assert pacer.calls(View(now=0.0, ready=5)) == 3
    assert pacer.calls(View(now=0.5, ready=5)) == 3
    assert asked == pytest.approx([0.0, 0.05])


def test_evenly_spread_calls_add_up() -> None:
    pacer = ErlangOpen(load=2.8, answer_share=0.2, handle_time=140.0)
    assert sum(pacer.calls(View(now=t / 2)) for t in range(201)) == 10


def test_its_name_says_target_or_load() -> None:
    assert ErlangOpen(0.03).name == "Erlang open loop at 3.0%"
    assert ErlangOpen(load=41.933).name == "Erlang open loop 41.933 E"
