"""Requests that an engine may not have read: who asked is told so when the engine falls silent. Pure."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent_ws.connection import Connection

MOST = 10_000
"""Requests kept in mind; the oldest are forgotten first."""


@dataclass(slots=True)
class Unheard:
    """What was sent since the engine's last but one sign of life: before that, it has read everything."""

    _sent: deque[tuple[datetime, Connection, str]] = field(default_factory=lambda: deque(maxlen=MOST))
    _beat: datetime | None = None

    def sent(self, connection: Connection, request: str, now: datetime) -> None:
        """A request went out."""
        self._sent.append((now, connection, request))

    def beaten(self, now: datetime) -> None:
        """The same engine lives: what was sent before its last sign was read by it."""
        if self._beat is not None:
            self._drop_until(self._beat)
        self._beat = now

    def lost(self) -> list[tuple[Connection, str]]:
        """The engine is silent, or another one: all that it may not have read."""
        lost = [(connection, request) for _, connection, request in self._sent]
        self._sent.clear()
        self._beat = None
        return lost

    def older_than(self, age: timedelta, now: datetime) -> bool:
        """Whether something has waited so long for any sign."""
        return bool(self._sent) and now - self._sent[0][0] >= age

    def _drop_until(self, at: datetime) -> None:
        while self._sent and self._sent[0][0] < at:
            self._sent.popleft()
