"""One call's ears, with voices that a test plays."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from dialer.call_progress.announcements import Matcher, book_of, enrol
from dialer.call_progress.decision import Policy
from dialer.call_progress.early_media import NetworkEar
from dialer.call_progress.heard import HeardOutcome
from dialer.call_progress.listener import CallEar
from dialer.call_progress.service import weights
from dialer.call_progress.speech import Samples
from dialer.model.facts import GreetingOver, Heard, HeardFact, Hearing
from dialer.ports import ListenOrder
from tests.unit.dialer.call_progress.sounds import cadence, frames, samples, silence, tone, vowel

MODEL = weights()
ORDER = ListenOrder("a-call", 1, True, 3.0, 0.02, 9.0, 6.0, False, True)


class LoudVoices:
    """Whatever is loud is speech: enough for sounds made here."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, dtype=np.int16)

    def windows(self, frame: Samples) -> Iterator[tuple[float, float]]:
        self._rest = np.concatenate([self._rest, frame])
        while len(self._rest) >= 256:
            window, self._rest = self._rest[:256].astype(np.float64) / 32768, self._rest[256:]
            level = 10 * np.log10(float(np.mean(window**2)) + 1e-7)
            yield (0.97 if level > -45 else 0.03), level


class TrainedVoices(LoudVoices):
    """And a pure tone is none, as for a trained detector."""

    def windows(self, frame: Samples) -> Iterator[tuple[float, float]]:
        for p, level in super().windows(frame):
            power = np.abs(np.fft.rfft(frame.astype(np.float64) * np.hanning(len(frame)))) ** 2
            pure = np.sort(power)[-3:].sum() > 0.8 * power.sum()
            yield (0.03 if pure else p), level


def an_ear(**more: object) -> CallEar:
    order = replace(ORDER, **more)  # type: ignore[arg-type]
    policy = Policy(MODEL.threshold_for(order.false_machines), limit=order.limit)
    return CallEar(order, MODEL, policy, NetworkEar(Matcher(book_of([]))), LoudVoices(), "a.flac")


