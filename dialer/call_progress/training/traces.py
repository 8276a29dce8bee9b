"""What the features of a clip are at every instant: the raw material of training and of judging."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialer.call_progress.speech import Samples, Silero, Voices
from dialer.call_progress.timing import NAMES, Timing
from dialer.call_progress.training.clips import Label, clips

Array = NDArray[np.float64]

GREETING_OVER = 1.0
"""Seconds of silence that show, in hindsight, where a greeting has ended."""
HEARD = 11.0
"""Seconds of a clip that are looked at."""
_FRAME = 160
_ONSET, _SINCE, _SILENCE = NAMES.index("onset"), NAMES.index("since_onset"), NAMES.index("silence")


@dataclass(slots=True)
class Trace:
    """One clip, window by window (32 ms)."""

    label: Label
    vectors: Array
    """(windows, features); zeros before the onset"""
    at: Array
    """(windows,) seconds"""
    spoke: NDArray[np.bool_]
    """(windows,) whether speech had begun"""
    silence: Array
    """(windows,) seconds since the last speech"""

    @property
    def machine(self) -> bool:
        """Whether a machine answered."""
        return self.label.label == "machine"

    @property
    def greeting_end(self) -> float | None:
        """When the greeting was over; None when nobody spoke, or without end."""
        if self.label.said_until is not None:
            return self.label.said_until
        over = np.flatnonzero(self.spoke & (self.silence >= GREETING_OVER))
        return float(self.at[over[0]] - self.silence[over[0]]) if len(over) else None

    @property
    def onset(self) -> float | None:
        """When speech began."""
        first = np.flatnonzero(self.spoke)
        return float(self.vectors[first[0], _ONSET]) if len(first) else None

    @property
    def since(self) -> Array:
        """(windows,) seconds since the onset."""
        return self.vectors[:, _SINCE]


def trace(label: Label, samples: Samples, voices: Voices) -> Trace:
    """Listen to a clip."""
    timing = Timing()
    rows, at, spoke, silence = [], [], [], []
    for start in range(0, min(len(samples), int(HEARD * 8000)) - _FRAME + 1, _FRAME):
        for p, level in voices.windows(samples[start : start + _FRAME]):
            timing.hear(p, level)
            rows.append(timing.vector())
            at.append(timing.at)
            spoke.append(timing.onset is not None)
            silence.append(timing.silence)
    return Trace(
        label,
        np.array(rows).reshape(-1, len(NAMES)),
        np.array(at),
        np.array(spoke, dtype=bool),
        np.array(silence),
    )


def traces(folders: Iterable[Path], say: Callable[[str], None]) -> list[Trace]:
    """Listen to all clips of people and machines in these folders."""
    voices, found = Silero(), list[Trace]()
    for folder in folders:
        for number, (label, samples) in enumerate(clips(folder), start=1):
            if label.label != "tones":
                voices.reset()
                found.append(trace(label, samples, voices))
            if number % 500 == 0:
                say(f"heard {number} clips of {folder.name}")
    return found
