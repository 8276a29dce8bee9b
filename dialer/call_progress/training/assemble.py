"""Assembles labelled clips from recorded voices: people who greet and wait, machines that go on.

Timing looks real and is invented; the voices are whatever lies in the folders given. Good for learning
turn-taking on many voices and languages, never for a claim about the field.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Audio = NDArray[np.float64]

RATE = 8000
_BAND = (300.0, 3400.0)
_SHORT, _LONG = (0.18, 1.5), (1.2, 12.0)
"""Seconds of an utterance that answers a telephone, and of a sentence."""
_PEOPLE = {"short": 0.42, "double": 0.12, "company": 0.20, "noisy": 0.14, "late": 0.06, "chat": 0.06}
_MACHINES = {"default": 0.72, "pausey": 0.16, "wordy": 0.12}
_ENDINGS = (".wav", ".flac", ".ogg", ".gsm")
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker or source."""

    name: str
    words: list[Audio]
    sentences: list[Audio]


def voices(folders: Iterable[Path], *, most: int = 300) -> list[Voice]:
    """One voice of each folder, at most `most` recordings of it."""
    found = []
    for folder in folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS)
        order = np.random.default_rng(1).permutation(len(paths))[:most]
        heard = [audio for place in order if (audio := _utterance(paths[place])) is not None]
        words, sentences = (
            [a for a in heard if low <= len(a) / RATE <= high] for low, high in (_SHORT, _LONG)
        )
        if len(words) >= _LEAST or len(sentences) >= _LEAST:
            found.append(Voice(folder.name, words, sentences))
    return found


def _utterance(path: Path) -> Audio | None:
    """A recording without the silence round it, at a mean power of 1; None when it is not usable."""
    raw = (
        {"format": "RAW", "subtype": "GSM610", "samplerate": RATE, "channels": 1}
        if path.suffix == ".gsm"
        else {}
    )
    try:
        samples, rate = soundfile.read(path, dtype="float64", always_2d=True, **raw)
    except (OSError, soundfile.SoundFileError):
        return None
    audio = samples.mean(axis=1)
    audio = audio if rate == RATE else soxr.resample(audio, rate, RATE)
    if len(audio) < RATE // 10 or len(audio) > 20 * RATE:
        return None
    envelope = np.convolve(np.abs(audio), np.ones(160) / 160, "same")
    loud = np.flatnonzero(envelope > max(envelope.max() * 0.05, 1e-4))
    if len(loud) < 400:
        return None
    cut: Audio = audio[max(0, loud[0] - 80) : loud[-1] + 160]
    even: Audio = cut / (np.sqrt(np.mean(cut**2)) + 1e-9)
    return even


