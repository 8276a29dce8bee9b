"""Numbers as a trunk tells them: who calls, and which of our numbers is called. Pure."""

import re

import phonenumbers

from portfolio.contact_rules import line_of
from portfolio.importer.phones import read_phone
from portfolio.importer.problems import BadValue

_SHORTEST = 7
"""Digits that two ways of writing one number must share."""


def caller_number(told: str, ours: str) -> str:
    """The caller's number in E.164; empty when it is withheld or is none. `ours`: our number, in E.164.

    A trunk may leave out the plus, or the country of our own number.
    """
    digits = re.sub(r"[^0-9+]", "", told)
    for written in (digits, f"+{digits.lstrip('+')}"):
        try:
            return read_phone(written, _region(ours)).number
        except BadValue:
            continue
    return ""


def is_number(told: str, ours: str) -> bool:
    """Whether a trunk means our number, with or without plus, country or leading zero."""
    return any(_ends_alike(one, other) for one in _spelled(told) for other in _spelled(ours))


def _spelled(text: str) -> set[str]:
    """Digits as they are told, and those of the line."""
    digits = re.sub(r"[^0-9]", "", text).lstrip("0")
    return {digits, line_of(f"+{digits}")[1:]}


def _ends_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST and long.endswith(short)


def _region(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "ES"
    except phonenumbers.NumberParseException:
        return "ES"
