"""The journal in memory, for tests: `tell` it what another floor commits."""

import asyncio
from datetime import UTC, datetime

from dialer.exceptions import StoreUnavailable
from journal.append import said
from journal.events import KEYS, Event, Fact
from journal.waiting import rung_or

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryJournal:
    """ports.Journal."""

    def __init__(self, *, patience: float = 1.0) -> None:
        self._facts: list[Fact] = []
        self._count, self._patience = 0, patience
        self._told = asyncio.Event()
        self.away = False

    @property
    def waiting(self) -> int:
        """Facts that nobody has taken yet."""
        return len(self._facts)

    def tell(self, *events: Event) -> None:
        """These were committed."""
        for event in events:
            self._count += 1
            data = said(event)
            keys = {key: data.pop(key, None) for key in KEYS}
            self._facts.append(Fact(self._count, _EPOCH, *event.KIND, **keys, data=data))
        self._told.set()

    async def begin(self) -> None:
        """What was told before is left out."""
        self._reach()
        self._facts.clear()

    async def facts(self) -> tuple[Fact, ...]:
        """What was told since, once something was; nothing after a time."""
        if not self._facts:
            await rung_or(self._told, self._patience)
        self._reach()
        found, self._facts = tuple(self._facts), []
        return found

    def _reach(self) -> None:
        if self.away:
            raise StoreUnavailable("away")
