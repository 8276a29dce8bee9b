"""A number that the importer takes is found however people of its country write it."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from portfolio.contact_rules import line_of
from portfolio.importer.phones import read_phone
from portfolio.importer.problems import BadValue
from portfolio.spellings import meant_by
from tests.premises import premise

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
MARKETS = ["AR", "BR", "CL", "CO", "EC", "ES", "MX", "PE", "US", "UY"]
WRITTEN = [PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164]
SHORTEST = 7
"""Digits of a number: with fewer it is an emergency, or an id."""
SIGNS = ["", " ", "-", ".", "/", "\u00a0", "\u2011"]


def lines(text: str) -> set[str]:
    """The lines that a search for a text looks for."""
    return {line_of(number) for number in meant_by(text)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+34 600-111-222", "+34600111222"),
        ("0034600111222", "+34600111222"),
        ("0034 600 111 222", "+34600111222"),
        ("(34) 600.111.222", "+34600111222"),
        ("600 123 456", "+34600123456"),
        ("600\u00a0123\u00a0456", "+34600123456"),
        ("011 15-2345-0001", "+5491123450001"),
        ("(011) 15 2345 0001", "+541123450001"),
        ("11 2345-0001", "+5491123450001"),
        ("(0341) 155-123456", "+5493415123456"),
        ("(55) 99123-4567", "+5555991234567"),
        ("0 55 9912-3456", "+5555999123456"),
        ("044 55 1234 5678", "+525512345678"),
        ("01 55 1234 5678", "+525512345678"),
        ("55 1234 5678", "+5215512345678"),
        ("987 654 321", "+51987654321"),
        ("(202) 555-0101", "+12025550101"),
        ("1-202-555-0101", "+12025550101"),
    ],
)
def test_how_people_write_it(text: str, number: str) -> None:
    assert line_of(number) in lines(text)


@pytest.mark.parametrize(
    "text", ["C-1", "123456", "+", "٣٤٦٠٠١١١٢٢٢", "1234567890123456", "6" * 61, "a\x00b", ""]
)
def test_what_is_no_number_means_none(text: str) -> None:
    assert meant_by(text) == ()


@settings(max_examples=150, deadline=None)
@given(
    region=st.sampled_from(MARKETS) | st.sampled_from(REGIONS),
    kind=st.sampled_from([PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE]),
    tail=st.integers(0, 9999),
    stored=st.sampled_from(WRITTEN),
    typed=st.sampled_from([*WRITTEN, "00", "no plus"]),
    sign=st.sampled_from(SIGNS),
)
def test_what_was_taken_in_one_spelling_is_found_in_every_other(
    region: str, kind: int, tail: int, stored: int, typed: int | str, sign: str
) -> None:
    """Both are written by the library for people of the country; what finds them knows no country."""
    example = phonenumbers.example_number_for_type(region, kind)
    held, text = spelled(example, tail, region, stored, typed, sign) if example is not None else ("", "")
    if premise(held and sum(c.isdigit() for c in text) >= SHORTEST):
        assert line_of(held) in lines(text), (held, text)


def spelled(
    example: phonenumbers.PhoneNumber, tail: int, region: str, stored: int, typed: int | str, sign: str
) -> tuple[str, str]:
    """A number as the importer takes it, empty when it does not, and as somebody types it."""
    digits = phonenumbers.national_significant_number(example)[:-4] + f"{tail:04d}"
    number = phonenumbers.parse(f"+{example.country_code}{digits}")
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    without = {"00": f"00{plain[1:]}", "no plus": plain[1:]}
    text = without.get(str(typed)) or phonenumbers.format_number(number, int(typed))
    return taken(phonenumbers.format_number(number, stored), region), text.replace(" ", sign or " ")


def taken(text: str, region: str) -> str:
    """A number as the importer takes it; empty when it does not."""
    try:
        return read_phone(text, region).number
    except BadValue:
        return ""


@settings(max_examples=60, deadline=None)
@given(area=st.sampled_from(["11", "341", "351", "221", "261"]), data=st.data())
def test_an_argentine_line_is_found_in_all_its_spellings(area: str, data: st.DataObject) -> None:
    rest = data.draw(st.from_regex(r"[4-6][0-9]{9}", fullmatch=True))[: 10 - len(area)]
    spellings = [
        f"+549{area}{rest}", f"+54{area}{rest}", f"0{area}15{rest}", f"0{area} 15-{rest}", f"{area}{rest}",
        f"({area}) {rest}", f"0054 9 {area} {rest}", f"0{area}{rest}",
    ]  # fmt: skip
    one, other = (data.draw(st.sampled_from(spellings)) for _ in range(2))
    held = taken(one, "AR")
    if premise(held):
        assert line_of(held) in lines(other), (held, other)


@settings(max_examples=60, deadline=None)
@given(area=st.sampled_from(["11", "21", "55", "81"]), rest=st.from_regex(r"[6-9][0-9]{7}", fullmatch=True))
def test_a_brazilian_mobile_is_found_with_and_without_its_ninth_digit(area: str, rest: str) -> None:
    held = read_phone(f"{area}9{rest}", "BR").number
    short = f"({area}) {rest[:4]}-{rest[4:]}"
    for text in (f"({area}) 9{rest}", short, f"0{area}9{rest}", f"+55{area}{rest}"):
        assert line_of(held) in lines(text), (held, text)
