"""The PBX's spool: which files belong to a call, whether they are closed, and their samples.

Asterisk writes a WAV header with length 0, buffers samples (up to 2 s of telephone audio) and writes the true
length only when it closes the file. So a length that fits the file means "closed"; a length of 0 in a file
that no longer grows means "the PBX was killed", and the size of the file tells how much audio there is.
"""

import contextlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

SIDES = ("customer", "agent")
"""In the order of the channels: left, right."""

MIXES = ("-mix.wav", ".wav")
"""Third files a dialplan may write; the archive holds both sides, so they are dropped."""

QUARANTINE = "damaged"
"""Folder inside the spool for the sources of a damaged recording."""
CHECK = ".cadencia-check-"
"""How files begin that `cadencia check` writes into the spool, and takes away: nobody's call."""

_HEADER_LIMIT = 4096
_MIN_RATE, _MAX_RATE = 4_000, 192_000
_SAMPLE = 2


class Condition(StrEnum):
    """What one side's file is like."""

    CLOSED = "closed"
    OPEN = "header not finalised"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Side:
    """One captured file as it is now."""

    path: Path
    condition: Condition
    rate: int = 0
    """Samples per second."""
    offset: int = 0
    """Where the samples start, in bytes."""
    samples: int = 0
    size: int = 0
    """Bytes of the whole file."""

    @property
    def usable(self) -> bool:
        """Whether there is audio in it."""
        return self.samples > 0

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return self.samples / self.rate if self.rate else 0.0


@dataclass(frozen=True, slots=True)
class Capture:
    """Both sides of one call."""

    customer: Side
    agent: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """Left, right."""
        return self.customer, self.agent

    @property
    def closed(self) -> bool:
        """Whether the PBX has closed both files."""
        return all(side.condition is Condition.CLOSED for side in self.sides)

    @property
    def usable(self) -> bool:
        """Whether at least one side has audio."""
        return any(side.usable for side in self.sides)

    @property
    def seconds(self) -> float:
        """Length of the longer side."""
        return max(side.seconds for side in self.sides)

    @property
    def signature(self) -> tuple[tuple[str, int], ...]:
        """Changes whenever a file appears, grows or is closed."""
        return tuple((side.condition, side.size) for side in self.sides)


def look(spool: Path, attempt: UUID) -> Capture:
    """What the spool holds of a call now."""
    customer, agent = (examine(spool / f"{attempt}-{side}.wav") for side in SIDES)
    return Capture(customer, agent)


def examine(path: Path) -> Side:
    """Read the header of one file."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(_HEADER_LIMIT)
    except FileNotFoundError:
        return Side(path, Condition.MISSING)
    if not head:
        return Side(path, Condition.EMPTY)
    return _read_header(path, head, size)


def _read_header(path: Path, head: bytes, size: int) -> Side:
    """Walk the chunks up to the samples; anything but 16-bit mono PCM is not ours to guess."""
    rate = 0
    for name, start, length in _chunks(head):
        if name == b"fmt ":
            rate = _rate(head[start : start + 16])
        elif name == b"data" and rate:
            return _side(path, rate, start, length, size)
    return Side(path, Condition.UNREADABLE, size=size)


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and declared length of each chunk in the header."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return
    at = 12
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        yield name, at + 8, length
        at += 8 + length + length % 2


def _rate(body: bytes) -> int:
    """Sample rate of a format chunk, 0 when it is no 16-bit mono PCM."""
    if len(body) < 16:
        return 0
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body)
    ours = kind == 1 and channels == 1 and bits == 16 and _MIN_RATE <= rate <= _MAX_RATE
    return rate if ours else 0


def _side(path: Path, rate: int, start: int, declared: int, size: int) -> Side:
    """Decide what a header with this declared length means in a file of this size."""
    there = max(0, size - start)
    if declared in (0, 0xFFFFFFFF):
        condition = Condition.OPEN if there >= _SAMPLE else Condition.EMPTY
        return Side(path, condition, rate, start, there // _SAMPLE, size)
    condition = Condition.CLOSED if declared <= there else Condition.TRUNCATED
    samples = min(declared, there) // _SAMPLE
    return Side(path, condition if samples else Condition.EMPTY, rate, start, samples, size)


def samples(side: Side, block: int) -> Iterator[NDArray[np.int16]]:
    """The audio of one side in blocks of at most this many samples."""
    if not side.usable:
        return
    left = side.samples
    with side.path.open("rb") as file:
        file.seek(side.offset)
        while left > 0 and (raw := file.read(min(block, left) * _SAMPLE)):
            found = np.frombuffer(raw[: len(raw) // _SAMPLE * _SAMPLE], dtype="<i2").astype(np.int16)
            left -= max(1, len(found))
            yield found


def discard(spool: Path, attempt: UUID) -> None:
    """Remove the files of a call that is safely archived."""
    for path in _files(spool, attempt):
        path.unlink(missing_ok=True)


def set_aside(spool: Path, attempt: UUID) -> None:
    """Keep the sources of a damaged recording out of the way."""
    target = spool / QUARANTINE
    target.mkdir(exist_ok=True)
    for path in _files(spool, attempt):
        with contextlib.suppress(FileNotFoundError):
            path.rename(target / path.name)


def _files(spool: Path, attempt: UUID) -> tuple[Path, ...]:
    """Every file a call may have left, the mix first so that a stop in between keeps the sides."""
    names = (*MIXES, *(f"-{side}.wav" for side in SIDES))
    return tuple(spool / f"{attempt}{name}" for name in names)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What lies in the spool."""

    attempts: tuple[UUID, ...]
    stale: tuple[str, ...]
    """Names of files older than the bound."""


def list_spool(spool: Path, *, older_than: float, limit: int) -> Leftovers:
    """Calls with files in the spool, and the files last written before a POSIX instant."""
    attempts: dict[UUID, None] = {}
    stale: list[str] = []
    with os.scandir(spool) as entries:
        for entry in entries:
            if len(attempts) >= limit or len(stale) >= limit:
                break
            _note(entry, attempts, stale, older_than)
    return Leftovers(tuple(attempts), tuple(sorted(stale)))


def _note(entry: os.DirEntry[str], attempts: dict[UUID, None], stale: list[str], older_than: float) -> None:
    """Sort one entry of the spool; a file that vanishes meanwhile was just archived."""
    with contextlib.suppress(FileNotFoundError):
        if not entry.is_file(follow_symlinks=False) or entry.name.startswith(CHECK):
            return
        if attempt := attempt_of(entry.name):
            attempts[attempt] = None
        if entry.stat(follow_symlinks=False).st_mtime < older_than:
            stale.append(entry.name)


def attempt_of(name: str) -> UUID | None:
    """The call a spool file belongs to, None when it is not named by us."""
    for ending in (*(f"-{side}.wav" for side in SIDES), *MIXES):
        if name.endswith(ending):
            with contextlib.suppress(ValueError):
                found = UUID(name.removesuffix(ending))
                return found if f"{found}{ending}" == name else None
            return None
    return None
