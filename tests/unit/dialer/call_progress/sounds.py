"""Synthetic sound of telephone networks and of people, for tests. 8 kHz, int16."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
RATE = 8000


def tone(
    hertz: Sequence[float], seconds: float, level: float = -15.0, phase: float = 0.0
) -> NDArray[np.float64]:
    """One or several tones at once; level in dBFS of the sum."""
    times = np.arange(round(seconds * RATE)) / RATE
    waves = sum(np.sin(2 * np.pi * f * times + phase) for f in hertz)
    return np.asarray(waves * 10 ** (level / 20) / len(hertz))


def silence(seconds: float) -> NDArray[np.float64]:
    return np.zeros(round(seconds * RATE))


def cadence(
    hertz: Sequence[float], steps: Sequence[int], times: int, level: float = -15.0
) -> NDArray[np.float64]:
    """On, off, on, off… in milliseconds, again and again."""
    parts = []
    for place, length in enumerate(list(steps) * times):
        parts.append(tone(hertz, length / 1000, level) if place % 2 == 0 else silence(length / 1000))
    return np.concatenate(parts)


def vowel(seconds: float, pitch: float = 140.0, level: float = -18.0) -> NDArray[np.float64]:
    """A voice that glides, with two formants: harmonics, as speech has them."""
    times = np.arange(round(seconds * RATE)) / RATE
    glide = pitch * (1 + 0.15 * np.sin(2 * np.pi * 1.3 * times))
    turns = 2 * np.pi * np.cumsum(glide) / RATE
    wave = np.zeros(len(times))
    for number in range(1, 20):
        hertz = number * pitch
        gain = np.exp(-(((hertz - 600) / 300) ** 2)) + 0.5 * np.exp(-(((hertz - 1500) / 400) ** 2))
        wave += gain * np.sin(number * turns)
    wave *= 0.5 + 0.5 * np.abs(np.sin(2 * np.pi * 2.2 * times))
    return np.asarray(wave / np.abs(wave).max() * 10 ** (level / 20))


def noise(seconds: float, level: float, seed: int = 0) -> NDArray[np.float64]:
    wave = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return np.asarray(wave * 10 ** (level / 20))


def with_noise(sound: NDArray[np.float64], below: float, seed: int = 0) -> NDArray[np.float64]:
    """White noise this many decibels below the loud part of a sound."""
    loud = np.abs(sound) > 0
    power = float(np.mean(sound[loud] ** 2)) if loud.any() else 1e-6
    hiss = np.random.default_rng(seed).standard_normal(len(sound))
    return np.asarray(sound + hiss * np.sqrt(power) * 10 ** (-below / 20))


def mu_law(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """There and back in 8 bits."""
    clipped = np.clip(sound, -1, 1)
    packed = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127) / 127
    return np.asarray(np.sign(packed) * (256 ** np.abs(packed) - 1) / 255)


def samples(*parts: NDArray[np.float64]) -> Samples:
    whole = np.concatenate(parts)
    return np.clip(np.round(whole * 32767), -32768, 32767).astype(np.int16)


def frames(sound: Samples) -> Iterator[Samples]:
    """Frames of 20 ms."""
    for at in range(0, len(sound) - 159, 160):
        yield sound[at : at + 160]
