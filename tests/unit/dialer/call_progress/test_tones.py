"""Every tone in the table is recognised, however it arrives; speech and music never are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dialer.call_progress.heard import MEANING, HeardOutcome, ToneName
from dialer.call_progress.tone_table import CADENCES, SIT, STEADY, Cadence
from dialer.call_progress.tones import ToneBank
from tests.unit.dialer.call_progress.sounds import (
    cadence,
    frames,
    mu_law,
    noise,
    samples,
    silence,
    tone,
    vowel,
    with_noise,
)


def heard(*parts: NDArray[np.float64]) -> list[ToneName]:
    bank = ToneBank()
    return [found.name for frame in frames(samples(*parts)) for found in bank.hear(frame)]


def ending(names: list[ToneName]) -> set[ToneName]:
    """Those that end a call."""
    return {name for name in names if name in MEANING}


def alike(one: Cadence) -> set[ToneName]:
    """What other countries mean by very nearly the same cadence."""
    return {
        other.name
        for other in CADENCES
        if len(other.steps) == len(one.steps)
        and len(other.frequencies) == len(one.frequencies)
        and all(abs(a - b) <= 60 for a, b in zip(other.steps, one.steps, strict=True))
        and all(abs(a - b) <= 0.036 * b for a, b in zip(other.frequencies, one.frequencies, strict=True))
    }


def name_of(one: Cadence) -> str:
    return f"{one.name} {' '.join(one.countries)}"


ENDING = [one for one in CADENCES if one.name is not ToneName.RINGBACK]


@pytest.mark.parametrize("one", ENDING, ids=name_of)
def test_every_tone_of_every_country(one: Cadence) -> None:
    times = 4 if len(one.steps) == 2 else 3
    found = heard(silence(0.3), cadence(one.frequencies, one.steps, times), tone(one.frequencies, 0.2))
    assert ending(found) & alike(one)
    assert ending(found) <= alike(one)


@pytest.mark.parametrize("one", [one for one in CADENCES if one.name is ToneName.RINGBACK], ids=name_of)
def test_ringback_ends_no_call(one: Cadence) -> None:
    found = heard(silence(0.3), cadence(one.frequencies, one.steps, 3))
    assert ToneName.RINGBACK in found
    assert not ending(found)


@settings(max_examples=40)
@given(
    one=st.sampled_from(
        [one for one in ENDING if {"ES", "MX", "US", "CL", "AR", "UK", "CO"} & {*one.countries}]
    ),
    level=st.floats(-38, -6),
    begin=st.floats(0.05, 0.5),
    error=st.floats(-0.008, 0.008),
    seed=st.integers(0, 99),
    coded=st.booleans(),
)
def test_level_noise_offset_and_codec_do_not_matter(
    one: Cadence, level: float, begin: float, error: float, seed: int, coded: bool
) -> None:
    times = 5 if len(one.steps) == 2 else 3
    off = [f * (1 + error) for f in one.frequencies]
    sound = with_noise(np.concatenate([silence(begin), cadence(off, one.steps, times, level)]), 16, seed)
    assert ending(heard(mu_law(sound) if coded else sound)) & alike(one)


def test_spains_busy_and_congestion_differ_by_one_pause() -> None:
    busy = heard(cadence((425,), (200, 200), 6))
    congestion = heard(cadence((425,), (200, 200, 200, 200, 200, 600), 3))
    assert ending(busy) == {ToneName.BUSY}
    assert ending(congestion) == {ToneName.CONGESTION}


@pytest.mark.parametrize("name", list(SIT))
@pytest.mark.parametrize("gap", [0.0, 0.03])
def test_special_information_tones(name: ToneName, gap: float) -> None:
    parts = [part for hertz in SIT[name] for part in (tone((hertz,), 0.33), silence(gap))]
    assert heard(silence(0.4), *parts, vowel(1.0)) == [name]


@pytest.mark.parametrize("order", [(0, 2, 1), (2, 1, 0), (1, 0, 2)])
def test_the_three_tones_in_another_order_are_none(order: tuple[int, ...]) -> None:
    tones = [tone((SIT[ToneName.SIT][place],), 0.33) for place in order]
    assert not ending(heard(silence(0.4), *tones, silence(0.4)))


def test_fax_and_modem() -> None:
    assert heard(silence(0.5), tone((2100,), 3)) == [ToneName.FAX_CED]
    assert heard(silence(0.5), tone((2225,), 3)) == [ToneName.FAX_CED]
    assert heard(silence(0.5), tone((1100,), 0.5), silence(1)) == [ToneName.FAX_CNG]


@pytest.mark.parametrize("hertz", [440, 800, 1000, 1400])
@pytest.mark.parametrize("seconds", [0.18, 0.4, 0.8])
def test_the_beep_after_a_greeting(hertz: float, seconds: float) -> None:
    assert heard(vowel(3.0), silence(0.3), tone((hertz,), seconds), silence(0.5))[-1] is ToneName.BEEP


def test_a_low_tone_without_a_greeting_is_no_beep() -> None:
    assert heard(silence(0.4), tone((425,), 0.5), silence(1.0)) == []


def test_spains_information_tone_heard_once_is_told_apart() -> None:
    assert heard(silence(0.4), tone((950,), 0.33), silence(0.5)) == [ToneName.INFO_ONCE]
    assert ToneName.INFO_ONCE not in MEANING


def test_steady_tones() -> None:
    for one in STEADY:
        found = heard(tone(one.frequencies, 4))
        assert found in ([ToneName.DIAL], [ToneName.UNOBTAINABLE])


@settings(max_examples=25)
@given(pitch=st.floats(80, 320), seed=st.integers(0, 50), level=st.floats(-40, -6))
def test_speech_is_no_tone(pitch: float, seed: int, level: float) -> None:
    sound = np.concatenate([vowel(1.5, pitch, level), silence(0.3), vowel(2.0, pitch * 1.2, level)])
    assert not ending(heard(sound + noise(len(sound) / 8000, level - 20, seed)[: len(sound)]))


def test_music_dialled_digits_and_noise_are_no_tones() -> None:
    chord = sum(tone((hertz,), 3, -24) for hertz in (262, 330, 392, 523))
    digits = np.concatenate([np.concatenate([tone((770, 1336), 0.1), silence(0.1)]) for _ in range(8)])
    assert not ending(heard(np.asarray(chord)))
    assert not ending(heard(digits))
    assert not ending(heard(noise(4, -25)))
    assert not ending(heard(silence(4)))


def test_a_tone_that_is_not_known_yet_is_heard_all_the_same() -> None:
    bank = ToneBank()
    for frame in frames(samples(tone((425,), 0.2), silence(0.4))):
        bank.hear(frame)
    assert 0.3 < bank.since_tone < 0.5
    assert ToneBank().since_tone == float("inf")


def test_what_the_tones_mean() -> None:
    assert MEANING[ToneName.SIT_VC] is HeardOutcome.UNALLOCATED
    assert MEANING[ToneName.SIT_NC] is HeardOutcome.CONGESTION
    assert {ToneName.RINGBACK, ToneName.DIAL, ToneName.BEEP}.isdisjoint(MEANING)
