"""Which country a number belongs to. Pure."""

from functools import lru_cache

import phonenumbers
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

_NOWHERE = "001"
_LONGEST_CODE = 3


def country_of(number: str) -> str:
    """ISO 3166 alpha-2 of an E.164 number with its plus; empty = of none, or not known.

    A calling code of one country tells by itself; of one that several share the digits after it tell.
    """
    for end in range(2, _LONGEST_CODE + 2):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(number[1:end]))
        if regions is not None:
            return _one_of(number) if len(regions) > 1 else _named(regions[0])
    return ""


def countries_of_prefix(start: str) -> frozenset[str] | None:
    """Every country that a number of this start, with its plus, may belong to; None = not known yet."""
    for end in range(2, min(_LONGEST_CODE + 1, len(start)) + 1):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(start[1:end]))
        if regions is not None:
            return frozenset(filter(None, map(_named, regions)))
    return None


@lru_cache(maxsize=65_536)
def _one_of(number: str) -> str:
    try:
        return _named(phonenumbers.region_code_for_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return ""


def _named(region: str | None) -> str:
    return "" if region is None or region == _NOWHERE else region