class Assembler:
    """Draws clips; the same for the same voices and seed."""

    def __init__(self, known: list[Voice], seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._speakers = [voice for voice in known if len(voice.words) >= _LEAST]
        self._readers = [voice for voice in known if len(voice.sentences) >= _LEAST]

    def draw(self, machine: bool) -> tuple[str, str, NDArray[np.int16]]:
        """(kind, voice, samples) of one clip."""
        kind = self._kind(_MACHINES if machine else _PEOPLE)
        voice = self._voice(kind)
        parts = self._machine(kind, voice) if machine else self._person(kind, voice)
        return kind, voice.name, self._line(_fit(parts, 12.0 if machine else 10.0), noisy=kind == "noisy")

    def _kind(self, shares: dict[str, float]) -> str:
        return str(self._chance.choice(list(shares), p=list(shares.values())))

    def _voice(self, kind: str) -> Voice:
        crowd = self._readers if kind in ("company", "default", "pausey") else self._speakers
        return crowd[int(self._chance.integers(len(crowd)))]

    def _pause(self, low: float, high: float) -> Audio:
        return np.zeros(int(self._chance.uniform(low, high) * RATE))

    def _one(self, of: list[Audio], otherwise: list[Audio]) -> Audio:
        if of:
            return of[int(self._chance.integers(len(of)))]
        return otherwise[int(self._chance.integers(len(otherwise)))][
            : int(self._chance.uniform(0.4, 1.2) * RATE)
        ]

    def _word(self, voice: Voice) -> Audio:
        return self._one(voice.words, voice.sentences)

    def _sentence(self, voice: Voice) -> Audio:
        return self._one(voice.sentences, voice.words)

    def _person(self, kind: str, voice: Voice) -> list[Audio]:
        """A greeting, and then again and again a word after a wait."""
        parts = [self._pause(1.5, 4.0) if kind == "late" else self._pause(0.1, 1.1)]
        if kind == "company":
            parts.append(self._sentence(voice)[: int(4.2 * RATE)])
            if self._chance.random() < 0.25:
                parts += [self._pause(0.15, 0.8), self._sentence(voice)[: int(2.2 * RATE)]]
        else:
            more = {"double": 1, "chat": 2}.get(kind, 0)
            parts.append(self._word(voice))
            for _ in range(more):
                parts += [self._pause(0.15, 0.8 if kind == "double" else 0.5), self._word(voice)]
        again = self._word(voice)
        while _length(parts) < 10 and self._chance.random() < 0.6:
            parts += [self._pause(1.2, 2.6), again if self._chance.random() < 0.6 else self._word(voice)]
        return parts

    def _machine(self, kind: str, voice: Voice) -> list[Audio]:
        """A greeting of many words; half of the machines beep."""
        early = self._chance.random() < 0.85
        parts = [self._pause(0.1, 1.3) if early else self._pause(1.3, 2.8)]
        if kind == "pausey":
            parts += [self._word(voice), self._pause(0.7, 1.4)]
        until = _length(parts) + self._chance.uniform(3.5, 11)
        while _length(parts) < until:
            if kind == "wordy":
                parts += [self._word(voice), self._pause(0.1, 1.1)]
            else:
                parts += [self._sentence(voice), self._pause(0.05, 0.7)]
        if self._chance.random() < 0.5:
            times = np.arange(int(self._chance.uniform(0.2, 0.6) * RATE)) / RATE
            parts.append(1.4 * np.sin(2 * np.pi * self._chance.choice([440, 800, 1000, 1400]) * times))
        return parts

    # --- the telephone line ---

    def _line(self, voice: Audio, *, noisy: bool) -> NDArray[np.int16]:
        """Band, level, fading, noise, loss and µ-law of a telephone call."""
        chance, level = self._chance, 10 ** (self._chance.uniform(-34, -12) / 20)
        audio = _band(voice) * level
        if chance.random() < 0.4:
            turns = 2 * np.pi * chance.uniform(0.2, 1) * np.arange(len(audio)) / RATE
            audio = audio * (1 + 0.3 * np.sin(turns + chance.uniform(0, 6)))
        draw = chance.random()
        if noisy or draw < 0.55:
            below = chance.uniform(6, 16) if noisy else chance.uniform(10, 32)
            audio = audio + self._noise(len(audio)) * level * 10 ** (-below / 20)
        elif draw < 0.8:
            audio = audio + chance.standard_normal(len(audio)) * 10 ** (chance.uniform(-70, -55) / 20)
        if chance.random() < 0.2:
            lost = chance.random(len(audio) // 160) < chance.uniform(0.005, 0.03)
            audio[: len(lost) * 160].reshape(-1, 160)[lost] = 0.0
        return np.clip(_mu_law(audio) * 32767, -32768, 32767).astype(np.int16)

    def _noise(self, n: int) -> Audio:
        chance, kind = self._chance, int(self._chance.integers(4))
        noise: Audio = chance.standard_normal(n)
        if kind == 1:
            slow = np.cumsum(noise)
            noise = slow - np.convolve(slow, np.ones(400) / 400, "same")
        elif kind == 2:
            noise = np.sum([self._talk(n) for _ in range(4)], axis=0)
        elif kind == 3:
            clatter = (chance.random(n) < 0.0005).astype(np.float64)
            noise = noise * (1 + 2 * np.convolve(clatter, np.hanning(800), "same"))
        noise = _band(noise)
        even: Audio = noise / np.sqrt(np.mean(noise**2) + 1e-12)
        return even

    def _talk(self, n: int) -> Audio:
        reader = self._readers[int(self._chance.integers(len(self._readers)))]
        speech = np.concatenate([self._sentence(reader) for _ in range(4)])
        return np.tile(speech, 1 + n // len(speech))[:n]


def _length(parts: list[Audio]) -> float:
    return sum(map(len, parts)) / RATE


def _fit(parts: list[Audio], seconds: float) -> Audio:
    joined, size = np.concatenate(parts), int(seconds * RATE)
    return np.pad(joined, (0, max(0, size - len(joined))))[:size]


def _band(audio: Audio) -> Audio:
    """What a telephone lets through, with soft edges."""
    spectrum = np.fft.rfft(audio)
    hertz = np.fft.rfftfreq(len(audio), 1 / RATE)
    low, high = _BAND
    gain = 1 / np.sqrt(1 + (low / np.maximum(hertz, 1)) ** 6) / np.sqrt(1 + (hertz / high) ** 12)
    return np.fft.irfft(spectrum * gain, len(audio))


def _mu_law(audio: Audio) -> Audio:
    """There and back in 8 bits (ITU-T G.711)."""
    clipped = np.clip(audio, -1, 1)
    packed = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127) / 127
    back: Audio = np.sign(packed) * (256 ** np.abs(packed) - 1) / 255
    return back


def assemble(folders: Iterable[Path], out: Path, count: int, seed: int, say: Callable[[str], None]) -> int:
    """Write `count` clips with their labels.csv, half of them machines; returns the number of voices."""
    known = voices(folders)
    assembler = Assembler(known, seed)
    say(f"{len(known)} voices")
    out.mkdir(parents=True, exist_ok=True)
    with (out / "labels.csv").open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(("file", "class", "kind", "group", "lang"))
        for number in range(count):
            machine = number % 2 == 1
            kind, voice, samples = assembler.draw(machine)
            name = f"{number:06d}.flac"
            soundfile.write(out / name, samples, RATE, subtype="PCM_16")
            rows.writerow((name, "machine" if machine else "human", kind, f"assembled {voice}", ""))
            if number % 500 == 499:
                say(f"assembled {number + 1} of {count}")
    return len(known)
