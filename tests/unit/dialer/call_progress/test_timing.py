"""Bursts and pauses of what is heard, and the features made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call_progress.timing import BRIDGED, NAMES, WINDOW, Timing, named


def spoken(*stretches: tuple[float, float]) -> Timing:
    """(seconds, probability of speech) one after the other."""
    timing = Timing()
    for seconds, p in stretches:
        for _ in range(round(seconds / WINDOW)):
            timing.hear(p, -20.0 if p > 0.5 else -60.0)
    return timing


def feature(timing: Timing, name: str) -> float:
    return named(timing.vector())[name]


def test_nobody_has_spoken() -> None:
    quiet = spoken((2.0, 0.05))
    assert quiet.onset is None
    assert quiet.silence == pytest.approx(2.0, abs=WINDOW)
    assert not quiet.vector().any()


def test_a_word_and_a_wait() -> None:
    hello = spoken((0.5, 0.1), (0.6, 0.9), (0.8, 0.1))
    assert hello.onset == pytest.approx(0.5, abs=WINDOW)
    assert feature(hello, "first_burst") == pytest.approx(0.6, abs=WINDOW)
    assert feature(hello, "silence") == pytest.approx(0.8, abs=WINDOW)
    assert feature(hello, "first_pause") == pytest.approx(0.8, abs=WINDOW)
    assert feature(hello, "bursts") == 1


def test_a_sentence_with_a_breath_is_two_bursts_and_with_a_stop_consonant_one() -> None:
    breath = spoken((1.0, 0.9), (0.3, 0.1), (1.0, 0.9))
    stop = spoken((1.0, 0.9), (BRIDGED - WINDOW, 0.1), (1.0, 0.9))
    assert (feature(breath, "bursts"), feature(stop, "bursts")) == (2, 1)
    assert feature(breath, "longest_pause") == pytest.approx(0.3, abs=2 * WINDOW)


def test_a_click_is_no_speech() -> None:
    click = spoken((0.5, 0.1), (0.064, 0.9), (0.5, 0.1))
    assert click.onset is None
    word = spoken((0.5, 0.1), (0.064, 0.9), (0.5, 0.1), (0.5, 0.9))
    assert word.onset == pytest.approx(1.06, abs=2 * WINDOW)


def test_speech_in_doubt_goes_on_but_does_not_begin() -> None:
    assert spoken((1.0, 0.45)).onset is None
    assert spoken((0.3, 0.9), (1.0, 0.45)).silence == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-90, 0)), max_size=400))
def test_features_are_bounded_whatever_is_heard(windows: list[tuple[float, float]]) -> None:
    timing = Timing()
    for p, level in windows:
        timing.hear(p, level)
        vector = timing.vector()
        assert vector.shape == (len(NAMES),)
        assert np.isfinite(vector).all()
        assert (np.abs(vector) <= 100).all()
    assert timing.spoken <= timing.at + 1e-9
    assert 0 <= timing.silence <= timing.at + 1e-9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_bursts_are_in_order_and_apart(probabilities: list[float]) -> None:
    timing = Timing()
    for p in probabilities:
        timing.hear(p, -30.0)
    for one, two in zip(timing.bursts, timing.bursts[1:], strict=False):
        assert one.end + BRIDGED < two.start + 1e-9
        assert one.start < one.end
