"""What a workbook weighs before anything reads it: forty kilobytes can ask for gigabytes."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from portfolio.importer.problems import ImportRefused

MOST_PARTS = 5_000
MOST_UNPACKED = 768 * 1024**2
"""Bytes of all parts together."""
MOST_RATIO = 250
"""Unpacked over packed from FREE_OF_RATIO on; sheets of real people come to ten or twenty."""
FREE_OF_RATIO = 16 * 1024**2
_CHUNK = 1 << 20


def unpacked_bytes(path: Path) -> int:
    """What its parts come to, by unpacking them; raises ImportRefused for more than a list of people."""
    try:
        with ZipFile(path) as book:
            return _weighed(book, _room(path.stat().st_size))
    except ImportRefused:
        raise
    except (BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise ImportRefused("bad_sheet", str(error)[:200]) from None


def _room(packed: int) -> int:
    return min(MOST_UNPACKED, max(FREE_OF_RATIO, packed * MOST_RATIO))


def _weighed(book: ZipFile, room: int) -> int:
    parts, total = book.infolist(), 0
    if len(parts) > MOST_PARTS:
        raise ImportRefused("sheet_too_big", f"{len(parts)} parts")
    for part in parts:
        # The sizes that a part claims are not believed.
        for size in _sizes(book, part):
            total += size
            if total > room:
                raise ImportRefused("sheet_too_big", f"{part.filename[:60]}: > {room >> 20} MB")
    return total


def _sizes(book: ZipFile, part: ZipInfo) -> Iterator[int]:
    with book.open(part) as content:
        while chunk := content.read(_CHUNK):
            yield len(chunk)
