"""Labelled clips on disk: a folder with labels.csv and the recordings it names."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from dialer.call_progress.speech import RATE, Samples

MOST_SECONDS = 60.0
CLASSES = frozenset({"human", "machine", "tones"})


class UnusableClips(ValueError):
    """The folder is no set of labelled clips; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Label:
    """One line of labels.csv."""

    file: str
    label: str
    """human, machine or tones"""
    kind: str = ""
    group: str = ""
    """Speaker or source, never on both sides of a split; empty = a group of its own."""
    lang: str = ""
    said_until: float | None = None
    """Seconds until the end of the greeting, when known."""


def labels(folder: Path) -> list[Label]:
    """The lines of labels.csv: file and class are needed, kind, group and lang are welcome."""
    path = folder / "labels.csv"
    if not path.is_file():
        raise UnusableClips(f"{folder} holds no labels.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"file", "class"} <= set(rows[0]):
        raise UnusableClips("labels.csv needs the columns file and class")
    found = [
        Label(
            row["file"],
            row["class"],
            row.get("kind") or "",
            row.get("group") or row["file"],
            row.get("lang") or "",
        )
        for row in rows
    ]
    strange = {one.label for one in found} - CLASSES
    if strange:
        raise UnusableClips(f"class {sorted(strange)[0]!r} is none of {sorted(CLASSES)}")
    return found


def read(folder: Path, label: Label) -> Samples:
    """The recording, int16 at 8 kHz; raises UnusableClips when it is something else."""
    path = (folder / label.file).resolve()
    if folder.resolve() not in path.parents:
        raise UnusableClips(f"{label.file} lies outside the folder")
    try:
        samples, rate = soundfile.read(path, dtype="int16", frames=int(MOST_SECONDS * RATE))
    except (OSError, soundfile.SoundFileError) as error:
        raise UnusableClips(f"{label.file}: {error}") from error
    if rate != RATE or samples.ndim != 1:
        raise UnusableClips(f"{label.file} is not mono at {RATE} Hz")
    return np.asarray(samples, dtype=np.int16)


def clips(folder: Path) -> Iterator[tuple[Label, Samples]]:
    """All clips of a folder."""
    for label in labels(folder):
        yield label, read(folder, label)
