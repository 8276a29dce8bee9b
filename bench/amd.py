"""Asterisk's AMD() over samples: its rules as app_amd.c describes them, in our own words, for the comparison.

Frames of 20 ms are loud or silent by their mean magnitude. All times in milliseconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAME, STEP = 160, 20


@dataclass(frozen=True, slots=True)
class AmdSettings:
    """Parameters of AMD(), with Asterisk 22's own defaults."""

    initial_silence: int = 2500
    greeting: int = 1500
    after_greeting: int = 800
    total: int = 5000
    shortest_word: int = 100
    between_words: int = 50
    words: int = 2
    loudness: int = 256
    longest_word: int = 5000


DEFAULT = AmdSettings()
TUNED = AmdSettings(3500, 1500, 300, 5000, 120, 50, 5, 256, 5000)
"""The setting with the fewest people called machines among those of our reference."""


def amd(samples: NDArray[np.int16], told: AmdSettings) -> tuple[str, float]:
    """('human', 'machine' or 'unsure', seconds) of a clip."""
    loud = np.abs(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.int64)).mean(axis=1)
    silence = voice = spoken = words = 0
    greeted = in_word = False
    for number, level in enumerate(loud, start=1):
        at = number * STEP
        if at >= told.total:
            return "unsure", at / 1000
        if level < told.loudness:
            silence += STEP
            in_word, voice = (in_word, voice) if silence < told.between_words else (False, 0)
            if not greeted and silence >= told.initial_silence:
                return "machine", at / 1000
            if greeted and silence >= told.after_greeting:
                return "human", at / 1000
            continue
        voice, silence = voice + STEP, 0
        if voice >= told.shortest_word and not in_word:
            in_word, greeted, words = True, True, words + 1
        if in_word:
            spoken += STEP
        if words > told.words or voice >= told.longest_word or (greeted and spoken >= told.greeting):
            return "machine", at / 1000
    return "unsure", len(loud) * STEP / 1000
