"""The detector: listens to calls in a process of its own, and tells the engine what it hears."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from dialer.call_progress import control
from dialer.call_progress.announcements import Book, Matcher
from dialer.call_progress.audio_files import AudioFiles
from dialer.call_progress.audiosocket import FRAME, Refusal
from dialer.call_progress.control_server import Unsent
from dialer.call_progress.decision import Policy
from dialer.call_progress.early_media import NetworkEar
from dialer.call_progress.listener import CallEar, Stage
from dialer.call_progress.model import Classifier
from dialer.call_progress.pace import Pace
from dialer.call_progress.speech import Silero, VoicePool
from dialer.model.facts import GreetingOver, Heard, HeardFact
from dialer.ports import ListenOrder

log = structlog.get_logger("detector")

FORGOTTEN_AFTER = 30.0
"""Seconds after which an order is dropped whose audio never came."""
_TICK = 0.04
"""Seconds between looks at the time: within two of them, and the jitter allowed, missing audio is silence."""
_READY_EVERY = 0.05
_LAG_WEIGHT = 0.2
_SILENCE = bytes(FRAME)


@dataclass(slots=True)
class Heard1:
    """One call that is listened to."""

    ear: CallEar
    ordered_at: float
    voices: Silero | None
    streaming: bool = False
    pace: Pace | None = None
    """From the answer on, or the first early media."""


@dataclass(slots=True)
class Counts:
    """Since the start."""

    orders: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    without_voices: int = 0


class Detector:
    """Orders and audio in, facts out. `expected` is for the audio server, `obey` for the control port."""

    def __init__(
        self, model: Classifier, book: Book, pool: VoicePool, files: AudioFiles, *, clock: Callable[[], float]
    ) -> None:
        self.model, self.book, self.pool, self.files, self.clock = model, book, pool, files, clock
        self.calls: dict[UUID, Heard1] = {}
        self.counts = Counts()
        self.lag = 0.0
        self.unsent = Unsent(clock)

    # --- what the engine says ---

    def obey(self, order: control.Order) -> None:
        """Take an order; one for a call that is not there is void."""
        match order:
            case ListenOrder():
                self._listen(order)
            case control.Answered(channel_id=channel):
                if (found := self._found(channel)) is not None:
                    found.ear.answered()
                    found.pace = found.pace or Pace(self.clock())
            case control.HandedOver(channel_id=channel):
                if (found := self._found(channel)) is not None:
                    found.ear.handed_over()
            case control.Forget(channel_id=channel):
                self._forget(channel)

    def _listen(self, order: ListenOrder) -> None:
        call_id = _uuid(order.channel_id)
        if call_id is None or call_id in self.calls:
            return
        voices = self.pool.take()
        self.counts.orders += 1
        self.counts.without_voices += voices is None
        policy = Policy(self.model.threshold_for(order.false_machines), limit=order.limit)
        audio = self.files.place(call_id) if order.keep_audio else ""
        ear = CallEar(order, self.model, policy, NetworkEar(Matcher(self.book)), voices, audio)
        pace = Pace(self.clock()) if order.answered else None
        self.calls[call_id] = Heard1(ear, self.clock(), voices, pace=pace)

    def _found(self, channel: str) -> Heard1 | None:
        call_id = _uuid(channel)
        return self.calls.get(call_id) if call_id is not None else None

    def _forget(self, channel: str) -> None:
        call_id = _uuid(channel)
        if call_id is not None and call_id in self.calls:
            self._drop(call_id)

    # --- what the audio says ---

    def expected(self, call_id: UUID) -> "CallStream | Refusal":
        """Who hears the stream of a call."""
        found = self.calls.get(call_id)
        if found is None:
            return Refusal.UNEXPECTED
        if found.streaming:
            return Refusal.TAKEN
        found.streaming = True
        found.pace = found.pace or Pace(self.clock())
        found.pace.connected()
        return CallStream(self, call_id, found)

    def heard(self, facts: Iterable[HeardFact]) -> None:
        """Something for the engine."""
        for fact in facts:
            if isinstance(fact, Heard):
                verdicts = self.counts.verdicts
                verdicts[fact.what.value] = verdicts.get(fact.what.value, 0) + 1
            self.unsent.put((fact,))

    def over(self, call_id: UUID, stream: Heard1) -> None:
        """A stream has ended; if the call goes on all the same, it is decided in time."""
        if self.calls.get(call_id) is not stream:
            return
        if stream.ear.stage is Stage.SCREENING:
            stream.streaming = False
        else:
            self._drop(call_id)

    def _drop(self, call_id: UUID) -> None:
        gone = self.calls.pop(call_id)
        if gone.voices is not None:
            self.pool.give_back(gone.voices)
            gone.voices, gone.ear.voices = None, None
        if gone.ear.audio and gone.ear.kept:
            self.files.keep(gone.ear.audio, b"".join(gone.ear.kept))

    # --- the clock ---

    async def run(self) -> None:
        """Keep the time of the calls, and measure how late we are."""
        loop, last = asyncio.get_running_loop(), self.clock()
        while True:
            due = loop.time() + _TICK
            await asyncio.sleep(_TICK)
            self.lag += _LAG_WEIGHT * (max(0.0, loop.time() - due) - self.lag)
            # Up to the last look only: what came while we were busy is read between two looks.
            self.keep_time(last)
            last = self.clock()

    def keep_time(self, until: float) -> None:
        """Silence stands for what should have come before `until`, so that every call is decided in time."""
        for call_id, call in list(self.calls.items()):
            missing = call.pace.missing(until) if call.pace is not None else 0
            call.ear.deaf = not call.streaming
            while missing and not call.ear.done:
                self.heard(call.ear.hear(_SILENCE, missing=True))
                missing -= 1
            if call.ear.done:
                self._drop(call_id)

    async def keep_ready(self) -> None:
        """Keep detectors ready, and forget orders whose call was never answered nor heard."""
        while True:
            await asyncio.sleep(_READY_EVERY)
            await self.make_ahead()
            self.forget_unheard()

    async def make_ahead(self, most: int = 4) -> None:
        """Keep voice detectors ready; calls that came while there was none get theirs now."""
        for _ in range(most):
            if not self.pool.wanting:
                break
            await asyncio.to_thread(self.pool.make)
        for call in self.calls.values():
            if call.voices is None and (voices := self.pool.take()) is not None:
                call.voices = call.ear.voices = voices

    def forget_unheard(self) -> None:
        """Drop the orders whose audio never came."""
        late = self.clock() - FORGOTTEN_AFTER
        for call_id in [c for c, one in self.calls.items() if one.pace is None and one.ordered_at < late]:
            self._drop(call_id)

    def pong(self, number: int) -> control.Pong:
        """How it goes."""
        return control.Pong(number, len(self.calls), round(self.lag, 4))


class CallStream:
    """The stream of one call, for the audio server."""

    def __init__(self, detector: Detector, call_id: UUID, call: Heard1) -> None:
        self._detector, self._call_id, self._call = detector, call_id, call

    def hear(self, frame: bytes) -> bool:
        """20 ms; False when nothing more is to be heard, or the engine wants no more."""
        pace = self._call.pace
        if not self.done and (pace is None or pace.hears(self._detector.clock())):
            self._detector.heard(self._call.ear.hear(frame))
        return not self.done

    @property
    def done(self) -> bool:
        """Whether nothing more is to be heard, or the engine wants no more."""
        return self._call.ear.done or self._detector.calls.get(self._call_id) is not self._call

    def over(self) -> None:
        """The stream has ended."""
        self._detector.over(self._call_id, self._call)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


__all__ = ["Detector", "GreetingOver"]
