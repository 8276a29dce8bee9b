"""The bounded queue between link and engine. It loses nothing in silence: too much means reconcile."""

import asyncio
from collections import deque
from typing import TypeAlias

from panoramisk.message import Message

from dialer.ami.stats import LinkStats
from dialer.model.facts import LinkDown, LinkUp, TelephonyFact

Item: TypeAlias = Message | TelephonyFact
"""Raw events are translated by whoever takes them: the handler on the wire only queues."""

BATCH = 256


class Feed:
    """Events and facts in the order in which they came.

    When more than `capacity` wait, all are given up and replaced by LinkDown and, if the link is up, LinkUp:
    the engine then reads a snapshot, which is newer than everything that was given up.
    """

    def __init__(self, capacity: int, stats: LinkStats) -> None:
        self._capacity = capacity
        self._stats = stats
        self._items: deque[Item] = deque()
        self._some = asyncio.Event()
        self._up: LinkUp | None = None

    @property
    def waiting(self) -> int:
        """Items that nobody has taken yet."""
        return len(self._items)

    def put(self, item: Item) -> None:
        """Add one; never blocks."""
        if isinstance(item, LinkUp):
            self._up = item
        elif isinstance(item, LinkDown):
            self._up = None
        self._items.append(item)
        if len(self._items) > self._capacity:
            self._overflow()
        self._some.set()

    async def take(self) -> list[Item]:
        """Wait for items and take up to a batch of them; for one reader."""
        await self._some.wait()
        batch = [self._items.popleft() for _ in range(min(BATCH, len(self._items)))]
        if not self._items:
            self._some.clear()
        return batch

    def _overflow(self) -> None:
        self._stats.overflows += 1
        self._stats.lost_facts += len(self._items)
        self._items.clear()
        self._items.append(LinkDown("too many facts waited: reconcile"))
        if self._up is not None:
            self._items.append(self._up)
