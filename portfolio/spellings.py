"""What a telephone number that somebody types may mean: people write it as their country does. Pure."""

import re

from phonenumbers import SUPPORTED_REGIONS

from portfolio.importer.phones import read_phone
from portfolio.importer.problems import BadValue
from portfolio.importer.values import clean

LONGEST = 60
"""Characters of a text that is looked at."""
_SIGNS = re.compile(r"[\s().\-/\u2010-\u2015]+")
_SHORTEST, _MOST_DIGITS = 7, 15


def meant_by(text: str) -> tuple[str, ...]:
    """Every number in E.164 that a text is in some country, and the one it is with its country's code.

    No number is some country's alone: 55 9123 4567 is one in Mexico and one in Brazil. Takes some 15 ms.
    """
    if len(text) > LONGEST:
        return ()
    try:
        plain = clean(text)
    except BadValue:
        return ()
    found = dict.fromkeys(_with_code(plain))
    regions = ("ZZ",) if plain.startswith("+") else sorted(SUPPORTED_REGIONS)
    for region in regions:
        try:
            found[read_phone(plain, region).number] = None
        except BadValue:
            continue
    return tuple(found)


def _with_code(plain: str) -> list[str]:
    """The digits as they stand, where they may begin with the code of a country."""
    digits = _SIGNS.sub("", plain)
    digits = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    may = digits.isascii() and digits.isdigit() and not digits.startswith("0")
    return [f"+{digits}"] if may and _SHORTEST <= len(digits) <= _MOST_DIGITS else []
