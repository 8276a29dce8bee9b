"""What is heard before the answer, and which tones end a call after it. Pure.

Before the answer speech alone never decides: a network lets people record their own ringback. Tones and
recordings that are known do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.call_progress.announcements import Matcher
from dialer.call_progress.heard import MEANING, HeardOutcome, ToneName
from dialer.call_progress.tones import ToneBank

Samples = NDArray[np.int16]


TONE_PAUSE = 1.2
"""Seconds that a tone of the network may pause; ringback pauses longer, and is no end of a call."""


@dataclass(frozen=True, slots=True)
class End:
    """A tone or recording told how the call ends."""

    outcome: HeardOutcome
    cause: str
    """In words."""
    at: float
    """Seconds of the stream."""
    tone: ToneName | None = None
    """None = a recording said it."""


@dataclass(frozen=True, slots=True)
class Beep:
    """A lone tone, as a machine gives it after its greeting."""

    at: float


class NetworkEar:
    """Tones and announcements of one call, before and after its answer."""

    def __init__(self, matcher: Matcher) -> None:
        self._bank, self._matcher = ToneBank(), matcher

    @property
    def toning(self) -> bool:
        """Whether tones are in the air, recognised or not yet: then silence is no person's."""
        return self._bank.since_tone < TONE_PAUSE

    def hear(self, frame: Samples, *, answered: bool) -> End | Beep | None:
        """What these 20 ms (int16[160]) complete."""
        for tone in self._bank.hear(frame):
            if tone.name is ToneName.BEEP:
                return Beep(tone.at)
            if tone.name is ToneName.INFO_ONCE and not answered:
                return End(HeardOutcome.INTERCEPT, tone.name.value, tone.at, tone.name)
            if tone.name in MEANING:
                return End(MEANING[tone.name], _words(tone.name, tone.countries), tone.at, tone.name)
        match = self._matcher.hear(frame)
        return End(match.outcome, f"announcement {match.name}", match.at) if match else None


def _words(name: ToneName, countries: tuple[str, ...]) -> str:
    return f"{name.value} {' '.join(countries)}".strip()
