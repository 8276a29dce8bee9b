"""The engine's mailbox: bounded, in order, and it knows until when everything that was told has been read."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from dialer.engine.inputs import CallEventIn, FactIn, Input, PutBackIn, StalledIn
from dialer.engine.shift import shifted
from dialer.model.facts import EarsDown, EarsUp, LinkDown, LinkUp
from dialer.time_limit import time_limit

MOST = 100_000
"""Inputs that may wait; facts beyond are dropped, and a comparison of rows and channels makes up for them."""
MOST_PER_TURN = 500
STALL = timedelta(seconds=1)
"""Four pacings without a turn: facts may wait outside, unread."""
LONG_STALL = timedelta(seconds=5)
"""Worth an alarm: people have waited in vain meanwhile."""
_OF_LINKS = (LinkUp, LinkDown, EarsUp, EarsDown)
"""What no comparison tells; there are few of them."""


class Mailbox:
    """Whatever reaches the engine. One reader, which takes a turn's worth at once."""

    def __init__(self, now: datetime, *, most: int = MOST) -> None:
        self._most = most
        self._queue: asyncio.Queue[Input] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._deferred: deque[Input] = deque()
        self._dropped = 0
        self._known = self._turned_at = now

    @property
    def waiting(self) -> int:
        """Inputs that nobody has taken yet."""
        return self._queue.qsize()

    def hear(self, told: FactIn) -> None:
        """A fact; never waits. Too many are dropped, and the next turn is told so."""
        if self._queue.qsize() >= self._most and not isinstance(told.fact, _OF_LINKS):
            self._dropped += 1
        else:
            self._queue.put_nowait(told)

    async def put(self, item: Input) -> None:
        """Anything else; waits until there is room."""
        while self._queue.qsize() >= self._most:
            self._room.clear()
            await self._room.wait()
        self._queue.put_nowait(item)

    def defer(self, *items: CallEventIn | PutBackIn) -> None:
        """For the next turn, before everything that waits."""
        self._deferred.extend(items)

    async def take(self, patience: float) -> list[Input]:
        """What has arrived, or nothing when the patience ends first."""
        inputs: list[Input] = list(self._deferred)
        self._deferred.clear()
        if not inputs and self._queue.empty():
            try:
                async with time_limit(patience):
                    inputs.append(await self._queue.get())
            except TimeoutError:
                return inputs
        while not self._queue.empty() and len(inputs) < MOST_PER_TURN:
            inputs.append(self._queue.get_nowait())
        self._room.set()
        return inputs

    def begin(self, now: datetime) -> None:
        """The turns begin: nobody stood still before."""
        self._known = self._turned_at = now

    def shift(self, step: timedelta) -> None:
        """Our clock was set: what waits keeps its age."""
        waiting = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        for item in waiting:
            self._queue.put_nowait(shifted(item, step))
        self._deferred = deque(shifted(item, step) for item in self._deferred)
        self._known, self._turned_at = self._known + step, self._turned_at + step

    def stalled(self, now: datetime) -> StalledIn | None:
        """Whether facts may be missing: they were dropped, or may wait outside because we stood still."""
        gap, self._turned_at = now - self._turned_at, now
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return StalledIn(f"{dropped} facts more than the mailbox holds were dropped")
        if gap >= STALL:
            return StalledIn(f"{gap.total_seconds():.0f} s without a turn", alarm=gap >= LONG_STALL)
        return None

    def known_until(self, inputs: Sequence[Input], now: datetime) -> datetime:
        """Until when everything that we were told is among what was taken by now."""
        told = [item.told_at or item.at for item in inputs if isinstance(item, FactIn)]
        if self._queue.empty():
            self._known = now
        elif told:
            self._known = max(self._known, told[-1])
        return self._known
