"""Who is next when more passwords wait than can be hashed at once. Pure.

Known askers go before strangers. Among equals an address that had less goes first, then a login that had
less, and last the newest: a crowd that came before keeps nobody waiting who comes now, and who has waited
longest has given up.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

MOST_COUNTED = 10_000
"""Addresses and logins whose share is remembered; beyond that everybody starts anew."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a password is hashed; by default for somebody who has proved who they are."""

    login: str = ""
    address: str = ""
    known: bool = True


class FairQueue(Generic[T]):
    """A bounded queue. When it is full, the one whose turn is farthest away has to go."""

    def __init__(self, room: int) -> None:
        """Nobody waits."""
        self._room = room
        self._number = 0
        self._waiting: dict[int, tuple[Asker, T]] = {}
        self._had: Counter[tuple[str, ...]] = Counter()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def add(self, asker: Asker, item: T) -> T | None:
        """Wait; returns whoever has to go for want of room, which may be the newcomer."""
        self._number += 1
        self._waiting[self._number] = (asker, item)
        if len(self._waiting) <= self._room:
            return None
        return self._waiting.pop(max(self._waiting, key=self._turn))[1]

    def take(self) -> T | None:
        """Whose turn it is; None when nobody waits."""
        if not self._waiting:
            self._had.clear()
            return None
        asker, item = self._waiting.pop(min(self._waiting, key=self._turn))
        self.count(asker)
        return item

    def count(self, asker: Asker) -> None:
        """Somebody had a turn."""
        if len(self._had) >= MOST_COUNTED:
            self._had.clear()
        self._had[asker.address,] += 1
        self._had[asker.address, asker.login] += 1

    def leave(self, item: T) -> None:
        """Wait no longer."""
        for number, (_, waiting) in list(self._waiting.items()):
            if waiting is item:
                del self._waiting[number]

    def _turn(self, number: int) -> tuple[bool, int, int, int]:
        asker = self._waiting[number][0]
        address = self._had[asker.address,]
        return (not asker.known, address, self._had[asker.address, asker.login], -number)
