"""Where somebody may be: zones by number, by region and by postal code, as data with its sources.

The telephone library's zones are wrong here and there; what stands in `numbers.yaml` holds before it.
"""

from collections import defaultdict
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from portfolio.contact_rules.pack import Sourced
from portfolio.zones.words import folded, postal_digits

__all__ = [
    "Correction",
    "Region",
    "corrections",
    "region_of_postal",
    "regions",
    "zones_of_number",
    "zones_of_region",
]

_POSTAL_LENGTH = {"ES": 5, "MX": 5, "US": 5, "BR": 8, "EC": 6}
"""Digits of a whole postal code, where it may begin with zeros that a spreadsheet has eaten."""
_LONGEST_PREFIX = 8
"""Digits after the plus on which a zone may depend; a test holds the file to it."""


class Correction(Sourced):
    """What is true of the numbers that begin in one of these ways."""

    where: str = Field(min_length=1)
    prefixes: tuple[str, ...] = Field(min_length=1)
    """E.164 without the plus."""
    zones: tuple[str, ...] = ()
    """In place of the library's."""
    also: tuple[str, ...] = ()
    """Besides the library's."""


class Region(BaseModel):
    """One region of a country."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    names: tuple[str, ...] = Field(min_length=1)
    zones: tuple[str, ...] = Field(min_length=1)
    """Every one that holds in it."""
    postal: tuple[str, ...] = ()
    """Beginnings of its postal codes: '35', or '006-009' from … to."""


class _Named(NamedTuple):
    """A country's regions by what may be written."""

    regions: dict[str, Region]
    by_word: dict[str, tuple[str, ...]]
    by_postal: dict[str, str]


@cache
def corrections() -> tuple[Correction, ...]:
    """Every correction, as its file has them."""
    return TypeAdapter(tuple[Correction, ...]).validate_python(_data("numbers")["numbers"])


@cache
def regions() -> dict[str, dict[str, Region]]:
    """Country → code of the region (ISO 3166-2 without the country) → region."""
    return TypeAdapter(dict[str, dict[str, Region]]).validate_python(_data("regions"))


def zones_of_number(number: str, told: tuple[str, ...]) -> tuple[str, ...]:
    """Every zone a number in E.164 may be in; `told`: what the library says, or said when it was stored."""
    return _corrected(number[1 : 1 + _LONGEST_PREFIX], told)


@lru_cache(maxsize=65_536)
def _corrected(prefix: str, told: tuple[str, ...]) -> tuple[str, ...]:
    known = _by_prefix()
    for length in range(len(prefix), 0, -1):
        found = known.get(prefix[:length])
        if found is not None:
            return found.zones or tuple(dict.fromkeys((*told, *found.also)))
    return told


@cache
def _by_prefix() -> dict[str, Correction]:
    return {prefix: one for one in corrections() for prefix in one.prefixes}


@lru_cache(maxsize=16_384)
def zones_of_region(country: str | None, region: str | None) -> tuple[str, ...]:
    """Every zone of a region as people write it; none when it is not known, or its country has no such list.

    A word that two regions go by names the zones of both.
    """
    named = _named().get(country or "")
    if named is None or not region:
        return ()
    codes = named.by_word.get(folded(region.removeprefix(f"{country}-")), ())
    return tuple(dict.fromkeys(zone for code in codes for zone in named.regions[code].zones))


def region_of_postal(country: str, code: str) -> str | None:
    """Code of the region in which a postal code lies; None when that is not known."""
    named = _named().get(country)
    if named is None:
        return None
    digits = postal_digits(code)
    if not digits:
        return None
    digits = digits.zfill(_POSTAL_LENGTH.get(country, 0))
    for length in range(len(digits), 1, -1):
        if digits[:length] in named.by_postal:
            return named.by_postal[digits[:length]]
    return None


@cache
def _named() -> dict[str, _Named]:
    return {country: _words(found) for country, found in regions().items()}


def _words(found: dict[str, Region]) -> _Named:
    by_word: dict[str, list[str]] = defaultdict(list)
    for code, region in found.items():
        for word in {folded(code), *map(folded, region.names)}:
            by_word[word].append(code)
    by_postal = {
        start: code for code, region in found.items() for part in region.postal for start in _starts(part)
    }
    return _Named(found, {word: tuple(codes) for word, codes in by_word.items()}, by_postal)


def _starts(part: str) -> list[str]:
    """'006-009' → 006, 007, 008, 009."""
    first, _, last = part.partition("-")
    return [str(number).zfill(len(first)) for number in range(int(first), int(last or first) + 1)]


def _data(name: str) -> dict[str, Any]:
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
