"""The telephone network of a simulated agency: people, machines and a trunk that fails, by the hand clock."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from dialer.ami.fakes import Conduct, FakeTelephony
from dialer.model.facts import Joined, MessagePlayed, TelephonyFact
from dialer.ports import CallOrder

PERSON, MACHINE, BUSY = 0.30, 0.45, 0.52
"""Cumulated chances; the rest lets it ring."""
TALK, MESSAGE, GREETING = 60.0, 6.0, 2.0
"""Seconds: mean of a talk, the safe-harbour message, a greeting until it is told from a machine's."""


def by_hand(order: CallOrder) -> Conduct:
    """Nothing happens of itself."""
    return Conduct.WAITS


@dataclass(slots=True)
class Exchange(FakeTelephony):
    """Everything that will happen on a line is drawn when it is dialled."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    fails: Callable[[datetime], bool] = lambda now: False
    """Whether the carrier refuses everything."""
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    told: list[TelephonyFact] = field(default_factory=list)
    _ahead: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _places: "count[int]" = field(default_factory=count)

    def push(self, *facts: TelephonyFact) -> None:
        """As its parent; a person who is joined to an agent talks, a message ends."""
        self.told += facts
        for fact in facts:
            if isinstance(fact, Joined) and fact.channel_id in self._called:
                self._later(5.0 + self.draw.expovariate(1 / TALK), self.depart, fact.channel_id)
            if isinstance(fact, MessagePlayed) and fact.part == "start":
                self._later(MESSAGE, self.message_ends, fact.channel_id)

    def originate(self, order: CallOrder) -> None:
        """Dial; what becomes of it is drawn now."""
        FakeTelephony.originate(self, order)
        channel, chance = order.channel_id, self.draw.random()
        if self.fails(self.now):
            self._later(0.3, self.depart, channel, 34, "SIP 503")
        elif chance >= BUSY:
            self._later(1.0, self.ring, channel)  # until we give up
        elif chance >= MACHINE:
            self._later(1.0, self.depart, channel, 17, "SIP 486")
        else:
            rings = 2.0 + 10.0 * self.draw.random()
            self._later(1.0, self.ring, channel)
            self._later(rings, self.answer, channel)
            status = "HUMAN" if chance < PERSON else "MACHINE"
            self._later(rings + GREETING, self.screen, channel, status)

    def advance(self, now: datetime) -> list[TelephonyFact]:
        """What happened until now."""
        self.now = now
        while self._ahead and self._ahead[0][0] <= now:
            heapq.heappop(self._ahead)[2]()
        facts, self.told = self.told, []
        return facts

    def quiet(self) -> bool:
        """Whether no line is in use but the agents'."""
        return not any(channel in self._called for channel in self._channels)

    @property
    def _called(self) -> frozenset[str]:
        return frozenset(key for key, channel in self._channels.items() if channel.order is not None)

    def _later(self, seconds: float, act: Callable[..., None], channel: str, *more: object) -> None:
        def happen() -> None:
            if channel in self._channels:
                act(channel, *more)

        heapq.heappush(self._ahead, (self.now + timedelta(seconds=seconds), next(self._places), happen))
