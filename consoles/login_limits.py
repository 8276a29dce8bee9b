"""How often a login may fail: token buckets per login and address, and per address. Pure and bounded."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from math import ceil

MAX_BUCKETS = 20_000
"""Buckets kept; the least used is forgotten first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Tries at once, and tries per second after that."""

    burst: int
    per_second: float


PAIR = Rate(burst=5, per_second=1 / 12)
"""One login from one address."""
ADDRESS = Rate(burst=300, per_second=1.0)
"""All logins of one address: a whole shift may log in at once from behind it, and only failures count."""


class LoginLimiter:
    """Takes a try before the password is looked at, and gives it back after a good login."""

    def __init__(self, *, max_buckets: int = MAX_BUCKETS) -> None:
        """Nobody has failed yet."""
        self._max = max_buckets
        self._buckets: OrderedDict[tuple[str, str], tuple[float, datetime]] = OrderedDict()

    def take(self, login: str, address: str, now: datetime) -> int:
        """0 when the try may go on, else the seconds to wait."""
        keys = ((login, PAIR), ("", ADDRESS))
        levels = [self._level((name, address), rate, now) for name, rate in keys]
        waits = [ceil((1 - level) / rate.per_second) for level, (_, rate) in zip(levels, keys, strict=True)]
        if max(waits) > 0:
            return max(waits)
        for (name, _), level in zip(keys, levels, strict=True):
            self._put((name, address), level - 1, now)
        return 0

    def give_back(self, login: str, address: str, now: datetime) -> None:
        """The login was good: its tries count no more."""
        self._buckets.pop((login, address), None)
        self._put(("", address), min(ADDRESS.burst, self._level(("", address), ADDRESS, now) + 1), now)

    def __len__(self) -> int:
        """Buckets in memory."""
        return len(self._buckets)

    def _level(self, key: tuple[str, str], rate: Rate, now: datetime) -> float:
        level, at = self._buckets.get(key, (float(rate.burst), now))
        return min(float(rate.burst), level + max(0.0, (now - at).total_seconds()) * rate.per_second)

    def _put(self, key: tuple[str, str], level: float, now: datetime) -> None:
        self._buckets[key] = (level, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._max:
            self._buckets.popitem(last=False)
