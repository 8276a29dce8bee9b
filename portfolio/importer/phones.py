"""Phone numbers as people write them → E.164, with what is known of the number."""

import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from portfolio.importer.plain_numbers import plain_number
from portfolio.importer.problems import BadValue
from portfolio.zones import zones_of_number

_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.VOIP: "other",
}
"""Every other type is special: toll-free, premium, shared cost, personal, pager, company-wide, voicemail."""
_STORED = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
"""What the table of numbers takes; the library knows German numbers of seventeen digits."""

_NOWHERE = "001"
"""What the library calls the country of satellite and other global numbers."""
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_DECIMAL = re.compile(r"([0-9]{7,15})[.,]0+")
_FRACTION = re.compile(r"[0-9]{6,}[.,][0-9]{1,2}")
_LONG = 40
_WRITTEN = re.compile(rf"[+0-9 ().\-/\u2010-\u2015]{{1,{_LONG}}}")
_EXTENSION = re.compile(r"[0-9]\s*(ext|x|#|;|,|int)", re.IGNORECASE)
_SHORT = 6
_OLD_MEXICAN = re.compile(r"(?:1|044|045|01)([2-9][0-9]{9})")
"""Until 2019 a mobile had a 1 after +52, or 044/045 before it, and a long-distance call 01."""
_OLD_BRAZILIAN = re.compile(r"([1-9][0-9])([6-9][0-9]{7})")
"""Until 2016 a mobile had eight digits, from 6 on; the area has two."""


class Phone(NamedTuple):
    """A number that exists."""

    number: str
    """E.164."""
    kind: str
    zones: tuple[str, ...]
    country: str | None
    """ISO 3166 alpha-2, when the number tells."""


def read_phone(raw: str, region: str, calling_code: str = "") -> Phone:
    """The number a person wrote, read from `region`; raises BadValue with the code of the problem.

    `calling_code`: the country calling code from a column of its own (VICIdial), for a number without plus.
    """
    text = _undamaged(raw)
    plain = None if calling_code else plain_number(text, region)
    if plain is not None and _STORED(plain.e164):
        zones = zones_of_number(plain.e164, plain.zones)
        return Phone(plain.e164, _kind(plain.type), zones, plain.country)
    found = _read(text, region, calling_code)
    return found._replace(zones=zones_of_number(found.number, found.zones))


def possible_phone(raw: str, region: str) -> str:
    """The number in E.164 where it has the length of one, whether or not its range is known; else empty."""
    try:
        number = _modern(phonenumbers.parse(_undamaged(raw), region))
    except (BadValue, phonenumbers.NumberParseException):
        return ""
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if phonenumbers.is_possible_number(number) and _STORED(written) else ""


def _read(text: str, region: str, calling_code: str) -> Phone:
    """By the library, with the zones that it knows."""
    if calling_code and not text.startswith(("+", "00")):
        text = f"+{calling_code}{text.lstrip('0') if calling_code != '39' else text}"
    try:
        number = _modern(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        raise BadValue("phone_invalid") from None
    # A type is what makes a number valid; asking for both would match every pattern twice.
    kind = _kind(phonenumbers.number_type(number))
    zones = tuple(zone for zone in time_zones_for_number(number) if zone != "Etc/Unknown")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not _STORED(written):
        raise BadValue("phone_invalid")
    country = phonenumbers.region_code_for_number(number)
    if country == _NOWHERE:
        raise BadValue("phone_global")
    return Phone(written, kind, zones, country)


def _undamaged(raw: str) -> str:
    """The text of a number, without Excel's mark for text; what Excel has rounded cannot be brought back."""
    text = raw.removeprefix("'")
    if text.isascii() and text.isdigit() and _SHORT < len(text) <= _LONG:
        return text
    if _SCIENTIFIC.fullmatch(text):
        raise BadValue("phone_scientific")
    if whole := _DECIMAL.fullmatch(text):
        # What pandas makes of a number in a column with gaps; nothing of it is lost.
        return whole[1]
    if _FRACTION.fullmatch(text):
        raise BadValue("phone_decimal")
    if _EXTENSION.search(text):
        raise BadValue("phone_extension")
    if text.startswith(("=", "@")):
        raise BadValue("formula")
    if not _WRITTEN.fullmatch(text):
        raise BadValue("phone_invalid")
    if sum(c.isdigit() for c in text) <= _SHORT:
        raise BadValue("phone_special")
    return text


def _modern(number: PhoneNumber) -> PhoneNumber:
    """As it is dialled since its country has changed its numbers."""
    national = _national(number)
    if number.country_code == 52 and (old := _OLD_MEXICAN.fullmatch(national)):
        return PhoneNumber(country_code=52, national_number=int(old[1]))
    if number.country_code == 55 and (old := _OLD_BRAZILIAN.fullmatch(national)):
        return PhoneNumber(country_code=55, national_number=int(f"{old[1]}9{old[2]}"))
    return number


def _national(number: PhoneNumber) -> str:
    zeros = (number.number_of_leading_zeros or 1) if number.italian_leading_zero else 0
    return "0" * zeros + str(number.national_number)


def _kind(type_: int) -> str:
    if type_ == PhoneNumberType.UNKNOWN:
        raise BadValue("phone_invalid")
    kind = _KINDS.get(type_)
    if kind is None:
        raise BadValue("phone_special")
    return kind
