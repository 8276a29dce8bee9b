"""The short way and the library agree on every number that the short way takes."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.importer.phones import _kind, _read
from portfolio.importer.plain_numbers import plain_number
from portfolio.importer.problems import BadValue

MARKETS = ("ES", "CO", "CL", "AR", "BR", "PE", "EC", "UY", "PT", "FR", "DE", "MX", "US", "GB", "IT")
digits = st.text("0123456789", min_size=5, max_size=13)


def by_library(text: str, region: str) -> tuple[str, str, tuple[str, ...], str | None] | str:
    """What the library makes of it."""
    try:
        found = _read(text, region, "")
    except BadValue as error:
        return error.code
    return found.number, found.kind, found.zones, found.country


def by_short_way(text: str, region: str) -> tuple[str, str, tuple[str, ...], str | None] | str | None:
    """What the short way makes of it; None when it does not take it."""
    found = plain_number(text, region)
    if found is None:
        return None
    try:
        return found.e164, _kind(found.type), found.zones, found.country
    except BadValue as error:
        return error.code


@settings(max_examples=4000, deadline=None)
@given(st.sampled_from(MARKETS), digits, st.sampled_from(["", "+", "+34", "+57", "+56", "+54", "+55"]))
def test_whatever_it_takes_the_library_reads_the_same(region: str, number: str, start: str) -> None:
    found = by_short_way(start + number, region)
    assert found in (None, by_library(start + number, region))


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_example_numbers_of_every_region_and_type(region: str) -> None:
    for type_ in range(11):
        example = phonenumbers.example_number_for_type(region, type_)
        if example is None:
            continue
        for style in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.NATIONAL):
            text = phonenumbers.format_number(example, style)
            assert by_short_way(text, region) in (None, by_library(text, region))


def test_the_usual_numbers_go_the_short_way() -> None:
    for text, region in (
        ("612345678", "ES"),
        ("+34 912 345 678", "CO"),
        ("3001234567", "CO"),
        ("912345678", "CL"),
    ):
        assert plain_number(text, region) is not None
