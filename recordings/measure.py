"""Speech presence, measured: levels in dBFS over short frames, active seconds, onset.

A full-scale sine has −3.01 dBFS here (RMS of the samples, full scale = 1).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recordings.sound import read_blocks, sample_rate

LEFT, RIGHT = 0, 1
"""Customer, agent."""

FRAME = 0.02
"""Seconds of one frame."""
THRESHOLD = -45.0
"""dBFS above which a frame counts as sound; line noise and Opus silence stay far below."""
FLOOR = -120.0
"""dBFS given to digital silence."""


@dataclass(frozen=True, slots=True)
class Levels:
    """RMS level of each frame of one channel."""

    dbfs: NDArray[np.float64]
    frame: float
    """Seconds of one frame as cut."""

    def active(self, threshold: float = THRESHOLD) -> float:
        """Seconds above the threshold."""
        return float(np.count_nonzero(self.dbfs > threshold)) * self.frame

    def onset(self, threshold: float = THRESHOLD, *, hold: float = 0.06) -> float | None:
        """Start of the first sound that lasts at least `hold` seconds; None when there is none."""
        need = max(1, round(hold / self.frame))
        if len(self.dbfs) < need:
            return None
        loud = np.convolve(self.dbfs > threshold, np.ones(need, dtype=int), "valid") == need
        return float(np.argmax(loud)) * self.frame if loud.any() else None

    def mean(self) -> float:
        """Level of the whole channel in dBFS."""
        return float(_decibels(np.asarray(np.mean(10 ** (self.dbfs / 10))))) if len(self.dbfs) else FLOOR


def levels(path: Path, channel: int, *, frame: float = FRAME) -> Levels:
    """Levels of one channel of a sound file."""
    rate = sample_rate(path)
    span = max(1, round(frame * rate))
    found = [frame_levels(block[:, channel], span) for block in read_blocks(path, span * 500)]
    return Levels(np.concatenate(found) if found else np.zeros(0), span / rate)


def frame_levels(samples: NDArray[np.float32], span: int) -> NDArray[np.float64]:
    """RMS level of each frame of `span` samples; the last may be shorter."""
    if not len(samples):
        return np.zeros(0)
    starts = np.arange(0, len(samples), span)
    power = np.add.reduceat(samples.astype(np.float64) ** 2, starts)
    return _decibels(power / np.diff(np.append(starts, len(samples))))


def _decibels(power: NDArray[Any]) -> NDArray[np.float64]:
    """Mean square to dBFS, bounded below."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR / 10))))


def active_seconds(path: Path, channel: int, *, threshold: float = THRESHOLD) -> float:
    """Seconds of one channel in which there is sound."""
    return levels(path, channel).active(threshold)


def onset(path: Path, channel: int, *, threshold: float = THRESHOLD, frame: float = 0.005) -> float | None:
    """Seconds until a tone or voice starts in one channel, to a frame's length."""
    return levels(path, channel, frame=frame).onset(threshold)
