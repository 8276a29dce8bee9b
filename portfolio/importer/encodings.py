"""From bytes of an unknown hand to text, line by line.

The first line that is not plain ASCII settles the encoding (or a mark at the start does); a later line that
is not in it is reported, never guessed at.
"""

import codecs

SAMPLE_BYTES = 64 * 1024

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def utf16_of(sample: bytes) -> str | None:
    """The UTF-16 variant of a file, by its mark or by the zero bytes of Latin text; None = not UTF-16."""
    for mark, name in _UTF16.items():
        if sample.startswith(mark):
            return name
    # Only the header: a stray zero in a row further down is that row's problem.
    header = sample.partition(b"\n")[0]
    even, odd = header[0::2].count(0), header[1::2].count(0)
    half = max(1, len(header) // 2)
    if odd > 0.3 * half and even < 0.02 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.02 * half:
        return "utf-16-be"
    return None


class LineDecoder:
    """Decodes lines in the one encoding of the file."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        """utf-8 or cp1252; None = only ASCII so far, which is both."""

    def decode(self, line: bytes) -> str | None:
        """The text of a line; None when it is not in the encoding of the file."""
        if line.isascii():
            return line.decode("ascii")
        utf8 = _decoded(line, "utf-8")
        if self.encoding is None:
            self.encoding = "utf-8" if utf8 is not None else "cp1252"
        if self.encoding == "utf-8":
            return utf8 if utf8 is not None and "\ufffd" not in utf8 else None
        # Text that happens to be valid UTF-8 is UTF-8: in a cp1252 file it would become "MuÃ±oz".
        return _decoded(line, "cp1252") if utf8 is None else None


def is_double_encoded(text: str) -> bool:
    """Whether UTF-8 was once read as cp1252 ('MuÃ±oz')."""
    try:
        return not text.isascii() and text.encode("cp1252").decode("utf-8") != text
    except UnicodeError:
        return False


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None
