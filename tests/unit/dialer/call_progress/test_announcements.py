"""Recordings that are known again, and those that are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dialer.call_progress.announcements import (
    Matcher,
    UnusableAnnouncement,
    book_of,
    enrol,
    from_json,
)
from dialer.call_progress.heard import HeardOutcome
from tests.unit.dialer.call_progress.sounds import (
    Samples,
    frames,
    mu_law,
    samples,
    silence,
    vowel,
    with_noise,
)


def spoken(seed: int) -> NDArray[np.float64]:
    """Somebody's sentence of some five seconds, other words for each seed."""
    chance = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    while sum(map(len, parts)) < 5 * 8000:
        parts += [
            vowel(chance.uniform(0.12, 0.6), chance.uniform(90, 260)),
            silence(chance.uniform(0.03, 0.25)),
        ]
    return np.concatenate(parts)


BOOK = book_of(enrol(f"a{seed}", HeardOutcome.UNREACHABLE, samples(spoken(seed))) for seed in range(6))


def known(sound: Samples) -> str | None:
    matcher = Matcher(BOOK)
    return next((match.name for frame in frames(sound) if (match := matcher.hear(frame))), None)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 5),
    gain=st.floats(-20, 4),
    begin=st.floats(0, 1),
    below=st.floats(16, 40),
    coded=st.booleans(),
)
def test_a_recording_is_known_at_any_level_offset_and_codec(
    seed: int, gain: float, begin: float, below: float, coded: bool
) -> None:
    sound = with_noise(spoken(seed) * 10 ** (gain / 20), below, seed)
    line = mu_law(sound) if coded else sound
    assert known(samples(silence(begin), line)) == f"a{seed}"


@pytest.mark.parametrize("seed", range(20, 32))
def test_other_speech_is_nobodys_recording(seed: int) -> None:
    assert known(samples(spoken(seed), spoken(seed + 100))) is None


def test_silence_and_an_empty_book_match_nothing() -> None:
    assert known(samples(silence(6))) is None
    assert Matcher(book_of([])).hear(np.zeros(160, dtype=np.int16)) is None


def test_a_fingerprint_comes_back_as_it_was() -> None:
    one = BOOK.entries[0]
    again = from_json(one.as_json())
    assert (again.name, again.outcome) == (one.name, one.outcome)
    assert float(again.fingerprint @ one.fingerprint) > 0.995
    assert len(one.as_json()) < 4000


@pytest.mark.parametrize("sound", [silence(6), spoken(1)[: 8000 * 2]])
def test_what_cannot_be_learned(sound: NDArray[np.float64]) -> None:
    with pytest.raises(UnusableAnnouncement):
        enrol("a", HeardOutcome.BUSY, samples(sound))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 9}', '{"format": 1, "name": "a"}'])
def test_strange_files_are_refused(text: str) -> None:
    with pytest.raises(UnusableAnnouncement):
        from_json(text)


def test_the_later_of_two_with_one_name_counts() -> None:
    first, second = (enrol("same", HeardOutcome.BUSY, samples(spoken(seed))) for seed in (1, 2))
    assert book_of([first, second]).entries == (second,)
