"""The detector for tests: a port that a test speaks through."""

import asyncio
from collections.abc import Sequence

from dialer.model.facts import EarsDown, EarsUp, HeardFact
from dialer.ports import ListenOrder


class FakeEars:
    """ports.Ears in memory: `orders` is what it was told, `say` what it hears. Away until `say(EarsUp())`.

    As the real one it says nothing to an engine that has not begun.
    """

    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []
        self.listening: dict[str, ListenOrder] = {}
        self.up, self.epoch = False, 0
        self._facts: asyncio.Queue[HeardFact] = asyncio.Queue()

    def say(self, *facts: HeardFact) -> None:
        """Let it hear something, come or go."""
        for fact in facts if self.epoch else ():
            if isinstance(fact, EarsUp | EarsDown):
                self.up = isinstance(fact, EarsUp)
            self._facts.put_nowait(fact)

    def begin(self, epoch: int) -> None:
        """See ports.Ears."""
        self.epoch = epoch

    def listen(self, order: ListenOrder) -> None:
        """See ports.Ears."""
        if self.up:
            self.listening[order.channel_id] = order
            self.orders.append(("listen", order.channel_id))

    def answered(self, channel_id: str, ring: float) -> None:
        """See ports.Ears."""
        self._ordered("answered", channel_id)

    def handed_over(self, channel_id: str) -> None:
        """See ports.Ears."""
        self._ordered("handed_over", channel_id)

    def forget(self, channel_id: str) -> None:
        """See ports.Ears."""
        self._ordered("forget", channel_id)
        self.listening.pop(channel_id, None)

    def _ordered(self, what: str, channel_id: str) -> None:
        if self.up and channel_id in self.listening:
            self.orders.append((what, channel_id))

    async def next_heard(self) -> Sequence[HeardFact]:
        """See ports.Ears."""
        found = [await self._facts.get()]
        while not self._facts.empty():
            found.append(self._facts.get_nowait())
        return found
