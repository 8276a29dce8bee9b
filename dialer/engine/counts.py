"""A campaign's results in every window that limits abandonment: bounded memory, erring to the strict side.

A calendar day is exact: it begins at the midnight of its zone and nothing leaks across. A rolling window is
counted in buckets (a minute each up to two days, an hour beyond). The bucket cut by its far edge is counted
strictly: its abandoned, unserved and machines still stand, its conversations do not. So the share is never
shown smaller, and what may still be spared never larger, than it is.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.model.audit import Audits, error_share
from dialer.ports import MinuteCount
from pacing import Window
from portfolio.contact_rules import AbandonmentWindow

MEMORY = timedelta(days=31)
"""How far back results are kept."""
_FINE = timedelta(hours=50)
"""How far back by the minute: the longest calendar day, and every rolling window up to two days."""
_MINUTE, _HOUR = 60, 3600
_RECENT = 3000
"""Calls of the share of live answers, at most, and of the last 24 hours."""
_DAY_MINUTES = 24 * 60
NO_AUDITS = Audits()
_KINDS = 5
MILLION = 1_000_000

Bucket = list[int]
"""Live answers, abandoned, machines, unserved, and millionths of persons suspected among the machines."""


@dataclass(frozen=True, slots=True)
class Count:
    """Results in one window."""

    live: int = 0
    abandoned: int = 0
    machines: int = 0
    unserved: int = 0
    suspected: int = 0
    """Millionths of persons among the machines, as each call's own screening was known for."""

    def taken_for_machines(self, audits: Audits) -> float:
        """Estimated persons among the machines: as was expected of each, and as blind audits have shown."""
        if not self.machines:
            return 0.0
        expected = self.suspected / MILLION / self.machines
        return round(self.machines * error_share(audits, expected), 6)


