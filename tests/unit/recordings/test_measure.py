"""Levels, activity, onset."""

import numpy as np

from recordings.measure import FLOOR, Levels, frame_levels


def test_a_full_scale_sine_has_minus_three_decibels() -> None:
    wave = np.sin(2 * np.pi * 400 * np.arange(8000) / 8000).astype(np.float32)
    assert np.allclose(frame_levels(wave, 160), -3.01, atol=0.01)


def test_silence_is_at_the_floor_and_a_short_last_frame_counts_as_itself() -> None:
    found = frame_levels(np.concatenate((np.zeros(160), np.ones(80))).astype(np.float32), 160)
    assert found.tolist() == [FLOOR, 0.0]


def test_a_click_is_no_onset() -> None:
    quiet, loud = FLOOR, -20.0
    levels = Levels(np.array([quiet, loud, quiet, quiet, loud, loud, loud, loud]), 0.02)
    assert levels.onset() == 0.08
    assert levels.active() == 0.1
    assert Levels(np.array([quiet, loud, quiet]), 0.02).onset() is None


def test_nothing_has_no_level() -> None:
    assert Levels(np.zeros(0), 0.02).mean() == FLOOR
    assert Levels(np.zeros(0), 0.02).onset() is None
