"""VICIdial's adaptive dialling, from a prose description of its rules.

Three loops at their own periods: the level every 15 s from one-second samples, the drop statistics every 60 s
and the dial loop, which sleeps 2.5 s and then launches its calls one by one. What an answered person waits
before the drop is the simulator's business, the same for every pacer.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from pacing.baselines.view import View

Method = Literal["HARD_LIMIT", "AVERAGE", "TAPERED"]

SAMPLE_SECONDS, LEVEL_SECONDS, DROP_SECONDS, DIAL_SECONDS = 1.0, 15.0, 60.0, 2.5
_SAMPLES = 15
_SLACK = 1e-6
"""Ticks are sums of fractions."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator sets, with VICIdial's defaults; `available_only` is the tally in question."""

    method: Method = "HARD_LIMIT"
    available_only: bool = False
    """Whether only ready agents are dialled for; otherwise the ones on a call count as well."""
    max_level: float = 3.0
    diff_target: float = 0.0
    """−1 asks for one idle agent on average, +1 for one caller on hold."""
    intensity: float = 0.0
    """Percent: positive rises faster and falls slower."""
    limit: float = 0.03
    """Share of drops among human answers of the day."""
    cps: float = 5.0
    """Calls launched per second: 5 per telephony server, which serves about 25 agents."""
    opens: float = 9 * 3600.0
    """Seconds after midnight at which the day begins."""
    latest: int = 2100
    """HHMM at which dialling ends, for TAPERED."""


@dataclass(frozen=True, slots=True)
class Drops:
    """Statistics of the drops as last computed."""

    calls_today: int = 0
    share_today: float = 0.0
    """Drops among human answers."""
    calls_minute: int = 0
    drops_minute: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """Agents ready, persons waiting and agents logged in (those on a break and in wrap-up as well)."""

    ready: float
    waiting: float
    logged_in: float


def hhmm(seconds: float) -> int:
    """Seconds after midnight as the clock's figures: 15:30 is 1530."""
    minutes = int(seconds) // 60
    return minutes // 60 * 100 + minutes % 60


def next_level(level: float, mean: Sample, drops: Drops, settings: Settings, clock: int) -> float:
    """The level of the next 15 seconds; unchanged when nobody is logged in."""
    if mean.logged_in <= 0:
        return level
    percent = 100 * (mean.ready - mean.waiting + settings.diff_target) / mean.logged_in
    lean = settings.intensity / 100
    percent *= abs(lean - 1) if percent < 0 else lean + 1
    new = max(1.0, min(settings.max_level, round(level * (1 + percent / 100), 3)))
    if drops.calls_minute > 20 and 100 * drops.drops_minute / drops.calls_minute > 50:
        new /= 2
    if drops.calls_today > 50 and drops.share_today > settings.limit:
        new = _over_the_limit(new, settings, clock)
    return max(1.0, _stored(new))


def _over_the_limit(level: float, settings: Settings, clock: int) -> float:
    match settings.method:
        case "HARD_LIMIT":
            return 1.0
        case "AVERAGE":
            return level / 2
        case "TAPERED":
            left = settings.latest - clock  # of clock figures, not of minutes: so the rule has it
            return 1.0 if left < 0 else level * min(1.0, left / 1000)


def _stored(level: float) -> float:
    """As its column of six characters keeps it."""
    return float(f"{level:.6f}"[:6])


def calls_wanted(level: float, view: View, available_only: bool) -> int:
    """Calls the dial loop launches: the goal, rounded with ties to even, less every call there is."""
    talking = int(view.on_call.size)
    counted = view.ready if available_only else view.ready + talking
    goal = round(level * counted + (talking if available_only else 0))
    return max(0, goal - view.in_flight - talking)


@dataclass(slots=True)
class Vicidial:
    """One day of the three loops; `level` is the one that yesterday left."""

    settings: Settings = field(default_factory=Settings)
    level: float = 1.0
    drops: Drops = field(default_factory=Drops)
    _samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=_SAMPLES))
    _sample_at: float = 0.0
    _level_at: float = LEVEL_SECONDS
    _drops_at: float = 0.0  # preset to be overdue: computed at once
    _minute: tuple[int, int] = (0, 0)
    _turn_at: float = 0.0
    _began: float = 0.0
    _batch: int = 0
    _launched: int = 0

    @property
    def name(self) -> str:
        """In tables."""
        s = self.settings
        tally = "available only" if s.available_only else "default tally"
        return f"VICIdial {s.method}, {tally}, max {s.max_level:g}"

    def calls(self, view: View) -> int:
        """What the three loops make of this tick."""
        self._adapt(view)
        return self._dial(view)

    def _adapt(self, view: View) -> None:
        now = view.now + _SLACK
        if now >= self._sample_at:
            self._sample_at = view.now + SAMPLE_SECONDS
            logged_in = view.working + view.paused
            self._samples.append(Sample(view.ready, view.waiting, logged_in))
        if now >= self._drops_at:
            self._drops_at = view.now + DROP_SECONDS
            self._count_drops(view)
        if now >= self._level_at:
            self._level_at = view.now + LEVEL_SECONDS
            clock = hhmm(self.settings.opens + view.now)
            self.level = next_level(self.level, self._mean(), self.drops, self.settings, clock)

    def _mean(self) -> Sample:
        seen, n = self._samples, len(self._samples)
        return Sample(
            sum(s.ready for s in seen) / n,
            sum(s.waiting for s in seen) / n,
            sum(s.logged_in for s in seen) / n,
        )

    def _count_drops(self, view: View) -> None:
        calls, drops = self._minute
        self.drops = Drops(
            view.dialed, view.abandoned / max(1, view.live), view.dialed - calls, view.abandoned - drops
        )
        self._minute = (view.dialed, view.abandoned)

    def _dial(self, view: View) -> int:
        """Launches are serial: the loop turns again 2.5 s after its last one."""
        now = view.now + _SLACK
        if now >= self._turn_at:
            self._batch = calls_wanted(self.level, view, self.settings.available_only)
            self._began, self._launched = view.now, 0
            self._turn_at = view.now + DIAL_SECONDS + self._batch / self.settings.cps
        due = min(self._batch, int((now - self._began) * self.settings.cps) + 1)
        fresh, self._launched = due - self._launched, due
        return fresh
