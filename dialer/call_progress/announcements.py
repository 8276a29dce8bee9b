"""Recorded announcements of carriers, known by their fingerprint. Pure.

A network plays the same recording to everybody, so a few seconds of band energies are enough to know it
again at any level, codec and offset: the normalised correlation of their logarithms, each band about its
own mean, is near 1 for the same recording and seldom above a half for any other speech.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialer.call_progress.heard import HeardOutcome

Samples = NDArray[np.int16]
Powers = NDArray[np.float64]
Print = NDArray[np.float64]
"""Shape (LENGTH · BANDS,), mean 0 in each band, length 1."""

FORMAT = 1
BANDS = 16
STEP = 160
"""Samples from look to look: 20 ms."""
LENGTH = 128
"""Looks of a fingerprint: 2.56 seconds."""
MISSED = 35
"""Looks of the begin that a fingerprint leaves out where the recording is long enough: 0.7 s."""
CHECK = 3
"""Looks from one comparison to the next; speech changes within some 50 ms."""
ALIKE = 0.72
"""Correlation from which on it is the same recording."""
_WINDOW, _FFT = 640, 1024
_EDGES = np.round(np.geomspace(300, 3400, BANDS + 1) / (8000 / _FFT)).astype(np.int64)
_HANN = np.hanning(_WINDOW) / 32768
_FLOOR = 0.003
"""Share of the mean power below which nothing is told apart: 25 dB."""
_QUIETEST = 1e-5
"""Power of a look, full scale = 1, that is still sound: -50 dBFS."""
_LOUD_SHARE = 0.4
"""Share of looks of a fingerprint that must hold sound."""


class UnusableAnnouncement(ValueError):
    """A recording or a stored fingerprint that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One recording, known by some seconds of it."""

    name: str
    outcome: HeardOutcome
    fingerprint: Print

    def as_json(self) -> str:
        """For a file."""
        packed = b64encode(np.round(self.fingerprint * 3000).clip(-127, 127).astype(np.int8).tobytes())
        content = {"name": self.name, "outcome": self.outcome.value, "fingerprint": packed.decode()}
        return json.dumps({"format": FORMAT, **content})


@dataclass(frozen=True, slots=True)
class Book:
    """The announcements that are known."""

    entries: tuple[Announcement, ...] = ()
    _stack: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Lay the fingerprints side by side."""
        rows = [entry.fingerprint for entry in self.entries]
        object.__setattr__(self, "_stack", np.array(rows).reshape(len(rows), LENGTH * BANDS))

    def nearest(self, heard: Print) -> tuple[Announcement, float] | None:
        """The entry that is most like what was heard, and their correlation."""
        if not self.entries:
            return None
        alike = self._stack @ heard
        best = int(alike.argmax())
        return self.entries[best], float(alike[best])


@dataclass(frozen=True, slots=True)
class Match:
    """A recording was recognised."""

    name: str
    outcome: HeardOutcome
    at: float
    """Seconds of the stream."""
    alike: float
    """Correlation with the fingerprint."""


class Matcher:
    """Listens to one call for the announcements of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._window = np.zeros(_WINDOW)
        self._powers: Powers = np.zeros((LENGTH, BANDS))
        self._looks = 0

    def hear(self, frame: Samples) -> Match | None:
        """The announcement that these 20 ms (int16[160]) complete. Costs nothing with an empty book."""
        if not self._book.entries:
            return None
        self._window[:-STEP] = self._window[STEP:]
        self._window[-STEP:] = frame
        self._powers[self._looks % LENGTH] = band_powers(self._window)
        self._looks += 1
        if self._looks < LENGTH or self._looks % CHECK:
            return None
        # The oldest look first.
        heard = fingerprint(np.roll(self._powers, -(self._looks % LENGTH), axis=0))
        found = self._book.nearest(heard) if heard is not None else None
        if found is None or found[1] < ALIKE:
            return None
        return Match(found[0].name, found[0].outcome, self._looks * STEP / 8000, round(found[1], 3))


def band_powers(window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Powers in BANDS bands of 80 ms (float[640], int16 scale)."""
    spectrum = np.fft.rfft(window * _HANN, _FFT)
    powers = spectrum.real**2 + spectrum.imag**2
    return np.add.reduceat(powers[: _EDGES[-1]], _EDGES[:-1]) / _WINDOW


def fingerprint(powers: Powers) -> Print | None:
    """What a stretch of band powers (LENGTH, BANDS) is known by; None with too little sound in it."""
    if (powers.sum(axis=1) > _QUIETEST).mean() < _LOUD_SHARE:
        return None
    levels = np.log(powers + _FLOOR * powers.mean())
    levels -= levels.mean(axis=0)
    size = float(np.sqrt((levels**2).sum()))
    return levels.ravel() / size if size > 0 else None


def enrol(name: str, outcome: HeardOutcome, samples: Samples) -> Announcement:
    """Learn a recording (int16, 8 kHz) by its first lively seconds; raises UnusableAnnouncement."""
    looks = len(samples) // STEP
    if looks < LENGTH + 4:
        raise UnusableAnnouncement(f"{looks * STEP / 8000:.1f} s are too short: at least 2.7 s are needed")
    powers = _powers(samples)
    loud = (powers.sum(axis=1) > _QUIETEST).astype(np.float64)
    sums = np.convolve(loud, np.ones(LENGTH), "valid")
    # The begin is often missed: the stream opens when the announcement already plays.
    late = min(MISSED, len(sums) - 1)
    sums[:late] = 0.0
    # The first stretch that is nearly as lively as any: the sooner it is known, the sooner the call ends.
    start = int(np.flatnonzero(sums >= 0.9 * sums.max())[0])
    found = fingerprint(powers[start : start + LENGTH])
    if found is None:
        raise UnusableAnnouncement("the recording is nearly silent")
    return Announcement(name, outcome, found)


def _powers(samples: Samples) -> Powers:
    window, rows = np.zeros(_WINDOW), []
    for at in range(0, len(samples) - STEP + 1, STEP):
        window[:-STEP] = window[STEP:]
        window[-STEP:] = samples[at : at + STEP]
        rows.append(band_powers(window))
    return np.array(rows)


def from_json(text: str) -> Announcement:
    """A stored announcement; raises UnusableAnnouncement."""
    try:
        content: dict[str, Any] = json.loads(text)
        if content["format"] != FORMAT:
            raise UnusableAnnouncement("a fingerprint of another format")
        values = np.frombuffer(b64decode(content["fingerprint"], validate=True), dtype=np.int8).astype(
            np.float64
        )
        size = float(np.sqrt((values**2).sum()))
        if len(values) != LENGTH * BANDS or size == 0:
            raise UnusableAnnouncement("a fingerprint of another length")
        return Announcement(str(content["name"]), HeardOutcome(content["outcome"]), values / size)
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableAnnouncement(f"unusable announcement: {error}") from error


def book_of(entries: Iterable[Announcement]) -> Book:
    """A book; the later of two entries with one name counts."""
    return Book(tuple({entry.name: entry for entry in entries}.values()))
