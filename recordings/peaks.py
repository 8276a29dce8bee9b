"""The outline of a recording, so that a browser draws it without decoding the audio."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FINE, COARSE = 20, 10
"""Peaks per second of a short and of a long recording."""
_FINE_UP_TO = 600.0
LONGEST = 36_000
"""Peaks per channel at most: one hour at the coarse rate; longer calls get fewer per second."""


def samples_per_peak(total: int, rate: int) -> int:
    """How many samples one peak covers in a recording of this many samples."""
    per_second = FINE if total <= _FINE_UP_TO * rate else COARSE
    return max(1, rate // per_second, math.ceil(total / LONGEST))


@dataclass(slots=True)
class PeakMeter:
    """Collects the loudest sample of each span, channel by channel.

    Blocks fed must be whole spans, except the last.
    """

    rate: int
    span: int
    _found: list[NDArray[np.float64]] = field(default_factory=list)

    def feed(self, stereo: NDArray[np.int16]) -> None:
        """Take a block of shape (samples, 2)."""
        if not len(stereo):
            return
        starts = np.arange(0, len(stereo), self.span)
        loud = np.maximum.reduceat(np.abs(stereo.astype(np.int32)), starts, axis=0)
        self._found.append(loud / 32768.0)

    def outline(self) -> dict[str, Any]:
        """The peaks as the consoles take them: {"rate", "left", "right"}, values 0..1."""
        peaks = np.concatenate(self._found) if self._found else np.zeros((0, 2))
        left, right = (np.round(peaks[:, side], 3).tolist() for side in (0, 1))
        return {"rate": round(self.rate / self.span, 4), "left": left, "right": right}
