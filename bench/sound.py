"""Where a tone begins and ends in recorded sound. Pure."""

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
"""Samples per second."""
_BLOCK = 8
"""Samples looked at together: one millisecond, one period of 1 kHz."""
_LOUD = 1_000
_GAP = 200
"""Blocks of silence, in milliseconds, that end a tone: shorter ones are lost packets."""


def tones(samples: NDArray[np.int16]) -> list[tuple[float, float]]:
    """Begin and end of every tone, in seconds from the first sample."""
    whole = len(samples) // _BLOCK * _BLOCK
    peaks = np.abs(samples[:whole].astype(np.int32)).reshape(-1, _BLOCK).max(axis=1)
    loud = np.flatnonzero(peaks >= _LOUD)
    if len(loud) == 0:
        return []
    breaks = np.flatnonzero(np.diff(loud) > _GAP)
    begins = loud[np.concatenate(([0], breaks + 1))]
    ends = loud[np.concatenate((breaks, [len(loud) - 1]))] + 1
    seconds = _BLOCK / RATE
    return [(float(b) * seconds, float(e) * seconds) for b, e in zip(begins, ends, strict=True)]
