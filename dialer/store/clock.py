"""The one place that reads a clock."""

import time
from datetime import UTC, datetime, timedelta


def wall() -> datetime:
    """What this machine's clock shows now: it may be set, and jump."""
    return datetime.now(UTC)


class SystemClock:
    """Aware UTC that never jumps while the process lives: read once, then carried by the monotonic clock."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._monotonic = time.monotonic()

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._monotonic)
