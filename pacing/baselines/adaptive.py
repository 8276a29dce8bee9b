"""Rules of other dialers that correct themselves, from prose descriptions of them."""

import math
from dataclasses import dataclass, field

import numpy as np

from pacing.baselines.view import Recent, View


@dataclass(slots=True)
class Issabel:
    """Dials for agents who are free or probably finish before the answer; nothing limits the abandonment.

    Talk is taken to be exponential: a busy agent counts when 1 − exp(−(time on call + mean ring) / mean talk)
    reaches `qos`. Agents in wrap-up are not looked at.
    """

    qos: float = 0.97
    overcommit: bool = True
    """Whether the number is divided by the answer share of the last half hour (at least 0.20)."""
    _recent: Recent = field(default_factory=lambda: Recent(1800.0))

    @property
    def name(self) -> str:
        """In tables."""
        return f"Issabel, qos {self.qos:g}"

    def calls(self, view: View) -> int:
        """Free and finishing agents, less persons waiting and calls in the air, over the answer share."""
        needed = view.ready + self._finishing(view) - view.in_flight
        dialed, answered = self._recent.growth(view.now, view.dialed, view.answered)
        if needed <= 0:
            return 0
        if not self.overcommit or dialed < 10 or answered <= 0:
            return needed
        return round(needed / max(0.20, answered / dialed))

    def _finishing(self, view: View) -> int:
        if view.handled < 10 or view.talk_mean <= 0:
            return 0
        done = 1 - np.exp(-(view.on_call + view.ring_mean) / view.talk_mean)
        return int(np.count_nonzero(done >= self.qos))


def over_dial(hit_rate: float, abandoned: float, target: float, maximum: float, load_factor: float) -> float:
    """Webitel's calls per free agent, at least 1; `hit_rate` 0–1, the other shares in percent."""
    if hit_rate <= 0 or abandoned >= maximum:
        return 1.0
    over = 1 / hit_rate
    if abandoned > target:
        over *= (maximum - abandoned) * (100 + load_factor) / maximum / 100
    else:
        short = target - abandoned if abandoned < target else 0.99
        over *= 1 + short * load_factor / 100
    return max(1.0, over)


@dataclass(slots=True)
class Webitel:
    """Inverse hit rate of the last hour, bent by the abandonment of the same hour; set anew every 30 s."""

    target: float = 2.5
    """Percent of the live answers."""
    maximum: float = 3.0
    load_factor: float = 10.0
    min_attempts: int = 100
    """Calls of the hour before which it is progressive; the number is ours, the rule says none."""
    over: float = 1.0
    """Calls for each free agent."""
    _recent: Recent = field(default_factory=lambda: Recent(3600.0))
    _set_at: float = 0.0

    @property
    def name(self) -> str:
        """In tables."""
        return f"Webitel, target {self.target:g} %, max {self.maximum:g} %"

    def calls(self, view: View) -> int:
        """Over-dialled ready agents, rounded down, less calls in flight."""
        dialed, live, abandoned = self._recent.growth(view.now, view.dialed, view.live, view.abandoned)
        if view.now >= self._set_at:
            self._set_at = view.now + 30.0
            percent = 100 * abandoned / live if live else 0.0
            hits = live / dialed if dialed >= self.min_attempts else 0.0
            self.over = over_dial(hits, percent, self.target, self.maximum, self.load_factor)
        return max(0, math.floor(self.over * view.ready + 1e-9) - view.in_flight)


@dataclass(slots=True)
class Unicom:
    """Predict2: w + w·adjust·failed/answered calls in flight for w waiting agents, over the last 15 minutes.

    While the day's abandonment is above the maximum it is progressive.
    """

    adjust: float = 150.0
    """Percent."""
    maximum: float = 0.03
    _recent: Recent = field(default_factory=lambda: Recent(900.0))

    @property
    def name(self) -> str:
        """In tables."""
        return f"Unicom Predict2, adjust {self.adjust:g}"

    def calls(self, view: View) -> int:
        """Calls in flight that the waiting agents ask for, less those there are."""
        dialed, live = self._recent.growth(view.now, view.dialed, view.live)
        wanted = float(view.ready)
        if live > 0 and view.abandoned <= self.maximum * view.live:
            wanted += view.ready * self.adjust / 100 * (dialed - live) / live
        return max(0, math.floor(wanted + 1e-9) - view.in_flight)
