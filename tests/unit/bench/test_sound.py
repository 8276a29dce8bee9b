"""Where tones begin and end."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.sound import RATE, tones


def silence(seconds: float) -> NDArray[np.int16]:
    return np.full(round(seconds * RATE), 8, dtype=np.int16)  # alaw's silence is not zero


def tone(seconds: float) -> NDArray[np.int16]:
    at = np.arange(round(seconds * RATE)) / RATE
    return (16_000 * np.sin(2 * np.pi * 1000 * at)).astype(np.int16)


def test_silence_has_no_tone() -> None:
    assert tones(silence(1.0)) == []
    assert tones(silence(0.0)) == []


def test_every_tone_is_found_to_the_millisecond() -> None:
    sound = np.concatenate([silence(0.5), tone(1.0), silence(0.3), tone(0.25), silence(0.1)])
    first, second = tones(sound)
    assert [*first, *second] == pytest.approx([0.5, 1.5, 1.8, 2.05], abs=0.001)


def test_a_lost_packet_does_not_end_a_tone() -> None:
    sound = np.concatenate([tone(0.2), silence(0.02), tone(0.2)])
    assert len(tones(sound)) == 1


def test_a_tone_from_the_first_sample_to_the_last() -> None:
    (only,) = tones(tone(0.2))
    assert list(only) == pytest.approx([0.0, 0.2], abs=0.001)
