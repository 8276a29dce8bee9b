"""Whose a debt, or a customer number, is: one key for every spelling of a creditor."""

import unicodedata
from functools import lru_cache

_FOLDED = {code: chr(code).casefold() for code in range(0x0530)} | {0x1E9E: "ss"}
"""Of Latin, Greek and Cyrillic; the database folds the same letters, in every locale."""


@lru_cache(maxsize=1024)
def creditor_key(text: str) -> str:
    """A creditor however it is written: capitals, widths and blanks do not make another one.

    The function creditor_key of the database gives the same.
    """
    folded = unicodedata.normalize("NFKD", text).translate(_FOLDED)
    return " ".join(unicodedata.normalize("NFC", folded).split())
