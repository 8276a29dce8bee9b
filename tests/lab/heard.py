"""What the called side said and what it heard, on one clock: from the end of its greeting to the first voice.

Of a lab with `--keep-heard`; a file is whole when its call has ended. All times are seconds from the answer,
counted in samples: no clocks are compared.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sip_lab.truth import CallTruth

FRAME = 0.02
"""Seconds over which loudness is taken."""
LOUD = 300.0
"""Root mean square, of 32 768, above which it is a voice and no noise of a quiet line."""
WORD = 0.06
"""Seconds of sound that are a voice and no click."""
PAUSE = 0.9
"""Seconds of quiet after which a greeting was over; called people go on to talk 1.4 s after theirs."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One answered call."""

    greeting_over: float | None
    """None: the called side said nothing."""
    voice: float | None
    """When it heard the first voice, an agent's or the message's; None: never."""
    length: float

    @property
    def dead_air(self) -> float:
        """Seconds of nothing after the greeting, or after the answer of somebody who said nothing.

        Until the end of the call for whoever heard nobody; 0 when a voice came before the greeting was over.
        """
        until = self.length if self.voice is None else self.voice
        return max(0.0, until - (self.greeting_over or 0.0))


def heard(call: CallTruth) -> Heard | None:
    """What there is of a call; None = nothing was kept of it (yet), as of one that was not answered."""
    ears = Path(call.heard)
    mouth = ears.with_name(ears.name.replace("-in.wav", "-out.wav"))
    if not (call.heard and call.heard_from and ears.exists()):
        return None
    try:
        came, said = loudness(ears), loudness(mouth) if mouth.exists() else None
    except (wave.Error, EOFError):
        return None  # its header is being written for the last time
    if said is not None:
        over = greeting_over(said)
    else:
        # Of an odd telephone there is the instant alone, and its voice ends with 0.3 s of silence.
        over = None if call.greeted is None else call.greeted - call.heard_from
    return Heard(over, first_voice(came), came.size * FRAME)


def loudness(path: Path) -> np.ndarray:
    """Root mean square of every frame of a file."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)
        size = round(file.getframerate() * FRAME)
    frames = samples[: samples.size // size * size].reshape(-1, size)
    rms: np.ndarray = np.sqrt(np.mean(frames**2, axis=1))
    return rms


def greeting_over(said: np.ndarray) -> float | None:
    """The end of the first words after which there is a pause."""
    end = None
    for begin, after in _words(said):
        if end is not None and begin - end >= PAUSE / FRAME:
            break
        end = after
    return None if end is None else end * FRAME


def first_voice(came: np.ndarray) -> float | None:
    """The begin of the first word."""
    return next((begin * FRAME for begin, _ in _words(came)), None)


def _words(rms: np.ndarray) -> Iterator[tuple[int, int]]:
    """First frame of every sound that is long enough, and the first frame after it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (rms > LOUD).astype(int), [0]))))
    for begin, after in zip(edges[::2], edges[1::2], strict=True):
        if (after - begin) * FRAME >= WORD - FRAME / 2:
            yield int(begin), int(after)