def hears(ear: CallEar, *parts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[HeardFact]:
    return [fact for frame in frames(samples(*parts)) for fact in ear.hear(frame.tobytes())]


def words(facts: list[HeardFact]) -> list[str]:
    return [
        f"{f.what.value}: {f.cause}" if isinstance(f, Heard) else f"over, beep {f.beep}"
        for f in facts
        if isinstance(f, Heard | GreetingOver)
    ]


def greeting(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Talk without a pause."""
    return np.sign(vowel(seconds)) * 0.1 + vowel(seconds)


def recited() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A machine's sentences, for seven seconds and a half."""
    sentence = np.concatenate([greeting(2.0), silence(0.25)])
    return np.tile(sentence, 4)[: int(7.5 * 8000)]


def test_a_person_greets_and_waits() -> None:
    ear = an_ear()
    found = hears(ear, silence(0.5), greeting(0.5), silence(1.5))
    assert words(found)[-1].startswith("human: ")
    assert words(found)[0] == "unsure: unclear"
    (*_, verdict) = found
    assert isinstance(verdict, Heard)
    assert abs(verdict.silence - (verdict.after - 1.0)) < 0.1  # the greeting was over after one second
    assert ear.done or ear.order.follow > 0


def test_a_machine_goes_on() -> None:
    ear = an_ear()
    found = hears(ear, silence(0.5), recited())
    assert words(found) == ["machine: talking"]
    (verdict,) = found
    assert isinstance(verdict, Heard)
    assert verdict.p is not None
    assert verdict.p >= ear.policy.threshold
    assert verdict.features["speech"] > 2
    assert (verdict.audio, verdict.model) == ("a.flac", MODEL.version)
    assert ear.done


def test_dead_air_is_offered_to_an_idle_agent_and_then_is_a_person() -> None:
    found = hears(an_ear(), silence(4))
    assert words(found) == ["unsure: unclear", "human: dead_air"]


def test_a_busy_tone_after_the_answer_is_nobodys_silence() -> None:
    found = hears(an_ear(), cadence((425,), (200, 200), 6))
    assert words(found) == ["tone: busy ES IT PT"]
    silent = replace(an_ear(), voices=None)
    slow = hears(silent, cadence((480, 620), (500, 500), 5))
    assert words(slow) == ["tone: busy US CO"]


def test_a_fax_is_a_fax() -> None:
    assert words(hears(an_ear(), silence(0.4), tone((2100,), 2))) == ["fax: fax_ced"]


def test_before_the_answer_speech_decides_nothing() -> None:
    ear = an_ear(answered=False)
    assert hears(ear, greeting(5)) == []
    ear.answered()
    assert words(hears(ear, silence(0.3), greeting(0.4), silence(1.5)))[-1].startswith("human")


def test_before_the_answer_a_tone_ends_the_call() -> None:
    found = hears(an_ear(answered=False), cadence((425,), (200, 200), 6))
    (end,) = found
    assert isinstance(end, Heard)
    assert (end.what, end.outcome, end.vacant) == (Hearing.TONE, "busy", False)


def test_the_tone_of_a_number_that_does_not_exist_says_so() -> None:
    sit = (tone((985.2,), 0.38), tone((1370.6,), 0.274), tone((1776.7,), 0.38))
    (end,) = hears(an_ear(answered=False), silence(0.4), *sit, silence(1))
    assert isinstance(end, Heard)
    assert (end.cause, end.outcome, end.vacant) == ("sit_vc", "unallocated", True)


def test_a_known_announcement_before_the_answer() -> None:
    spoken = samples(vowel(1.2, 150), silence(0.2), vowel(0.8, 190), silence(0.15), vowel(2.0, 120))
    book = book_of([enrol("off", HeardOutcome.UNREACHABLE, spoken)])
    ear = replace(an_ear(answered=False), network=NetworkEar(Matcher(book)))
    found = [fact for frame in frames(spoken) for fact in ear.hear(frame.tobytes())]
    assert [(f.what, f.outcome, f.cause) for f in found if isinstance(f, Heard)] == [
        (Hearing.TONE, "unreachable", "announcement off")
    ]


def test_a_message_waits_for_the_beep() -> None:
    ear = an_ear(greeting=True)
    found = hears(ear, silence(0.3), recited(), silence(0.3), tone((1000,), 0.4), silence(0.3))
    assert words(found) == ["machine: talking", "over, beep True"]
    assert ear.done


def test_or_for_silence() -> None:
    found = hears(an_ear(greeting=True), silence(0.3), recited(), silence(2.5))
    assert words(found) == ["machine: talking", "over, beep False"]


def test_a_beep_after_a_short_greeting_is_a_machines() -> None:
    strict = an_ear(false_machines=0.002)
    found = hears(strict, silence(0.3), greeting(2.1), silence(0.2), tone((1400,), 0.2), silence(0.3))
    assert "machine: beep after a greeting" in words(found)


def handed_over() -> CallEar:
    """A word and half a second of silence: an idle agent has the call."""
    ear = an_ear()
    assert words(hears(ear, silence(0.3), greeting(0.5), silence(0.5))) == ["unsure: unclear"]
    ear.handed_over()
    return ear


BEEP = tone((1000,), 0.4)


def test_listening_on_finds_a_beep_that_nobody_speaks_after() -> None:
    ear = handed_over()
    ear.voices = TrainedVoices()
    found = hears(ear, silence(0.3), greeting(2.7), silence(0.4), BEEP, silence(1.3))
    assert words(found) == ["machine: beep after a greeting"]


@pytest.mark.parametrize(
    "story",
    [
        (greeting(2.7), silence(0.4), BEEP, silence(0.5), greeting(0.3), silence(1.0)),
        (greeting(1.5), silence(1.0), greeting(2.0), silence(0.3), BEEP, silence(1.5)),
        (greeting(3.0), silence(1.8), BEEP, silence(1.5)),
        (greeting(2.0), silence(0.3), BEEP, silence(1.5)),
        (silence(2.0), BEEP, silence(2.0)),
    ],
    ids=["speaks on", "let the agent speak", "long after", "said little", "said nothing more"],
)
def test_a_beep_around_a_person_ends_no_call(
    story: tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...],
) -> None:
    ear = handed_over()
    ear.voices = TrainedVoices()
    assert hears(ear, silence(0.3), *story) == []


def test_listening_on_ends_by_itself() -> None:
    ear = handed_over()
    assert hears(ear, silence(6.1)) == []
    assert ear.done


def test_a_busy_tone_after_words_is_the_end_of_a_conversation_and_none_of_a_busy_line() -> None:
    """The gateway of somebody who hung up; the carrier says the rest."""
    assert hears(handed_over(), silence(0.5), cadence((425,), (200, 200), 6)) == []
    mute = an_ear()
    assert words(hears(mute, silence(1.8))) == ["unsure: unclear"]
    mute.handed_over()
    assert words(hears(mute, cadence((425,), (200, 200), 6))) == ["tone: busy ES IT PT"]


def test_a_recording_after_words_speaks_for_itself() -> None:
    spoken = samples(vowel(1.2, 150), silence(0.2), vowel(0.8, 190), silence(0.15), vowel(2.0, 120))
    book = book_of([enrol("off", HeardOutcome.UNREACHABLE, spoken)])
    ear = handed_over()
    ear.network = NetworkEar(Matcher(book))
    assert hears(ear, silence(0.5)) == []
    found = [fact for frame in frames(spoken) for fact in ear.hear(frame.tobytes())]
    assert words(found) == ["tone: announcement off"]


def test_who_lets_an_agent_speak_and_then_talks_at_length_is_no_machine() -> None:
    ear = an_ear(follow=20.0)
    hears(ear, silence(0.3), greeting(0.5), silence(1.3))
    ear.handed_over()
    assert hears(ear, greeting(8)) == []


def test_nobody_is_a_machine_where_the_law_allows_no_error() -> None:
    found = hears(
        an_ear(false_machines=0.0), silence(0.3), recited(), tone((1000,), 0.4), silence(0.3), greeting(2)
    )
    assert words(found) == ["human: deadline"]


def test_without_a_voice_detector_the_limit_decides() -> None:
    ear = replace(an_ear(), voices=None)
    assert words(hears(ear, greeting(7)))[-1] == "human: dead_air"


def test_the_first_seconds_are_kept_and_no_more() -> None:
    ear = an_ear(limit=30.0)
    hears(ear, *[silence(1.0)] * 3, greeting(0.3))
    kept = len(ear.kept) * 0.02
    assert 2.9 < kept <= 10.0
    assert hears(an_ear(keep_audio=False), silence(1)) == []


@pytest.mark.parametrize("frame", [bytes(320), b"\xff\x7f" * 160, b"\x00\x80" * 160])
def test_extreme_samples_do_no_harm(frame: bytes) -> None:
    ear = an_ear()
    for _ in range(400):
        ear.hear(frame)
    assert ear.heard > 2.9
