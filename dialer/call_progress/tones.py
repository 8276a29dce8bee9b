"""The tone bank: which tones of the network are heard. Pure.

Every 20 ms the last 80 ms are looked at: two tones as near as 440 and 480 Hz stand apart then. A sound is a
tone when one or two spectral lines hold nearly all of its power, which speech and music never do for long.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.call_progress.cadences import Cadences, Segment, ToneHeard

Samples = NDArray[np.int16]

STEP = 20
"""Milliseconds from look to look."""
_WINDOW, _HOP, _FFT = 640, 160, 1024
_HANN: NDArray[np.float64] = np.hanning(_WINDOW) / 32768
_BIN = 8000 / _FFT
_LOW, _HIGH = int(250 / _BIN), int(3500 / _BIN)
_LOBE = 4
"""Half width of a line in bins: the main lobe of the window."""
_PURE = 0.8
"""Share of the power that one or two lines of a tone hold; white noise 10 dB below leaves 0.9."""
_SECOND = 0.12
"""A second line that holds less of the first one's power is noise."""
_QUIETEST = 10 ** (-48 / 10)
"""Mean square of what is still heard as a tone, -48 dBFS."""
_HELD = 120
"""Milliseconds after which a line is a tone, whatever it means; speech seldom holds one so long."""
_FADED = 0.05
"""Power relative to the tone before it, below which a sound counts as a pause: 13 dB."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One look. Without lines it is speech, music or noise; without power it is a pause."""

    power: float
    """Mean square, full scale = 1."""
    lines: tuple[float, ...] = ()
    """Frequencies in hertz, ascending."""


class ToneBank:
    """Feed it frames of 20 ms; it names what it hears, once each time."""

    def __init__(self) -> None:
        self._window = np.zeros(_WINDOW)
        self._segments = Segments()
        self._cadences = Cadences()

    @property
    def since_tone(self) -> float:
        """Seconds since any tone was heard, recognised or not; infinite when none was."""
        return self._segments.since_tone

    def hear(self, frame: Samples) -> tuple[ToneHeard, ...]:
        """The tones recognised with this frame, int16[160]."""
        self._window[:-_HOP] = self._window[_HOP:]
        self._window[-_HOP:] = frame
        found: list[ToneHeard] = []
        for segment in self._segments.hear(sound_of(self._window)):
            found.extend(self._cadences.hear(segment))
        return tuple(found)


def sound_of(window: NDArray[np.float64]) -> Sound:
    """What 80 ms of audio (float[640], int16 scale) are."""
    shaped = window * _HANN
    # The mean square of a Hann window is 3/8.
    power = float(np.dot(shaped, shaped)) / _WINDOW / 0.375
    if power < _QUIETEST:
        return Sound(power)
    spectrum = np.fft.rfft(shaped, _FFT)
    powers = spectrum.real**2 + spectrum.imag**2
    powers[:_LOW] = 0.0
    total = float(powers[:_HIGH].sum())
    if total <= 0:
        return Sound(power)
    first, one = _line(powers)
    if one / total > _PURE:
        return Sound(power, (first,))
    second, two = _line(powers)
    if two / one > _SECOND and (one + two) / total > _PURE:
        return Sound(power, (min(first, second), max(first, second)))
    return Sound(power)


def _line(powers: NDArray[np.float64]) -> tuple[float, float]:
    """Frequency and power of the strongest line, which is taken out of the spectrum."""
    peak = int(powers[:_HIGH].argmax())
    low, high = max(peak - _LOBE, 0), peak + _LOBE + 1
    lobe = powers[low:high]
    power = float(lobe.sum())
    frequency = float(np.dot(lobe, np.arange(low, low + len(lobe)))) / power * _BIN if power > 0 else 0.0
    powers[low:high] = 0.0
    return frequency, power


class Segments:
    """Looks one after the other, joined to stretches of the same."""

    def __init__(self) -> None:
        self._now = Segment((), 0, pause=True)
        self._doubt: list[Sound] = []
        self._clock = 0
        self._loud = 0.0
        self._tone_at: int | None = None

    @property
    def since_tone(self) -> float:
        """Seconds since the last stretch of a tone; infinite without any."""
        return math.inf if self._tone_at is None else (self._clock - self._tone_at) / 1000

    def hear(self, sound: Sound) -> Iterator[Segment]:
        """The stretch that goes on, or first the one that ended; two odd looks in a row end one."""
        self._clock += STEP
        lines, pause = self._told(sound)
        if self._same(lines, pause):
            self._go_on(lines, len(self._doubt) + 1)
            self._doubt.clear()
        else:
            self._doubt.append(sound)
            if len(self._doubt) < 2:
                return
            yield from self._turned()
        self._now.at = self._clock / 1000
        if self._now.lines and self._now.length >= _HELD:
            self._tone_at = self._clock
        yield self._now

    def _told(self, sound: Sound) -> tuple[tuple[float, ...], bool]:
        if sound.lines:
            self._loud = max(sound.power, self._loud * 0.98)
            return sound.lines, False
        return (), sound.power < max(_QUIETEST, self._loud * _FADED)

    def _same(self, lines: tuple[float, ...], pause: bool) -> bool:
        now = self._now
        return now.pause == pause and len(now.lines) == len(lines) and _near(now.lines, lines)

    def _go_on(self, lines: tuple[float, ...], looks: int) -> None:
        now = self._now
        weight = min(looks * STEP / (now.length + looks * STEP), 1.0)
        now.length += looks * STEP
        now.lines = tuple(a + weight * (b - a) for a, b in zip(now.lines, lines, strict=True))

    def _turned(self) -> Iterator[Segment]:
        ended, looks = self._now, len(self._doubt)
        lines, pause = self._told(self._doubt[-1])
        self._doubt.clear()
        ended.over, ended.at = True, self._clock / 1000
        self._now = Segment(lines, looks * STEP, pause=pause)
        yield ended


def _near(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= max(8.0, 0.015 * a) for a, b in zip(one, two, strict=True))
