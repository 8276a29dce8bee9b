"""How long to wait before the next try to connect."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import SystemRandom


@dataclass(slots=True)
class Backoff:
    """Doubles with each failure up to a cap; jitter keeps several engines from knocking together."""

    first: float = 0.25
    """Seconds before the first try again."""
    cap: float = 30.0
    """Seconds at most."""
    chance: Callable[[], float] = SystemRandom().random
    """Uniform in [0, 1)."""
    failures: int = 0

    def next(self) -> float:
        """Seconds to wait now: between half and all of the current step."""
        step = min(self.cap, self.first * 2.0 ** min(self.failures, 32))
        self.failures += 1
        return step * (0.5 + self.chance() / 2)

    def reset(self) -> None:
        """A session was up: begin small again."""
        self.failures = 0
