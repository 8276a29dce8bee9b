"""Whom a bot takes the other side for, by sound alone."""

import numpy as np
import pytest

from sip_lab.agent_ears import RATE, Samples, Who, in_the_end, so_far, sounds


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def speech(seconds: float, seed: int = 1) -> Samples:
    """Noise in syllables: loud, of no pitch, with gaps of 0.1 s."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 2500, round(seconds * RATE))
    syllables = (np.arange(noise.size) // (RATE // 10)) % 4 != 3
    return np.asarray(noise * syllables, dtype=np.int16)


def tone(pitch: float, seconds: float) -> Samples:
    at = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(9000 * np.sin(2 * np.pi * pitch * at), dtype=np.int16)


def call(*parts: Samples) -> Samples:
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("heard", "who"),
    [
        (call(quiet(0.5), speech(5.0)), None),
        (call(speech(5.0), tone(1000, 0.5)), Who.MACHINE),
        (call(speech(5.0), tone(1000, 0.5), quiet(20.0)), Who.MACHINE),
        (call(quiet(1.0), tone(2100, 3.0)), Who.MACHINE),
        (call(speech(0.6), quiet(1.5), speech(2.0)), Who.PERSON),
        (call(quiet(1.0), speech(14.0)), Who.PERSON),
        (quiet(3.0), None),
        (quiet(9.0), Who.NOBODY),
        (call(speech(2.0), quiet(8.0)), Who.UNCLEAR),
    ],
)
def test_whom_one_has_while_the_call_goes_on(heard: Samples, who: Who | None) -> None:
    assert so_far(sounds(heard)) is who


def test_a_machine_does_not_hang_up_before_its_beep() -> None:
    words = sounds(call(quiet(0.3), speech(3.0)))
    assert in_the_end(words, they_hung_up=True) is Who.PERSON
    assert in_the_end(words, they_hung_up=False) is Who.UNCLEAR


def test_silence_is_nobody_however_it_ends() -> None:
    assert in_the_end(sounds(quiet(2.0)), they_hung_up=True) is Who.NOBODY


def test_a_click_is_no_word_and_a_short_whistle_no_beep() -> None:
    heard = sounds(call(speech(4.0), tone(1000, 0.1), quiet(1.0)))
    assert not heard.tone
    assert sounds(call(quiet(1.0), tone(700, 0.04), quiet(1.0))).turns == 0
