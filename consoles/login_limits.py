"""How often a login may fail: token buckets, which strangers cannot empty for the known. Pure, bounded.

A browser that has logged in as this user before is known, and so is the address from which this user came.
Each has a bucket of its own; whatever strangers do for the same user or from elsewhere does not touch it.
Who is known stands in the database, and before that is asked the address has to have a try left, too.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TypeAlias

MAX_BUCKETS = 20_000
"""Buckets kept; the least used is forgotten first."""

Key: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Rate:
    """Tries at once, and tries per second after that."""

    burst: int
    per_second: float


PAIR = Rate(burst=5, per_second=1 / 12)
"""One login from one address, or from one known browser."""
ADDRESS = Rate(burst=300, per_second=1.0)
"""Questions to the database from one address: a whole shift may log in at once from behind it, and only
failures count."""
STRANGERS = Rate(burst=50, per_second=1 / 6)
"""One login from all addresses and browsers from which it never came before."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to log in. Whether the login exists is nothing that this may depend on."""

    login: str
    address: str
    device: str = ""
    """The browser, if it has logged in as this user before."""
    known_address: bool = False
    """This user has come from this address before."""

    @property
    def known(self) -> bool:
        """Whether it need not stand in line with strangers."""
        return bool(self.device) or self.known_address

    def buckets(self) -> Sequence[tuple[Key, Rate]]:
        """What it takes from."""
        if self.device:
            return ((("device", self.login, self.device), PAIR),)
        pair = (("pair", self.login, self.address), PAIR)
        return (pair,) if self.known_address else (pair, (("strangers", self.login, ""), STRANGERS))


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of asking whether the database may be asked."""

    wait: int
    """Seconds; 0 when it may."""
    taken: tuple[Key, Rate] | None = None
    """What a good login gives back, and one that nobody heard."""


class LoginLimiter:
    """Takes a try before the password is looked at, and gives it back after a good login."""

    def __init__(self, *, max_buckets: int = MAX_BUCKETS) -> None:
        """Nobody has failed yet, and nobody has come."""
        self._max = max_buckets
        self._buckets: OrderedDict[Key, tuple[float, datetime]] = OrderedDict()
        self._came: OrderedDict[Key, None] = OrderedDict()
        """Browsers and addresses of good logins since the start."""

    def knock(self, login: str, address: str, device: str, now: datetime) -> Knock:
        """Whether the database may be asked who this is. `device`: the browser's token, perhaps made up."""
        pair = ("pair", login, address)
        if not device and (wait := self._wait([(pair, PAIR, self._level(pair, PAIR, now))])):
            return Knock(wait)  # whatever the database says, this would be the end of it
        own = [key for key in (("device", login, device), pair) if key in self._came]
        doors = [(("asked", *key[1:]), PAIR) for key in own]
        # A crowd that has no browser's token does not stand in the way of those who have one.
        doors.append((("address", "browser" if device else "", address), ADDRESS))
        for key, rate in doors:
            if (level := self._level(key, rate, now)) >= 1:
                self._put(key, level - 1, now)
                return Knock(0, (key, rate))
        return Knock(self._wait([(key, rate, self._level(key, rate, now)) for key, rate in doors[-1:]]))

    def let_in(self, tried: Try, device: str, knock: Knock, now: datetime) -> None:
        """The login was good: its tries count no more, and from this address or browser it may ask again."""
        self.give_back(tried, now)
        if knock.taken is not None:
            self._restore(*knock.taken, now)
        for key in (("pair", tried.login, tried.address), ("device", tried.login, device)):
            self._came[key] = None
            self._came.move_to_end(key)
        while len(self._came) > self._max:
            self._came.popitem(last=False)

    def take(self, tried: Try, now: datetime) -> int:
        """0 when the try may go on, else the seconds to wait."""
        found = [(key, rate, self._level(key, rate, now)) for key, rate in tried.buckets()]
        if longest := self._wait(found):
            return longest
        for key, _, level in found:
            self._put(key, level - 1, now)
        return 0

    def give_back(self, tried: Try, now: datetime) -> None:
        """The login was good: its tries count no more."""
        for key, rate in tried.buckets():
            self._restore(key, rate, now)

    def undo(self, tried: Try, now: datetime, knock: Knock | None = None) -> None:
        """Nobody looked at the password: this try was none. What was wrong before still counts."""
        asked = (knock.taken,) if knock is not None and knock.taken is not None else ()
        for key, rate in (*tried.buckets(), *asked):
            self._one_back(key, rate, now)

    def __len__(self) -> int:
        """Buckets, browsers and addresses in memory."""
        return len(self._buckets) + len(self._came)

    @staticmethod
    def _wait(found: Sequence[tuple[Key, Rate, float]]) -> int:
        """Seconds until each of them has a try left."""
        return max(0, *(ceil((1 - level) / rate.per_second) for _, rate, level in found))

    def _restore(self, key: Key, rate: Rate, now: datetime) -> None:
        if rate is PAIR:
            self._buckets.pop(key, None)
        else:
            self._one_back(key, rate, now)

    def _one_back(self, key: Key, rate: Rate, now: datetime) -> None:
        self._put(key, min(rate.burst, self._level(key, rate, now) + 1), now)

    def _level(self, key: Key, rate: Rate, now: datetime) -> float:
        level, at = self._buckets.get(key, (float(rate.burst), now))
        return min(float(rate.burst), level + max(0.0, (now - at).total_seconds()) * rate.per_second)

    def _put(self, key: Key, level: float, now: datetime) -> None:
        self._buckets[key] = (level, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._max:
            self._buckets.popitem(last=False)
