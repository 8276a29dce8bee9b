"""One line has one key however it is spelled, and different lines never share one."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.contact_rules import line_of
from portfolio.importer.phones import read_phone
from portfolio.importer.problems import BadValue
from tests.premises import premise

Spelling = Callable[[str, str], tuple[str, str]]
"""Area and number → what somebody writes, and the region in which it is read."""

AREAS = {"AR": ("11", "351", "2966"), "MX": ("55", "662", "999"), "BR": ("11", "21", "98")}
SPELLINGS: dict[str, tuple[Spelling, ...]] = {
    "AR": (
        lambda area, rest: (f"+54 9 {area} {rest}", "ES"),
        lambda area, rest: (f"+54 {area} {rest}", "ES"),
        lambda area, rest: (f"+54 {area} 15 {rest}", "ES"),
        lambda area, rest: (f"0{area} 15 {rest}", "AR"),
        lambda area, rest: (f"{area} 15 {rest}", "AR"),
        lambda area, rest: (f"0{area} {rest}", "AR"),
        lambda area, rest: (f"9 {area} {rest}", "AR"),
        lambda area, rest: (f"{area}{rest}", "AR"),
        lambda area, rest: (f"549{area}{rest}", "AR"),
    ),
    "MX": (
        lambda area, rest: (f"+52 1 {area} {rest}", "ES"),
        lambda area, rest: (f"+52 {area} {rest}", "ES"),
        lambda area, rest: (f"044 {area} {rest}", "MX"),
        lambda area, rest: (f"01 {area} {rest}", "MX"),
        lambda area, rest: (f"{area}{rest}", "MX"),
    ),
    "BR": (
        lambda area, rest: (f"+55 {area} 9{rest}", "ES"),
        lambda area, rest: (f"+55 {area} {rest}", "ES"),
        lambda area, rest: (f"0{area} 9{rest}", "BR"),
        lambda area, rest: (f"{area} 9{rest}", "BR"),
        lambda area, rest: (f"({area}) {rest[:4]}-{rest[4:]}", "BR"),
        lambda area, rest: (f"0 {area} {rest}", "BR"),
        lambda area, rest: (f"55{area}{rest}", "BR"),
    ),
}


@st.composite
def subscribers(draw: st.DrawFn) -> tuple[str, str, str]:
    """Country, area and number of a mobile, as everybody there would tell it in its shortest form."""
    country = draw(st.sampled_from(sorted(AREAS)))
    area = draw(st.sampled_from(AREAS[country]))
    # A Brazilian mobile had eight digits from 6 on; in Argentina and Mexico area and number are ten.
    first = draw(st.sampled_from("6789" if country == "BR" else "3456"))
    length = 8 if country == "BR" else 10 - len(area)
    return country, area, first + draw(st.text("0123456789", min_size=length - 1, max_size=length - 1))


def keys(country: str, area: str, rest: str) -> set[str]:
    """The keys of every spelling that can be read."""
    found = set()
    for spelling in SPELLINGS[country]:
        text, region = spelling(area, rest)
        try:
            found.add(line_of(read_phone(text, region).number))
        except BadValue:
            continue
    return found


@settings(deadline=None)
@given(subscribers())
def test_spellings_of_one_line_have_one_key(subscriber: tuple[str, str, str]) -> None:
    found = keys(*subscriber)
    if premise(found):
        assert len(found) == 1


@settings(deadline=None)
@given(subscribers(), subscribers())
def test_different_lines_share_no_key(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    if premise(one != other):
        assert not keys(*one) & keys(*other)


@given(st.from_regex(r"\A\+(54|52|55|34|56|57|1)[0-9]{6,12}\Z"))
def test_a_key_is_its_own_key_and_keeps_country_and_last_digits(number: str) -> None:
    line = line_of(number)
    assert line_of(line) == line
    assert line[:3] == number[:3]
    assert line[-8:] == number[-8:]


def test_every_spelling_of_a_known_line_is_read() -> None:
    """The premise above leaves nothing out for numbers that are in service."""
    for country, area, rest in (("AR", "11", "23456789"), ("MX", "55", "12345678"), ("BR", "11", "87654321")):
        for spelling in SPELLINGS[country]:
            text, region = spelling(area, rest)
            assert line_of(read_phone(text, region).number) in keys(country, area, rest)
        assert len(keys(country, area, rest)) == 1


def test_lines_that_only_look_alike_stay_apart() -> None:
    """A fixed line is no mobile of the same digits; other countries have no such history."""
    for one, other in (
        ("+551133334444", "+5511933334444"),  # Brazilian fixed lines begin with 2 to 5
        ("+5411456789012", "+54911456789012"),  # too long to be Argentine
        ("+5691234567", "+56991234567"),
        ("+34600111222", "+34900111222"),
        ("+558001234567", "+5580091234567"),  # toll-free
    ):
        assert line_of(one) != line_of(other)
