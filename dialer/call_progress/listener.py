"""One call's ears: tones, announcements, speech, and what they come to. Pure.

Its time is that of the frames it is fed; who feeds it fills in those that do not come (pace.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np

from dialer.call_progress import decision
from dialer.call_progress.decision import Cause, Estimate, Kind, Policy, Verdict
from dialer.call_progress.early_media import Beep, End, NetworkEar
from dialer.call_progress.model import Classifier
from dialer.call_progress.speech import Voices
from dialer.call_progress.timing import Timing, named
from dialer.model.facts import GreetingOver, Heard, HeardFact, Hearing
from dialer.ports import ListenOrder

FRAME_SECONDS = 0.02
LOOK = 3
"""Windows of 32 ms from one estimate to the next while somebody speaks."""
EARLY_LIMIT = 180.0
"""Seconds of early media after which nobody listens any more: no telephone rings that long."""
GREETING_SILENCE = 2.0
"""Seconds of silence that end a greeting without a beep."""
GREETING_LIMIT = 55.0
"""Seconds after which nobody waits for the end of a greeting; the engine's own limit is a little later."""
BEEP_AFTER = 2.0
"""Seconds of speech before a beep, so that it is a machine's."""
KEPT_SECONDS = 10.0


class Stage(Enum):
    """What we listen for."""

    EARLY = auto()
    SCREENING = auto()
    HANDED_OVER = auto()
    GREETING = auto()
    DONE = auto()


