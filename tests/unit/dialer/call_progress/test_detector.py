"""The detector's clock: every answered call is decided in time, whatever its telephone sends."""

from collections.abc import Callable
from uuid import UUID, uuid4

import numpy as np
import pytest

from dialer.call_progress.announcements import book_of
from dialer.call_progress.audio_files import AudioFiles
from dialer.call_progress.audiosocket import Refusal
from dialer.call_progress.control import Answered, Forget, HandedOver
from dialer.call_progress.detector import CallStream, Detector
from dialer.call_progress.pace import JITTER
from dialer.call_progress.service import weights
from dialer.call_progress.speech import VoicePool
from dialer.model.facts import Heard, HeardFact, Hearing
from dialer.ports import ListenOrder
from tests.unit.dialer.call_progress.sounds import cadence, frames, samples, silence, tone
from tests.unit.dialer.call_progress.test_listener import LoudVoices, greeting

MODEL = weights()
Sound = np.ndarray[tuple[int], np.dtype[np.float64]]
LATE = JITTER + 0.1
"""Seconds by which a verdict may be later than with a telephone that sends all the time."""


class LoudPool(VoicePool):
    """Voices for everybody."""

    def take(self) -> LoudVoices:  # type: ignore[override]
        return LoudVoices()

    def give_back(self, used: object) -> None:
        """Nothing to reset."""


class Line:
    """A detector, a clock and one telephone."""

    def __init__(self, **more: object) -> None:
        self.now = 50.0
        self.told: list[tuple[float, HeardFact]] = []
        files = AudioFiles(None, today=lambda: None)  # type: ignore[arg-type, return-value]
        self.detector = Detector(MODEL, book_of([]), LoudPool(9), files, clock=lambda: self.now)
        self.call_id = uuid4()
        self.answered_at = self.now
        self._ticked = self.now
        self._stream: CallStream | None = None
        self.detector.obey(an_order(self.call_id, **more))

    def connects(self) -> None:
        """Asterisk opens the stream."""
        found = self.detector.expected(self.call_id)
        assert not isinstance(found, Refusal)
        self._stream = found

    def breaks(self) -> None:
        """The stream ends, the call does not."""
        assert self._stream is not None
        self._stream.over()
        self._stream = None

    def sends(self, *parts: Sound) -> None:
        """Frames, each in its time."""
        for frame in frames(samples(*parts)):
            self._passes(lambda frame=frame: self._hear(frame.tobytes()))  # type: ignore[misc]

    def bursts(self, *parts: Sound) -> None:
        """Frames, all at once."""
        for frame in frames(samples(*parts)):
            self._hear(frame.tobytes())

    def mute(self, seconds: float) -> None:
        """Nothing comes."""
        for _ in range(round(seconds / 0.02)):
            self._passes(lambda: None)

    def says(self, what: Hearing) -> float:
        """Seconds from the answer to this word."""
        (found,) = [at for at, fact in self.told if isinstance(fact, Heard) and fact.what is what]
        return found - self.answered_at

    def verdicts(self) -> list[Heard]:
        return [fact for _, fact in self.told if isinstance(fact, Heard) and fact.what is Hearing.HUMAN]

    def words(self) -> list[str]:
        return [f"{f.what.value}: {f.cause}" for _, f in self.told if isinstance(f, Heard)]

    def _hear(self, frame: bytes) -> None:
        if self._stream is not None and not self._stream.hear(frame):
            self._stream.over()
            self._stream = None

    def _passes(self, happens: Callable[[], None]) -> None:
        self.now += 0.02
        happens()
        if self.now - self._ticked >= 0.04:
            self.detector.keep_time(self._ticked)
            self._ticked = self.now
        self.detector.unsent.told(self._tell)

    def _tell(self, fact: HeardFact) -> bool:
        self.told.append((self.now, fact))
        return True


def an_order(call_id: UUID, **more: object) -> ListenOrder:
    told = {"answered": True, "follow": 6.0, "greeting": False, **more}
    return ListenOrder(str(call_id), 1, ring=2.0, false_machines=0.02, limit=9.0, keep_audio=False, **told)  # type: ignore[arg-type]


def a_line(**more: object) -> Line:
    line = Line(**more)
    line.connects()
    return line


def test_who_sends_nothing_while_silent_is_a_person_as_soon_as_who_sends_silence() -> None:
    """The word in between tells that the engine could join them to an idle agent."""
    always, seldom = a_line(), a_line()
    for line in (always, seldom):
        line.sends(silence(0.3), greeting(0.5))
    always.sends(silence(2.5))
    seldom.mute(2.5)
    assert always.words() == seldom.words()
    assert seldom.says(Hearing.UNSURE) == pytest.approx(always.says(Hearing.UNSURE), abs=LATE)
    assert seldom.says(Hearing.HUMAN) == pytest.approx(always.says(Hearing.HUMAN), abs=LATE)
    assert seldom.says(Hearing.HUMAN) < 0.8 + 1.24 + LATE


def test_audio_that_never_begins_is_dead_air_in_time() -> None:
    line = a_line()
    line.mute(4)
    assert line.words() == ["unsure: unclear", "human: dead_air"]
    assert line.says(Hearing.UNSURE) == pytest.approx(1.5, abs=LATE)
    assert line.says(Hearing.HUMAN) == pytest.approx(3.0, abs=LATE)


