"""The one place that touches libsndfile and soxr: Ogg Opus out, any sound file in, change of rate."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""What Opus takes as it is; everything else is resampled to the last."""


class OpusFile:
    """A stereo Ogg Opus file being written; use as a context manager."""

    def __init__(self, path: Path, rate: int) -> None:
        """Create or overwrite; rate is one of OPUS_RATES. Raises OSError when the disk refuses."""
        with _disk_errors():
            self._file: Any = soundfile.SoundFile(
                path, "w", samplerate=rate, channels=2, format="OGG", subtype="OPUS"
            )

    def __enter__(self) -> "OpusFile":
        """Nothing more to prepare."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write the last page."""
        self._file.close()

    def write(self, stereo: NDArray[np.int16]) -> None:
        """Append a block of shape (samples, 2)."""
        with _disk_errors():
            self._file.write(stereo)


@contextmanager
def _disk_errors() -> Iterator[None]:
    """libsndfile's complaint about a disk that refuses, as the OSError it is."""
    try:
        yield
    except soundfile.LibsndfileError as error:
        raise OSError(f"cannot write the recording: {error}") from error


def resampled(blocks: Iterator[NDArray[np.int16]], source: int, target: int) -> Iterator[NDArray[np.int16]]:
    """One channel at another rate; untouched when both are equal."""
    if source == target:
        yield from blocks
        return
    stream = soxr.ResampleStream(source, target, 1, dtype="int16")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, dtype=np.int16), last=True)


def sample_rate(path: Path) -> int:
    """Samples per second of a sound file."""
    return int(soundfile.info(path).samplerate)


def read_blocks(path: Path, frames: int) -> Iterator[NDArray[np.float32]]:
    """A sound file in blocks of shape (frames, channels), full scale = 1."""
    yield from soundfile.blocks(path, blocksize=frames, dtype="float32", always_2d=True)
