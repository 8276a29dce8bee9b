"""What a text may contain, for every entrance: whatever screens can show and Postgres can hold. Pure."""

import re

MAX_NUMBER = 2**63 - 1
"""The largest whole number that a column holds."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters but for tab and line ends, halves of surrogate pairs, and what is no character."""
_LINE_ENDS = re.compile("\r\n?")


def is_plain(text: str) -> bool:
    """Whether this is one line of characters that can be shown and stored."""
    return not (_CONTROLS.search(text) or "\n" in text or "\r" in text)


def is_text(text: str) -> bool:
    """Whether this is lines of characters that can be shown and stored."""
    return not _CONTROLS.search(text)


def cleaned(text: str) -> str:
    """Words that a person wrote or pasted, without what is no text; line ends become \\n."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def shortened(text: str, limit: int) -> str:
    """One line, cleaned and cut, such as a PBX's word for a cause."""
    return " ".join(cleaned(text[: 4 * limit]).split())[:limit]
