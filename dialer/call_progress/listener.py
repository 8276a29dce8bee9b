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
from dialer.call_progress.heard import NO_SUCH_NUMBER
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
BEEP_TAIL = 0.15
"""Seconds after a beep in which it may still look like speech; what is said later is a person's."""
WORDS = 0.2
"""Seconds of speech without any tone, after which somebody has spoken."""
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
    deaf: bool = False
    """No stream is there: nobody knows whether somebody speaks."""
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
    _words: float = 0.0
    """Seconds of speech that was no tone."""
    _certain: float = 0.0
    """Seconds for which a machine has been near certainty."""
    _untoned: tuple[float, float, float] = (0.0, 0.0, 0.5)
    """Talk, silence and p before the tone that is in the air, whose edges may sound like speech."""
    _beep_at: float | None = None
    """When a beep came, after the hand-over, that is a machine's if nobody speaks after it."""

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
            case End() if self._ends_call(sound):
                yield self._end(sound)
            case Beep() if self.stage is Stage.HANDED_OVER:
                self._beep_at = self.timing.at if self._beeps_like_a_machine() else None
            case Beep() if self.timing.spoken >= BEEP_AFTER:
                yield from self._beep()

    def _ends_call(self, sound: End) -> bool:
        """After words to an agent a tone is a gateway's whose person hung up; a recording speaks itself."""
        spoken_to = self.stage is Stage.HANDED_OVER and self._words >= WORDS
        return not spoken_to or sound.tone is None

    def _beeps_like_a_machine(self) -> bool:
        """Whether a tone came at the end of a greeting that let nobody speak: people live among beeps."""
        policy, (talk, silence, p) = self.policy, self._untoned
        greeted = talk >= policy.beep_talk and silence <= policy.beep_gap
        return greeted and p >= policy.beep_p and policy.threshold <= 1

    def _end(self, sound: End) -> Heard:
        word = sound.outcome.value
        what = Hearing.FAX if word == "fax" else Hearing.MACHINE if word == "voicemail" else Hearing.TONE
        if self.stage is Stage.EARLY and what is not Hearing.TONE:
            what = Hearing.TONE
        self.stage = Stage.DONE
        return self._fact(what, sound.cause, outcome=word, vacant=sound.tone in NO_SUCH_NUMBER)

    def _beep(self) -> Iterator[HeardFact]:
        if self.stage is Stage.GREETING:
            self.stage = Stage.DONE
            yield GreetingOver(self.order.channel_id, beep=True)
        elif self.stage is Stage.SCREENING and self.policy.threshold <= 1:
            yield self._fact(Hearing.MACHINE, Cause.BEEP.value)
            self.stage = Stage.DONE
            if self.order.greeting:
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
        if self.timing.speaking and not self.network.toning:
            self._words += FRAME_SECONDS
        self._certain = self._certain + FRAME_SECONDS if self._p >= self.policy.certain else 0.0
        seen = Estimate(
            self.heard, onset, silence, self._p, self._yielded, self.network.toning,
            self.timing.spoken, self._certain,
        )  # fmt: skip
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
        if not seen.toning:
            self._untoned = (self.timing.talk(self.policy.yields), seen.silence, seen.p)
        if self._beep_at is not None and self.timing.bursts[-1].end > self._beep_at + BEEP_TAIL:
            self._beep_at = None
        verdict = decision.follow(seen, self.policy)
        if self._beep_at is not None and self.timing.at - self._beep_at >= self.policy.beep_silence:
            self.stage = Stage.DONE
            yield self._fact(Hearing.MACHINE, Cause.BEEP.value)
        elif verdict is not None:
            self.stage = Stage.DONE
            yield self._fact(Hearing.MACHINE, verdict.cause.value)
        elif self._since >= self.order.follow and self._beep_at is None:
            self.stage = Stage.DONE

    def _greeted(self, seen: Estimate) -> Iterator[HeardFact]:
        if seen.silence >= GREETING_SILENCE:
            self.stage = Stage.DONE
            yield GreetingOver(self.order.channel_id, beep=False)
        elif self._since >= GREETING_LIMIT:
            self.stage = Stage.DONE

    def _fact(self, what: Hearing, cause: str, *, outcome: str = "", vacant: bool = False) -> Heard:
        spoken = self.timing.onset is not None
        return Heard(
            channel_id=self.order.channel_id,
            what=what,
            cause=cause,
            outcome=outcome,
            vacant=vacant,
            p=round(self._p, 4) if spoken else None,
            after=round(self.heard, 2),
            silence=round(self._silent(), 2),
            model=self.model.version,
            features=named(self.timing.vector()) if spoken else {},
            audio=self.audio if what is not Hearing.UNSURE else "",
        )

    def _silent(self) -> float:
        """Seconds for which they have waited: whom we cannot hear may have spoken when they answered."""
        if self.timing.onset is not None:
            return self.timing.silence
        return self.heard if self.deaf else 0.0


_UNSURE = frozenset({Cause.WAITED, Cause.DEADLINE, Cause.DEAD_AIR})
_HEARING = {Kind.HUMAN: Hearing.HUMAN, Kind.UNSURE: Hearing.UNSURE, Kind.MACHINE: Hearing.MACHINE}
