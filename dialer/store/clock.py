"""The one place that reads a clock."""

import time
from datetime import UTC, datetime, timedelta


def wall() -> datetime:
    """What this machine's clock shows now: it may be set, and jump."""
    return datetime.now(UTC)


class SystemClock:
    """Aware UTC that never jumps by itself: read once, then carried by the monotonic clock."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._monotonic = time.monotonic()

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._monotonic)

    def wall(self) -> datetime:
        """What this machine's clock shows now."""
        return wall()

    def shift(self, step: timedelta) -> None:
        """Set `now` by so much."""
        self._start += step