@dataclass(slots=True)
class Counts:
    """Results of one campaign; every `at` and `now` is aware, and `now` never runs back."""

    minutes: dict[int, Bucket] = field(default_factory=dict)
    hours: dict[int, Bucket] = field(default_factory=dict)
    recent: deque[tuple[int, bool]] = field(default_factory=deque)
    """(minute, a person answered) of the newest calls, for the share of live answers."""
    recent_live: int = 0
    pruned: int = 0
    _sums: dict[str, tuple[int, int, Bucket]] = field(default_factory=dict)
    """Window → (width, first whole bucket, their sum)."""
    _known: dict[AbandonmentWindow, Count] = field(default_factory=dict)
    """What stands in a window since the last change, in this minute."""
    _known_in: int = -1

    def add(
        self,
        at: datetime,
        *,
        live: bool = False,
        abandoned: bool = False,
        machine: bool = False,
        unserved: bool = False,
        early: bool = False,
        error: float = 0.0,
    ) -> None:
        """A call was settled; `error` is the chance that its machine verdict is wrong."""
        kinds = (int(live), int(abandoned), int(machine), int(unserved), int(early))
        self.put(MinuteCount(at, 1, *kinds, suspected=_millionths(error) if machine else 0))

    def no_person(self, at: datetime, error: float) -> None:
        """Who was joined to an agent at this instant has turned out to be a machine after all."""
        self._change(int(at.timestamp()), (-1, 0, 1, 0, _millionths(error)))

    def put(self, count: MinuteCount) -> None:
        """Several calls were settled in one minute."""
        second = int(count.at.timestamp())
        answered = count.live + count.early
        self.recent.extend((second // _MINUTE, number < answered) for number in range(count.dialed))
        self.recent_live += min(answered, count.dialed)
        change = (count.live, count.abandoned, count.machines, count.unserved, count.suspected)
        if any(change):
            self._change(second, change)

    def _change(self, second: int, change: Sequence[int]) -> None:
        self._known.clear()
        for buckets, width in ((self.minutes, _MINUTE), (self.hours, _HOUR)):
            _increase(buckets.setdefault(second // width, [0] * _KINDS), change)
        for width, first, total in self._sums.values():
            if second // width >= first:
                _increase(total, change)

    def share(self, now: datetime) -> tuple[int, int]:
        """Calls settled lately, and those among them that a person answered."""
        oldest = int(now.timestamp()) // _MINUTE - _DAY_MINUTES
        while self.recent and (self.recent[0][0] <= oldest or len(self.recent) > _RECENT):
            self.recent_live -= self.recent.popleft()[1]
        return len(self.recent), self.recent_live

    def count(self, window: AbandonmentWindow, now: datetime) -> Count:
        """What stands in a window. No edge of one moves within a minute."""
        minute = int(now.timestamp()) // _MINUTE
        if minute != self._known_in:
            self._known.clear()
            self._known_in = minute
        found = self._known.get(window)
        if found is None:
            found = self._known[window] = self._count(window, now)
        return found

    def _count(self, window: AbandonmentWindow, now: datetime) -> Count:
        self._prune(now)
        if window.zone is not None:
            first = int(_midnight(now, ZoneInfo(window.zone)).timestamp()) // _MINUTE
            return Count(*self._sum(window.name, _MINUTE, first))
        span = window.span or MEMORY
        width = _MINUTE if span + timedelta(hours=1) <= _FINE else _HOUR
        edge = int((now - span).timestamp()) // width
        live, *others = self._sum(window.name, width, edge + 1)
        _, *left = self._buckets(width).get(edge, [0] * _KINDS)
        abandoned, machines, unserved, suspected = map(sum, zip(others, left, strict=True))
        # Whoever got nobody in the bucket of the edge answered there, too.
        return Count(live + left[0] + left[2], abandoned, machines, unserved, suspected)

    def windows(
        self,
        rules: Iterable[AbandonmentWindow],
        now: datetime,
        *,
        most: float,
        audits: Audits = NO_AUDITS,
        unserved_by_law: bool = False,
    ) -> tuple[Window, ...]:
        """As the pacing sees them; `most` bounds each limit, `audits` tell how often machines are persons."""
        found = (_window(rule, self.count(rule, now), most, audits) for rule in rules)
        return tuple(replace(window, law_counts_unserved=unserved_by_law) for window in found)

    def _sum(self, name: str, width: int, first: int) -> Bucket:
        """Sum of the buckets from `first` on; walked anew only when the window has moved."""
        known = self._sums.get(name)
        if known is None or known[:2] != (width, first):
            total = [0] * _KINDS
            for key, bucket in self._buckets(width).items():
                if key >= first:
                    _increase(total, bucket)
            known = self._sums[name] = (width, first, total)
        return known[2]

    def _buckets(self, width: int) -> dict[int, Bucket]:
        return self.minutes if width == _MINUTE else self.hours

    def _prune(self, now: datetime) -> None:
        hour = int(now.timestamp()) // _HOUR
        if hour == self.pruned:
            return
        self.pruned = hour
        oldest_minute = int((now - _FINE).timestamp()) // _MINUTE
        oldest_hour = int((now - MEMORY).timestamp()) // _HOUR
        self.minutes = {key: bucket for key, bucket in self.minutes.items() if key >= oldest_minute}
        self.hours = {key: bucket for key, bucket in self.hours.items() if key >= oldest_hour}


def _increase(bucket: Bucket, change: Sequence[int]) -> None:
    for place, number in enumerate(change):
        bucket[place] += number


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """Begin of the day in a zone."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _millionths(chance: float) -> int:
    return round(chance * MILLION)


def _window(rule: AbandonmentWindow, count: Count, most: float, audits: Audits) -> Window:
    limit = most if rule.limit is None else min(rule.limit, most)
    return Window(
        rule.name,
        limit,
        float(count.live),
        float(count.abandoned),
        count.taken_for_machines(audits),
        float(rule.advance),
        float(count.unserved),
    )
