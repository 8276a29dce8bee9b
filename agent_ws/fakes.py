"""Stand-ins for bus and clock that behave like the real ones, for tests and consoles without an engine."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from dialer.exceptions import BusUnavailable
from dialer.ports import Command, Frame


class FakeBusClient:
    """A bus in memory: what was sent is kept, what is published reaches every reader that reads now."""

    def __init__(self) -> None:
        """Up, empty."""
        self.sent: list[Command] = []
        self.up = True
        self._readers: set[asyncio.Queue[Frame]] = set()

    async def send(self, command: Command) -> None:
        """Keep the command; raises BusUnavailable while down."""
        if not self.up:
            raise BusUnavailable("down")
        self.sent.append(command)

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames published from now on."""
        queue: asyncio.Queue[Frame] = asyncio.Queue(10_000)
        self._readers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._readers.discard(queue)

    async def ping(self) -> bool:
        """Whether it is up."""
        return self.up

    def publish(self, frame: Frame) -> None:
        """What the engine does."""
        for queue in self._readers:
            queue.put_nowait(frame)

    @property
    def readers(self) -> int:
        """How many read now."""
        return len(self._readers)

    def kinds(self) -> list[str]:
        """Kinds of the commands sent, in order."""
        return [command.kind for command in self.sent]


class ManualClock:
    """A clock that moves when told."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        """Stands still at start."""
        self._now = start

    def now(self) -> datetime:
        """The instant it was moved to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._now += timedelta(seconds=seconds)