def test_a_stream_that_never_comes_is_dead_air_too_and_is_forgotten_then() -> None:
    line = Line(follow=0.0)
    line.mute(4)
    assert line.words() == ["unsure: unclear", "human: dead_air"]
    assert line.says(Hearing.HUMAN) == pytest.approx(3.0, abs=LATE)
    assert line.detector.calls == {}


def test_whom_nobody_can_hear_has_waited_since_the_answer_and_who_says_nothing_has_not() -> None:
    """So the message comes at once when no agent is free: they may have greeted us long ago."""
    cut, silent = Line(), a_line()
    cut.mute(3.2)
    silent.sends(silence(3.2))
    assert [fact.silence for fact in cut.verdicts()] == [pytest.approx(3.0, abs=0.05)]
    assert [fact.silence for fact in silent.verdicts()] == [0.0]


def test_a_stream_that_comes_late_does_not_put_the_limit_off() -> None:
    line = Line()
    line.mute(1.0)
    line.connects()
    line.sends(silence(3.0))
    assert line.says(Hearing.HUMAN) == pytest.approx(3.0, abs=LATE)


def test_what_a_late_stream_brings_along_is_heard() -> None:
    line = Line()
    line.mute(0.6)
    line.connects()
    line.bursts(greeting(0.5))
    line.mute(2.0)
    assert line.words()[-1].startswith("human: ")
    assert line.words()[-1] != "human: dead_air"


def test_a_stream_that_breaks_leaves_nobody_waiting() -> None:
    line = a_line()
    line.sends(silence(0.3), greeting(0.5))
    line.breaks()
    line.mute(2.0)
    assert line.words()[-1].startswith("human: ")


def test_a_stream_that_broke_may_come_again() -> None:
    line = a_line()
    line.sends(silence(0.4))
    line.breaks()
    line.mute(0.4)
    line.connects()
    line.sends(greeting(0.5), silence(1.5))
    assert line.words()[-1].startswith("human: ")


def test_a_call_that_ended_is_forgotten_whatever_its_stream_was() -> None:
    line = a_line()
    line.sends(greeting(0.3))
    line.breaks()
    line.detector.obey(Forget(str(line.call_id)))
    line.mute(8)
    assert line.words() == []


def test_a_burst_after_jitter_is_no_second_silence() -> None:
    """Half a second of a pause comes late: the pause is as long as it was, and no longer."""
    line = a_line()
    line.sends(silence(0.3), greeting(0.5))
    line.mute(0.4)
    line.bursts(silence(0.4))
    line.sends(silence(1.5))
    assert line.says(Hearing.HUMAN) >= 0.8 + 0.65 - 0.05


def test_a_machine_that_pauses_without_a_packet_is_still_a_machine() -> None:
    line = a_line()
    line.sends(silence(0.3), greeting(1.5))
    line.mute(0.4)
    line.sends(greeting(2.5), silence(0.2), greeting(2.5), silence(0.2), greeting(0.8))
    assert line.words()[-1] == "machine: talking"


def test_speech_after_a_silence_without_packets_is_as_loud_as_it_was() -> None:
    """What is filled in is not taken for the room: the level between words stays that of the far end."""
    line = a_line()
    hiss = np.random.default_rng(1).standard_normal(4000) * 0.002
    line.sends(hiss)
    ear = line.detector.calls[line.call_id].ear
    before = ear.timing.noise
    line.mute(0.8)
    assert ear.timing.noise == pytest.approx(before, abs=0.5)


def test_ringing_that_pauses_without_a_packet_is_no_busy_tone() -> None:
    """With the pauses left out, ringback would be one long tone, or a quick one."""
    line = a_line(answered=False)
    for _ in range(3):
        line.sends(tone((425,), 1.0))
        line.mute(2.0)
    assert line.words() == []
    busy = a_line(answered=False)
    for _ in range(6):
        busy.sends(cadence((425,), (200,), 1))
        busy.mute(0.2)
    assert busy.words() == ["tone: busy ES IT PT"]


def test_early_media_that_stops_decides_nothing_and_the_answer_is_timed_by_itself() -> None:
    line = a_line(answered=False)
    line.sends(tone((425,), 1.0))
    line.mute(8.0)
    assert line.words() == []
    line.detector.obey(Answered(str(line.call_id), 9.0))
    line.answered_at = line.now
    line.mute(4.0)
    assert line.says(Hearing.HUMAN) == pytest.approx(3.0, abs=LATE)


def test_early_media_without_an_end_is_heard_for_so_long_and_no_longer() -> None:
    line = a_line(answered=False)
    line.mute(181.0)
    assert line.detector.calls == {}


def test_an_order_whose_call_was_never_answered_is_forgotten() -> None:
    line = Line(answered=False)
    line.mute(31)
    line.detector.forget_unheard()
    assert line.detector.calls == {}


def test_listening_on_ends_in_time_though_nothing_comes() -> None:
    line = a_line()
    line.sends(silence(0.3), greeting(0.5))
    line.mute(0.6)
    assert line.words() == ["unsure: unclear"]
    line.detector.obey(HandedOver(str(line.call_id)))
    line.mute(6.4)
    assert line.detector.calls == {}


def test_a_limit_holds_by_the_clock_whatever_comes() -> None:
    """Words, and no packets between them, until the limit."""
    line = a_line()
    while line.now - line.answered_at < 10:
        line.sends(greeting(0.2))
        line.mute(0.2)
    decided = [at for at, f in line.told if isinstance(f, Heard) and f.what is not Hearing.UNSURE]
    assert min(decided) - line.answered_at <= 9.0 + LATE
