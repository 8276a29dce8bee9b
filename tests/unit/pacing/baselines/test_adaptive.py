"""Issabel's, Webitel's and Unicom's rules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing.baselines import Issabel, Recent, Unicom, View, Webitel, over_dial


def talking(*seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(seconds, dtype=np.float64)


# --- Issabel ----------------------------------------------------------------------------------------------


def test_issabel_counts_agents_who_probably_finish_before_the_answer() -> None:
    """1 − exp(−(t + 12)/120) reaches 0.9 from t = 264.3 s on."""
    view = View(ready=1, on_call=talking(10, 264, 265, 900), handled=10, talk_mean=120, ring_mean=12)
    assert Issabel(0.9).calls(view) == 1 + 2


def test_issabel_takes_off_the_calls_there_are() -> None:
    view = View(ready=5, ringing=1, screening=1, waiting=1)
    assert Issabel().calls(view) == 2
    assert Issabel().calls(View(ready=2, ringing=5)) == 0


def test_issabel_knows_only_free_agents_before_ten_conversations() -> None:
    view = View(ready=1, on_call=talking(900), handled=9, talk_mean=120, ring_mean=12)
    assert Issabel(0.5).calls(view) == 1


@pytest.mark.parametrize(
    ("dialed", "answered", "calls"),
    [(9, 9, 3), (10, 5, 6), (100, 30, 10), (100, 20, 15), (100, 5, 15), (100, 0, 3)],
)
def test_issabel_divides_by_the_answer_share_but_not_below_a_fifth(
    dialed: int, answered: int, calls: int
) -> None:
    pacer = Issabel()
    pacer.calls(View())
    assert pacer.calls(View(now=60, ready=3, dialed=dialed, answered=answered)) == calls


def test_issabel_without_overcommit_calls_once_each() -> None:
    pacer = Issabel(overcommit=False)
    pacer.calls(View())
    assert pacer.calls(View(now=60, ready=3, dialed=100, answered=50)) == 3


# --- Webitel ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("abandoned", "over"),
    [
        (3.0, 1.0),
        (4.0, 1.0),
        (0.0, 5 * 1.2),
        (1.0, 5 * 1.1),
        (2.0, 5 * 1.099),
        (2.5, 1.0),  # 5 · (0.5/3)·1.1 is below one
        (2.1, 5 * 0.9 / 3 * 1.1),
    ],
)
def test_webitels_pieces(abandoned: float, over: float) -> None:
    assert over_dial(0.2, abandoned, target=2.0, maximum=3.0, load_factor=10) == pytest.approx(over)


def test_webitel_without_hits_dials_once_each() -> None:
    assert over_dial(0.0, 0.0, 2.0, 3.0, 10) == 1.0


def test_webitel_is_progressive_until_enough_calls_and_sets_anew_every_half_minute() -> None:
    pacer = Webitel(target=2.0, maximum=3.0)
    assert pacer.calls(View(now=0, ready=2)) == 2
    grown = View(now=10, ready=2, ringing=1, dialed=100, live=20)
    assert pacer.calls(grown) == 1
    grown.now = 30
    assert pacer.calls(grown) == 12 - 1
    grown.abandoned, grown.now = 20, 59
    assert pacer.calls(grown) == 11
    grown.now = 60
    assert pacer.calls(grown) == 1


# --- Unicom -----------------------------------------------------------------------------------------------


def test_unicom_asks_for_more_the_more_calls_fail() -> None:
    pacer = Unicom(150)
    assert pacer.calls(View(ready=2)) == 2
    assert pacer.calls(View(now=60, ready=2, ringing=3, dialed=100, live=25)) == 2 + 9 - 3


def test_unicom_is_progressive_above_the_maximum_of_the_day() -> None:
    pacer = Unicom(150)
    pacer.calls(View())
    assert pacer.calls(View(now=60, ready=2, dialed=100, live=25, abandoned=1)) == 2


# --- all --------------------------------------------------------------------------------------------------


def test_only_the_last_seconds_count() -> None:
    recent = Recent(600.0)
    assert [recent.growth(now, now * 2)[0] for now in (0.0, 300.0, 600.0, 900.0, 2000.0)] == [
        0,
        600,
        1200,
        1200,
        1100 * 2,
    ]
    assert recent.growth(2000.5, 4000.0) == (1100.0 * 2,)
    assert recent.growth(2700.0, 4000.0) == (0.0,)


@given(
    st.integers(0, 20),
    st.lists(st.floats(0, 3000), max_size=20),
    st.integers(0, 200),
    st.integers(0, 500),
    st.data(),
)
def test_never_fewer_than_none(
    ready: int, ages: list[float], ringing: int, dialed: int, data: st.DataObject
) -> None:
    live = data.draw(st.integers(0, dialed))
    abandoned = data.draw(st.integers(0, live))
    view = View(60, ready, talking(*ages), ringing=ringing, dialed=dialed, live=live, answered=live)
    view.abandoned, view.handled, view.talk_mean = abandoned, live - abandoned, 100.0
    for pacer in (Issabel(0.5), Webitel(), Unicom()):
        pacer.calls(View())
        assert pacer.calls(view) >= 0
        assert pacer.name
