"""Calls-per-second limits as a bucket of tokens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class TokenBucket:
    """Fills at a rate, holds one second's worth, and at least one token."""

    tokens: float = 0.0
    filled_at: datetime | None = None

    def fill(self, per_second: float, now: datetime) -> None:
        """Let the time since the last fill count; the first fill is one second's."""
        passed = (now - self.filled_at).total_seconds() if self.filled_at is not None else 1.0
        self.tokens = min(max(1.0, per_second), self.tokens + passed * per_second)
        self.filled_at = now
