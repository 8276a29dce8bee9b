"""From chunks of bytes to lines, with a bound on what is kept."""

import codecs
from collections.abc import Iterator
from typing import NamedTuple

from portfolio.importer.encodings import SAMPLE_BYTES, LineDecoder, utf16_of
from portfolio.importer.problems import ImportRefused

MAX_LINE_BYTES = 64 * 1024


class Line(NamedTuple):
    """One line of the file without its end, or the code of what is wrong with it."""

    row: int
    text: str = ""
    problem: str = ""


class LineReader:
    """Cuts a stream into lines. Feed it chunks, then close it; it keeps a line and a sample at most."""

    def __init__(self) -> None:
        self._sample = b""
        self._begun = False
        self._utf16: codecs.IncrementalDecoder | None = None
        self._decoder = LineDecoder()
        self._end = b"\n"
        self._buffer = b""
        self._skipping = False
        self._row = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Lines that this chunk completes."""
        if self._begun:
            yield from self._cut(self._as_8_bit(chunk))
            return
        self._sample += chunk
        if len(self._sample) >= SAMPLE_BYTES:
            yield from self._begin()

    def close(self) -> Iterator[Line]:
        """What is left at the end of the file."""
        if not self._begun:
            yield from self._begin()
        if self._utf16 is not None:
            yield from self._cut(self._utf16.decode(b"", final=True).encode())
        if self._buffer and not self._skipping:
            yield self._line(self._buffer)

    def _begin(self) -> Iterator[Line]:
        """Look at the sample: which encoding, which line ends."""
        self._begun = True
        sample, self._sample = self._sample, b""
        utf16 = utf16_of(sample)
        if utf16 is not None:
            self._utf16 = codecs.getincrementaldecoder(utf16)(errors="replace")
            self._decoder.encoding = "utf-8"
        elif b"\0" in sample.partition(b"\n")[0] or sample.startswith(b"PK\x03\x04"):
            raise ImportRefused("not_text")
        text = self._as_8_bit(sample).removeprefix(b"\xef\xbb\xbf")
        if sample.startswith(codecs.BOM_UTF8):
            self._decoder.encoding = "utf-8"
        if b"\n" not in text and b"\r" in text:
            self._end = b"\r"
        yield from self._cut(text)

    def _as_8_bit(self, chunk: bytes) -> bytes:
        return chunk if self._utf16 is None else self._utf16.decode(chunk).encode()

    def _cut(self, chunk: bytes) -> Iterator[Line]:
        *whole, rest = (self._buffer + chunk).split(self._end)
        for line in whole:
            if self._skipping:
                self._skipping = False
                continue
            yield self._line(line)
        self._buffer = rest
        if len(rest) > MAX_LINE_BYTES:
            if not self._skipping:
                yield self._line(rest)
            self._skipping, self._buffer = True, b""

    def _line(self, line: bytes) -> Line:
        self._row += 1
        if len(line) > MAX_LINE_BYTES:
            return Line(self._row, problem="row_too_long")
        text = self._decoder.decode(line.removesuffix(b"\r"))
        return Line(self._row, problem="encoding") if text is None else Line(self._row, text)
