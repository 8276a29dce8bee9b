"""From two captured sides to one archived file: encode beside its place, sync, then rename into it."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from recordings.captured import Capture, samples
from recordings.peaks import PeakMeter, samples_per_peak
from recordings.sound import OPUS_RATES, OpusFile, resampled

_BLOCK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Encoded:
    """A complete recording that still has its temporary name."""

    temporary: Path
    sha256: bytes
    size: int
    duration_ms: int
    peaks: dict[str, Any]


def relative_path(attempt: UUID, answered_at: datetime) -> str:
    """Where a recording lives inside the archive: by UTC date of the answer."""
    return f"{answered_at.astimezone(UTC):%Y/%m/%d}/{attempt}.opus"


def temporary_of(target: Path) -> Path:
    """The name a recording has until it is complete; always the same, so a repeat overwrites it."""
    return target.with_name(f".{target.stem}.part")


def encode(capture: Capture, target: Path, begun: Callable[[], None]) -> Encoded:
    """Write the recording beside its place and sync it; `begun` is called after the first block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(target)
    rate = _common_rate(capture)
    total = max(round(side.seconds * rate) for side in capture.sides)
    span = samples_per_peak(total, rate)
    meter = PeakMeter(rate, span)
    written = 0
    with OpusFile(temporary, rate) as file:
        for block in stereo_blocks(capture, rate, _whole_spans(rate, span)):
            file.write(block)
            meter.feed(block)
            if not written:
                begun()
            written += len(block)
    sha256, size = _seal(temporary)
    return Encoded(temporary, sha256, size, round(1000 * written / rate), meter.outline())


def publish(encoded: Encoded, target: Path) -> None:
    """Give a complete recording its name, durably."""
    encoded.temporary.replace(target)
    _sync_folder(target.parent)


def stereo_blocks(capture: Capture, rate: int, frames: int) -> Iterator[NDArray[np.int16]]:
    """Customer left, agent right; the shorter side is padded with silence."""
    left, right = (
        _exact(resampled(samples(side, frames), side.rate or rate, rate), frames) for side in capture.sides
    )
    nothing = np.zeros(0, dtype=np.int16)
    for customer, agent in zip_longest(left, right, fillvalue=nothing):
        stereo = np.zeros((max(len(customer), len(agent)), 2), dtype=np.int16)
        stereo[: len(customer), 0] = customer
        stereo[: len(agent), 1] = agent
        yield stereo


def _exact(blocks: Iterator[NDArray[np.int16]], frames: int) -> Iterator[NDArray[np.int16]]:
    """The same samples in blocks of exactly this length, the last may be shorter."""
    held = np.zeros(0, dtype=np.int16)
    for block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= frames:
            yield held[:frames]
            held = held[frames:]
    if len(held):
        yield held


def _common_rate(capture: Capture) -> int:
    """The rate both sides share when Opus takes it, else Opus's full rate."""
    rates = {side.rate for side in capture.sides if side.usable}
    [rate] = rates if len(rates) == 1 else {0}
    return rate if rate in OPUS_RATES else OPUS_RATES[-1]


def _whole_spans(rate: int, span: int) -> int:
    """About ten seconds, a whole number of peaks."""
    return max(1, _BLOCK_SECONDS * rate // span) * span


def _seal(path: Path) -> tuple[bytes, int]:
    """Checksum and size of a file that is on the disk when this returns."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        size = os.fstat(file.fileno()).st_size
        os.fchmod(file.fileno(), 0o640)
        os.fsync(file.fileno())
    return digest, size


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
