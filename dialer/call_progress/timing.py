"""When somebody spoke, and for how long: the features of the answer model. Pure.

What tells a person from a machine in the first seconds is hardly the sound and mostly the turn-taking: a
person says a word or two and waits; a machine goes on. So the features are lengths of bursts and pauses, as
in arXiv 2604.09675, which hold across voices and languages. They come from windows of a voice-activity
detector and are cheap to keep up to date.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

WINDOW = 0.032
"""Seconds of audio that one probability of speech stands for."""
ON, OFF = 0.5, 0.35
"""Speech begins above ON and ends below OFF."""
BRIDGED = 0.1
"""A gap that is not longer is part of the burst."""
SHORTEST = 0.09
"""A burst that is not longer is a click."""
_QUIET = -70.0
"""Level of digital silence in dBFS."""

NAMES = (
    "onset",
    "since_onset",
    "speech",
    "speech_share",
    "bursts",
    "first_burst",
    "first_pause",
    "second_burst",
    "longest_burst",
    "longest_pause",
    "burst",
    "silence",
    "last_burst",
    "spoken_last_1",
    "spoken_last_2",
    "since_first_burst",
    "sureness",
    "dips",
    "snr",
    "level_change",
    "level_spread",
)
"""Names of the features, in the order of `Timing.vector`; lengths in seconds, levels in decibels."""


@dataclass(slots=True)
class Burst:
    """A stretch of speech; times in seconds since the answer."""

    start: float
    end: float
    level: float = _QUIET
    """Loudest window in dBFS."""

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


@dataclass(slots=True)
class Timing:
    """Bursts and pauses since the answer, window by window."""

    at: float = 0.0
    """Seconds heard."""
    bursts: list[Burst] = field(default_factory=list)
    speaking: bool = False
    noise: float = _QUIET
    """Level between the bursts in dBFS, slowly followed."""
    _sure: float = 0.0
    _spoken: int = 0
    _dips: int = 0
    _before: float = 0.0
    _quiet_windows: int = 0

    def hear(self, p: float, level: float) -> None:
        """One window: probability of speech, and level in dBFS."""
        start, self.at = self.at, self.at + WINDOW
        was = self.speaking
        self.speaking = p > ON or (was and p > OFF)
        if self.speaking:
            self._speech(start, was, p, level)
        else:
            self._pause(was, level)
        self._before = p

    def _speech(self, start: float, was: bool, p: float, level: float) -> None:
        if not was and not (self.bursts and start - self.bursts[-1].end <= BRIDGED):
            self._drop_click()
            self.bursts.append(Burst(start, start))
        burst = self.bursts[-1]
        burst.end, burst.level = self.at, max(burst.level, level)
        self._sure += p
        self._spoken += 1
        self._dips += self._before >= 0.8 > p

    def _pause(self, was: bool, level: float) -> None:
        self._quiet_windows += 1
        # A mean over the first windows, then over about the last second.
        weight = max(1.0 / self._quiet_windows, 0.03)
        self.noise += weight * (max(level, _QUIET) - self.noise)
        if self.bursts and not was and self.silence > BRIDGED:
            self._drop_click()

    def _drop_click(self) -> None:
        if self.bursts and self.bursts[-1].length <= SHORTEST:
            self.bursts.pop()

    @property
    def onset(self) -> float | None:
        """When speech began; None when nobody has spoken."""
        return self.bursts[0].start if self.bursts else None

    @property
    def silence(self) -> float:
        """Seconds since the last speech; 0 while somebody speaks, and the time heard before any speech."""
        if not self.bursts:
            return self.at
        return 0.0 if self.speaking else self.at - self.bursts[-1].end

    @property
    def spoken(self) -> float:
        """Seconds of speech."""
        return sum(burst.length for burst in self.bursts)

    def talk(self, pause: float) -> float:
        """Seconds of speech since the last pause between words that was at least so long."""
        found, after = 0.0, None
        for burst in reversed(self.bursts):
            if after is not None and after - burst.end >= pause:
                break
            found, after = found + burst.length, burst.start
        return found

    def vector(self) -> Vector:
        """Features by NAMES, shape (len(NAMES),); all zero before any speech."""
        if not self.bursts:
            return np.zeros(len(NAMES))
        first, last = self.bursts[0], self.bursts[-1]
        since = self.at - first.start
        pauses = [b.start - a.end for a, b in zip(self.bursts, self.bursts[1:], strict=False)]
        ended = not (self.speaking and len(self.bursts) == 1)
        lengths = [burst.length for burst in self.bursts]
        levels = [burst.level for burst in self.bursts]
        values = (
            first.start,
            since,
            sum(lengths),
            sum(lengths) / since,
            len(lengths),
            lengths[0],
            pauses[0] if pauses else self.silence,
            lengths[1] if len(lengths) > 1 else 0.0,
            max(lengths),
            max(pauses, default=0.0),
            last.length if self.speaking else 0.0,
            self.silence,
            last.length,
            self._within(1.0),
            self._within(2.0),
            self.at - first.end if ended else 0.0,
            self._sure / max(1, self._spoken),
            self._dips,
            max(levels) - self.noise,
            levels[-1] - levels[0],
            _deviation(levels),
        )
        return np.minimum(np.asarray(values, dtype=np.float64), _MOST)

    def _within(self, seconds: float) -> float:
        """Seconds of speech among the last `seconds`."""
        since = self.at - seconds
        return sum(max(0.0, burst.end - max(burst.start, since)) for burst in self.bursts)


def _deviation(values: Sequence[float]) -> float:
    """Standard deviation; of a few numbers a dozen times faster than numpy's."""
    mean = sum(values) / len(values)
    return float((sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5)


_MOST: Vector = np.array(
    [4, 8, 6, 1, 8, 4, 2, 4, 6, 2, 4, 2, 4, 1, 2, 6, 1, 12, 50, 20, 15], dtype=np.float64
)
"""Beyond these nothing more is learned, and nothing strange can happen."""


def named(vector: Sequence[float] | Vector) -> dict[str, float]:
    """A vector by its names, rounded for storage."""
    return {name: round(float(value), 3) for name, value in zip(NAMES, vector, strict=True)}
