"""Announcements on disk: one small JSON file each, and recordings to learn them from."""

import re
from pathlib import Path

import numpy as np
import soundfile
import soxr
import structlog

from dialer.call_progress.announcements import (
    Announcement,
    Book,
    UnusableAnnouncement,
    book_of,
    from_json,
)
from dialer.call_progress.speech import RATE, Samples

log = structlog.get_logger("announcements")

MOST_SECONDS = 120.0
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
"""Of an announcement, which is a file name too."""


def load_book(folder: Path) -> Book:
    """All announcements of a folder; a file that cannot be read is told and left out."""
    entries: list[Announcement] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            entries.append(from_json(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, UnusableAnnouncement) as error:
            log.warning("announcement.unusable", file=path.name, error=str(error))
    return book_of(entries)


def save(folder: Path, announcement: Announcement) -> Path:
    """Write an announcement; raises UnusableAnnouncement for a name that is no file name."""
    if not NAME.fullmatch(announcement.name):
        raise UnusableAnnouncement("a name has small letters, digits and hyphens only")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{announcement.name}.json"
    part = path.with_suffix(".part")
    part.write_text(announcement.as_json(), "utf-8")
    part.rename(path)
    return path


def recording(path: Path, start: float = 0.0, end: float | None = None) -> Samples:
    """A recording as int16 at 8 kHz; raises UnusableAnnouncement when it is none, or too long."""
    try:
        with soundfile.SoundFile(path) as source:
            if source.frames / source.samplerate > MOST_SECONDS:
                raise UnusableAnnouncement(f"longer than {MOST_SECONDS:.0f} s")
            rate, samples = source.samplerate, source.read(dtype="float64", always_2d=True).mean(axis=1)
    except (OSError, soundfile.SoundFileError) as error:
        raise UnusableAnnouncement(f"no recording: {error}") from error
    cut = samples[round(start * rate) : None if end is None else round(end * rate)]
    resampled = cut if rate == RATE else soxr.resample(cut, rate, RATE)
    whole: Samples = np.clip(np.round(resampled * 32767), -32768, 32767).astype(np.int16)
    return whole
