"""Case numbers: eight digits that a person can say, hear and write down, and nobody can guess.

The last is a check digit (Damm's), which notices every single wrong digit and every two that were swapped:
H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004.
"""

import secrets
from collections.abc import Callable
from functools import reduce

DIGITS = 8
SPACE = 10 ** (DIGITS - 1)
"""How many there are."""
_TABLE = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def drawn(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """A new number; whoever stores it finds out whether it is taken."""
    body = str(draw(SPACE)).zfill(DIGITS - 1)
    return body + str(_check(body))


def is_sound(number: str) -> bool:
    """Whether it may be one of ours: misheard ones mostly are not."""
    return len(number) == DIGITS and number.isascii() and number.isdecimal() and _check(number) == 0


def spoken(number: str) -> str:
    """As it is shown, and read aloud: '1234 5678'."""
    return f"{number[:4]} {number[4:]}"


def _check(digits: str) -> int:
    return reduce(lambda interim, digit: int(_TABLE[interim][int(digit)]), digits, 0)
