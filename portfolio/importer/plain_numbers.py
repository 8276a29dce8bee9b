"""Plain numbers fast: the library's own patterns, without the library's way to them.

A number that is nothing but digits, that fits its region as it stands and from which no national prefix
would be taken, needs no parsing. Everything else goes the library's way; a test holds the two together.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.timezone import time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_LONGEST_PREFIX

_PUNCTUATION = str.maketrans("", "", " ().-/")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_NATIONAL = re.compile(r"[1-9][0-9]{5,13}").fullmatch
_OLD_MEXICAN = 52
"""Country whose numbers have a history of their own, see portfolio.importer.phones."""

Match = Callable[[str], "re.Match[str] | None"]


@dataclass(frozen=True, slots=True)
class _Type:
    """One type of number of a region."""

    type: int
    lengths: frozenset[int]
    pattern: str
    match: Match

    def has(self, length: int) -> bool:
        """Whether it has numbers of so many digits."""
        return not self.lengths or length in self.lengths

    def fits(self, national: str) -> bool:
        """Whether a national number is of this type."""
        return self.has(len(national)) and self.match(national) is not None


@dataclass(frozen=True, slots=True)
class _Region:
    """A region that has its calling code for itself."""

    name: str
    code: str
    general: _Type
    prefix: Match | None
    special: tuple[_Type, ...]
    """In the order in which the library asks."""
    fixed: _Type | None
    mobile: _Type | None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a region's numbers of one length may be: one pattern where the library asks eight."""

    special: Match | None
    """Names the group of the first type that fits by its place among `types`."""
    types: dict[str, int]
    fixed: Match | None
    mobile: Match | None

    def type_of(self, national: str) -> int:
        """PhoneNumberType of a number that fits the region."""
        if self.special is not None and (found := self.special(national)) is not None:
            return self.types[found.lastgroup or ""]
        fixed = self.fixed is not None and self.fixed(national) is not None
        mobile = self.mobile is not None and self.mobile(national) is not None
        if fixed and mobile:
            return int(PhoneNumberType.FIXED_LINE_OR_MOBILE)
        if fixed:
            return int(PhoneNumberType.FIXED_LINE)
        return int(PhoneNumberType.MOBILE if mobile else PhoneNumberType.UNKNOWN)


class PlainNumber(NamedTuple):
    """What the library would say of a number."""

    e164: str
    type: int
    zones: tuple[str, ...]
    country: str


def plain_number(text: str, region: str) -> PlainNumber | None:
    """The number, read from `region`; None when the library has to look at it."""
    digits = text if text.isdigit() else text.translate(_PUNCTUATION)
    if _NATIONAL(digits):
        found, national = _region(region), digits
    elif _INTERNATIONAL(digits):
        found = _by_code(digits)
        national = digits[1 + len(found.code) :] if found is not None else ""
    else:
        return None
    if found is None or found.code == str(_OLD_MEXICAN) or national.startswith("0"):
        return None
    if not found.general.fits(national) or _old_brazilian(found, national):
        return None
    if found.prefix is not None and (cut := found.prefix(national)) is not None and cut.end() > 0:
        return None
    kind = _shape(found.name, len(national)).type_of(national)
    e164 = f"+{found.code}{national}"
    zones = _zones(e164[1 : 1 + TIMEZONE_LONGEST_PREFIX], kind, found.code, len(national))
    return PlainNumber(e164, kind, zones, found.name)


def _old_brazilian(found: _Region, national: str) -> bool:
    """The library takes a few mobiles without their ninth digit as they are."""
    return found.code == "55" and len(national) == 10 and national[2] in "6789"


@lru_cache(maxsize=65_536)
def _zones(prefix: str, kind: int, code: str, length: int) -> tuple[str, ...]:
    """Zones depend on the first digits and on whether the type is one of a place."""
    national = prefix[len(code) :].ljust(length, "0")[:length]
    number = PhoneNumber(country_code=int(code), national_number=int(national))
    if _region_of(code) is None or phonenumbers.number_type(number) != kind:
        return _zones_by_trying(prefix, kind, code, length)
    return _known(number)


def _zones_by_trying(prefix: str, kind: int, code: str, length: int) -> tuple[str, ...]:
    """A number with this beginning and of this type, to ask the library about."""
    start = prefix[len(code) :]
    for filler in "123456789":
        national = start.ljust(length, filler)[:length]
        number = PhoneNumber(country_code=int(code), national_number=int(national))
        if phonenumbers.number_type(number) == kind:
            return _known(number)
    return ()


def _known(number: PhoneNumber) -> tuple[str, ...]:
    return tuple(zone for zone in time_zones_for_number(number) if zone != "Etc/Unknown")


def _by_code(international: str) -> _Region | None:
    for end in (2, 3, 4):
        found = _region_of(international[1:end])
        if found is not None:
            return found
    return None


@lru_cache(maxsize=1024)
def _region_of(code: str) -> _Region | None:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    return _region(regions[0]) if len(regions) == 1 and regions[0] != "001" else None


@lru_cache(maxsize=4096)
def _shape(name: str, length: int) -> _Shape:
    found = _region(name)
    assert found is not None
    asked = {f"t{place}": one for place, one in enumerate(found.special) if one.has(length)}
    special = "|".join(f"(?P<{group}>{one.pattern})" for group, one in asked.items())
    fixed, mobile = (one.match if one and one.has(length) else None for one in (found.fixed, found.mobile))
    types = {group: one.type for group, one in asked.items()}
    return _Shape(re.compile(special).fullmatch if special else None, types, fixed, mobile)


@lru_cache(maxsize=512)
def _region(name: str) -> _Region | None:
    """The region, unless it shares its calling code: which of them it is takes more than a pattern."""
    metadata = PhoneMetadata.metadata_for_region(name)
    if metadata is None or metadata.country_code is None:
        return None
    if len(COUNTRY_CODE_TO_REGION_CODE.get(metadata.country_code, ())) != 1:
        return None
    general = _type(metadata.general_desc, -1)
    if general is None:
        return None
    asked = (
        (metadata.premium_rate, PhoneNumberType.PREMIUM_RATE),
        (metadata.toll_free, PhoneNumberType.TOLL_FREE),
        (metadata.shared_cost, PhoneNumberType.SHARED_COST),
        (metadata.voip, PhoneNumberType.VOIP),
        (metadata.personal_number, PhoneNumberType.PERSONAL_NUMBER),
        (metadata.pager, PhoneNumberType.PAGER),
        (metadata.uan, PhoneNumberType.UAN),
        (metadata.voicemail, PhoneNumberType.VOICEMAIL),
    )
    prefix = metadata.national_prefix_for_parsing
    return _Region(
        name,
        str(metadata.country_code),
        general,
        re.compile(prefix).match if prefix else None,
        tuple(found for desc, type_ in asked if (found := _type(desc, int(type_))) is not None),
        _type(metadata.fixed_line, 0),
        _type(metadata.mobile, 1),
    )


def _type(desc: "phonenumbers.PhoneNumberDesc | None", type_: int) -> _Type | None:
    if desc is None or not desc.national_number_pattern or desc.national_number_pattern == "NA":
        return None
    lengths = frozenset(length for length in desc.possible_length if length > 0)
    pattern = desc.national_number_pattern
    return _Type(type_, lengths, pattern, re.compile(pattern).fullmatch)