@dataclass(slots=True)
class CallEar:
    """Feed it frames of 20 ms; it says what it hears, once each."""

    order: ListenOrder
    model: Classifier
    policy: Policy
    network: NetworkEar
    voices: Voices | None
    """None = no voice-activity detector was free: then tones only, and the limit decides."""
    audio: str = ""
    """Where the first seconds will be kept; empty = nowhere."""
    stage: Stage = Stage.EARLY
    heard: float = 0.0
    """Seconds in this stage's reckoning: since the begin of the early media, or since the answer."""
    kept: list[bytes] = field(default_factory=list)
    timing: Timing = field(default_factory=Timing)
    _told_unclear: bool = False
    _windows: int = 0
    _p: float = 0.5
    _yielded: bool = False
    _since: float = 0.0
    """Seconds in the stage after the verdict."""

    def __post_init__(self) -> None:
        """Begin where the call is."""
        if self.order.answered:
            self.stage = Stage.SCREENING

    @property
    def done(self) -> bool:
        """Whether nothing more is to be heard."""
        return self.stage is Stage.DONE

    def answered(self) -> None:
        """Somebody answered: what was heard before is no speech of theirs."""
        if self.stage is Stage.EARLY:
            self.stage, self.heard = Stage.SCREENING, 0.0
            self.kept.clear()

    def handed_over(self) -> None:
        """The call goes to an agent though it is not clear."""
        if self.stage in (Stage.SCREENING, Stage.HANDED_OVER):
            self.stage = Stage.HANDED_OVER if self.order.follow > 0 else Stage.DONE
            self._since = 0.0

    def hear(self, frame: bytes, *, missing: bool = False) -> list[HeardFact]:
        """20 ms of signed linear audio, or silence instead of a missing frame; what it completes."""
        if self.stage is Stage.DONE:
            return []
        samples = np.frombuffer(frame, dtype="<i2")
        self.heard += FRAME_SECONDS
        self._since += FRAME_SECONDS
        if self.order.keep_audio and len(self.kept) * FRAME_SECONDS < KEPT_SECONDS:
            self.kept.append(frame)
        found = list(self._network(self.network.hear(samples, answered=self.stage is not Stage.EARLY)))
        if self.stage in (Stage.SCREENING, Stage.HANDED_OVER, Stage.GREETING):
            found.extend(self._speech(samples, missing))
        elif self.heard >= EARLY_LIMIT:
            self.stage = Stage.DONE
        return found

    # --- tones ---

    def _network(self, sound: End | Beep | None) -> Iterator[HeardFact]:
        match sound:
            case End(outcome=outcome, cause=cause):
                yield self._end(outcome.value, cause)
            case Beep() if self.timing.spoken >= BEEP_AFTER:
                yield from self._beep()

    def _end(self, word: str, cause: str) -> Heard:
        what = Hearing.FAX if word == "fax" else Hearing.MACHINE if word == "voicemail" else Hearing.TONE
        if self.stage is Stage.EARLY and what is not Hearing.TONE:
            what = Hearing.TONE
        self.stage = Stage.DONE
        return self._fact(what, cause, outcome=word)

    def _beep(self) -> Iterator[HeardFact]:
        if self.stage is Stage.GREETING:
            self.stage = Stage.DONE
            yield GreetingOver(self.order.channel_id, beep=True)
        elif self.stage in (Stage.SCREENING, Stage.HANDED_OVER) and self.policy.threshold <= 1:
            greeting = self.stage is Stage.SCREENING and self.order.greeting
            yield self._fact(Hearing.MACHINE, Cause.BEEP.value)
            self.stage = Stage.DONE
            if greeting:
                yield GreetingOver(self.order.channel_id, beep=True)

    # --- speech ---

    def _speech(
        self, samples: np.ndarray[tuple[int], np.dtype[np.int16]], missing: bool
    ) -> Iterator[HeardFact]:
        if self.voices is not None:
            for p, level in self.voices.windows(samples):
                # What was never sent says nothing of how loud the far end is when nobody speaks.
                self.timing.hear(p, max(level, self.timing.noise) if missing else level)
                self._windows += 1
                if self.timing.onset is not None and self._worth_a_look():
                    self._p = self.model.probability(self.timing.vector())
        yield from self._judged()

    def _worth_a_look(self) -> bool:
        """Every tenth of a second, and at each window where the first look at a silence is decided."""
        near = self.policy.first_look - 0.05 <= self.timing.silence <= self.policy.first_look_ends
        return near or self._windows % LOOK == 0

    def _judged(self) -> Iterator[HeardFact]:
        onset, silence = self.timing.onset, self.timing.silence
        self._yielded = self._yielded or (onset is not None and silence >= self.policy.yields)
        seen = Estimate(self.heard, onset, silence, self._p, self._yielded, self.network.toning)
        match self.stage:
            case Stage.SCREENING:
                yield from self._screened(seen)
            case Stage.HANDED_OVER:
                yield from self._followed(seen)
            case Stage.GREETING:
                yield from self._greeted(seen)

    def _screened(self, seen: Estimate) -> Iterator[HeardFact]:
        verdict = decision.decide(seen, self.policy)
        if verdict is None:
            if not self._told_unclear and decision.unclear(seen, self.policy):
                self._told_unclear = True
                yield self._fact(Hearing.UNSURE, Cause.UNCLEAR.value)
            return
        yield self._fact(_HEARING[verdict.kind], verdict.cause.value)
        self._next_stage(verdict)

    def _next_stage(self, verdict: Verdict) -> None:
        self._since = 0.0
        if verdict.kind is Kind.MACHINE:
            self.stage = Stage.GREETING if self.order.greeting else Stage.DONE
        elif verdict.cause in _UNSURE and self.order.follow > 0:
            self.stage = Stage.HANDED_OVER
        else:
            self.stage = Stage.DONE

    def _followed(self, seen: Estimate) -> Iterator[HeardFact]:
        verdict = decision.follow(seen, self.policy)
        if verdict is not None:
            self.stage = Stage.DONE
            yield self._fact(Hearing.MACHINE, verdict.cause.value)
        elif self._since >= self.order.follow:
            self.stage = Stage.DONE

    def _greeted(self, seen: Estimate) -> Iterator[HeardFact]:
        if seen.silence >= GREETING_SILENCE:
            self.stage = Stage.DONE
            yield GreetingOver(self.order.channel_id, beep=False)
        elif self._since >= GREETING_LIMIT:
            self.stage = Stage.DONE

    def _fact(self, what: Hearing, cause: str, *, outcome: str = "") -> Heard:
        spoken = self.timing.onset is not None
        return Heard(
            channel_id=self.order.channel_id,
            what=what,
            cause=cause,
            outcome=outcome,
            p=round(self._p, 4) if spoken else None,
            after=round(self.heard, 2),
            silence=round(self.timing.silence, 2) if spoken else 0.0,
            model=self.model.version,
            features=named(self.timing.vector()) if spoken else {},
            audio=self.audio if what is not Hearing.UNSURE else "",
        )


_UNSURE = frozenset({Cause.WAITED, Cause.DEADLINE, Cause.DEAD_AIR})
_HEARING = {Kind.HUMAN: Hearing.HUMAN, Kind.UNSURE: Hearing.UNSURE, Kind.MACHINE: Hearing.MACHINE}
