"""Ended calls whose files the PBX may still be writing: when to look again, and when to stop waiting.

`now` is the loop's clock in seconds; nothing here reads it.
"""

from dataclasses import dataclass
from uuid import UUID

from recordings.captured import Capture, Condition
from recordings.ledger import Ended

_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_PENALTY = 0.25, 2.0, 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the PBX may take to close its files, in seconds."""

    after_end: float = 2.0
    """No look earlier than this after the end of the call."""
    settled: float = 0.2
    """Two looks at closed files this far apart must agree."""
    quiet: float = 6.0
    """A file that was not closed must not have grown for so long; the PBX's buffer holds 2 s."""
    deadline: float = 30.0
    """After the end of the call no file is expected to appear any more."""


@dataclass(slots=True)
class _Watch:
    ended: float
    due: float
    pause: float = _FIRST_PAUSE
    seen: object = None
    since: float = 0.0
    failures: int = 0


def ready(capture: Capture, unchanged: float, age: float, patience: Patience) -> bool:
    """Whether to stop waiting: closed and settled, left behind by a killed PBX, or never to come.

    A file that still grows is never touched: an abandoned call ends in the books while its
    message still plays.
    """
    if capture.closed:
        return unchanged >= patience.settled
    if any(side.condition is Condition.MISSING for side in capture.sides):
        return age >= patience.deadline and unchanged >= patience.settled
    return unchanged >= patience.quiet


class WaitingRoom:
    """The calls one archive process waits for; bounded."""

    def __init__(self, patience: Patience, limit: int) -> None:
        """Empty."""
        self._patience = patience
        self._limit = limit
        self._watches: dict[UUID, _Watch] = {}

    def __len__(self) -> int:
        """How many calls wait."""
        return len(self._watches)

    def add(self, calls: tuple[Ended, ...], now: float) -> bool:
        """Wait for these calls too; False when there was no room for all."""
        for call in calls:
            if call.attempt in self._watches:
                continue
            if len(self._watches) >= self._limit:
                return False
            first = now + max(0.0, self._patience.after_end - call.age)
            self._watches[call.attempt] = _Watch(now - call.age, first)
        return True

    def due(self, now: float) -> tuple[UUID, ...]:
        """Calls whose files should be looked at now."""
        return tuple(attempt for attempt, watch in self._watches.items() if watch.due <= now)

    def look(self, attempt: UUID, capture: Capture, now: float) -> bool:
        """Note what the spool holds; whether the call can be archived. If not, the next look comes later."""
        watch = self._watches[attempt]
        if capture.signature != watch.seen:
            watch.seen, watch.since, watch.pause = capture.signature, now, _FIRST_PAUSE
        if ready(capture, now - watch.since, now - watch.ended, self._patience):
            return True
        watch.due = now + watch.pause
        watch.pause = min(_LONGEST_PAUSE, 2 * watch.pause)
        return False

    def done(self, attempt: UUID) -> None:
        """Nothing more to do for this call."""
        self._watches.pop(attempt, None)

    def failed(self, attempt: UUID, now: float) -> int:
        """Try this call again, later and later; how often it failed in a row."""
        watch = self._watches[attempt]
        watch.failures += 1
        watch.due = now + min(_LONGEST_PENALTY, 0.25 * 2 ** min(watch.failures, 10))
        return watch.failures

    def failing(self, times: int) -> tuple[UUID, ...]:
        """Calls that failed at least so often in a row."""
        return tuple(attempt for attempt, watch in self._watches.items() if watch.failures >= times)

    def pause(self, now: float, longest: float) -> float:
        """Seconds until the next look is due."""
        due = min((watch.due for watch in self._watches.values()), default=now + longest)
        return min(longest, max(0.02, due - now))
