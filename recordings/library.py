"""What the consoles need of the archive: a safe path, a verified file, a range of its bytes."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 65_536


class NotInArchive(LookupError):
    """The path leads out of the archive or to no file."""


class RangeRefused(ValueError):
    """The range asked for lies outside the file (HTTP 416)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A stretch of a file, `stop` excluded."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """Bytes in it."""
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """Value of the Content-Range header."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def resolve(archive: Path, relative: str) -> Path:
    """The file of a recording; raises NotInArchive for anything outside, links included."""
    root = archive.resolve()
    try:
        found = (root / relative).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise NotInArchive(relative) from error
    if not relative or not found.is_relative_to(root) or not found.is_file():
        raise NotInArchive(relative)
    return found


def checksum(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def verify(archive: Path, relative: str, sha256: bytes | None) -> bool:
    """Whether a recording is there and is the one that was archived."""
    try:
        return sha256 is not None and checksum(resolve(archive, relative)) == sha256
    except (NotInArchive, OSError):
        return False


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Read an HTTP Range header; None means the whole file (also for forms we need not honour).

    Raises RangeRefused when no byte of it exists.
    """
    if not header or not header.startswith("bytes=") or "," in header:
        return None
    first, dash, last = header.removeprefix("bytes=").strip().partition("-")
    if not dash or not _number(first, empty=True) or not _number(last, empty=True) or not first + last:
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= size or (first and last and int(last) < int(first)):
        raise RangeRefused(header)
    return ByteRange(start, stop)


def _number(text: str, *, empty: bool) -> bool:
    """Plain ASCII digits of a sane length."""
    return (empty and not text) or (text.isascii() and text.isdigit() and len(text) <= 15)


def read_range(path: Path, wanted: ByteRange, chunk: int = CHUNK) -> Iterator[bytes]:
    """The bytes of a range, in chunks; ends early only if the file shrinks."""
    left = wanted.length
    with path.open("rb") as file:
        file.seek(wanted.start)
        while left > 0 and (data := file.read(min(chunk, left))):
            left -= len(data)
            yield data
