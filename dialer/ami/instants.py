"""When something happened at the PBX, by our own clock: its timestamps, and an offset that is measured.

Another machine's wall clock is never believed: each ping tells what it shows between two instants of ours,
so the offset is known to half a round trip. Where it gives nonsense, the time of arrival stands.
"""

import math
from collections import deque
from dataclasses import dataclass, field

KEPT = 8
"""Pings of which the quickest counts: some fifteen seconds, in which two clocks do not drift apart."""
STEP = 1.0
"""Seconds by which a clock that was set differs from one that drifts."""
OLDEST = 120.0
"""Seconds for which something may have waited; more is nonsense."""


@dataclass(frozen=True, slots=True)
class _Measure:
    offset: float
    """Our loop's time less the PBX's."""
    doubt: float
    """Half the round trip."""


@dataclass(slots=True)
class Instants:
    """How to read the PBX's timestamps; every `at` is the time of our loop, in seconds."""

    _measures: deque[_Measure] = field(default_factory=lambda: deque(maxlen=KEPT))

    def forget(self) -> None:
        """Another link, perhaps another PBX."""
        self._measures.clear()

    def measured(self, shown: float | None, asked_at: float, told_at: float) -> None:
        """A ping was sent and answered, and the PBX's clock showed this meanwhile."""
        if shown is None or told_at < asked_at:
            return
        found = _Measure((asked_at + told_at) / 2 - shown, (told_at - asked_at) / 2)
        if self._measures and abs(found.offset - self._best.offset) > STEP + found.doubt + self._best.doubt:
            self._measures.clear()
        self._measures.append(found)

    def age(self, stamp: float | None, now: float) -> float:
        """Seconds since the PBX stamped something; 0 when that cannot be told."""
        if stamp is None or not self._measures:
            return 0.0
        age = now - (stamp + self._best.offset)
        return age if 0.0 <= age <= OLDEST else 0.0

    @property
    def _best(self) -> _Measure:
        return min(self._measures, key=lambda measure: measure.doubt)


def stamp_of(text: str) -> float | None:
    """'1700000000.123456' as seconds; None when it is something else."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
