"""Numbers as trunks tell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.callers import caller_number, is_number
from tests.premises import premise

SPAIN, MEXICO, ARGENTINA = "+34910000000", "+525510000000", "+541140000000"


@pytest.mark.parametrize(
    ("told", "ours", "number"),
    [
        ("+34600111222", SPAIN, "+34600111222"),
        ("34600111222", SPAIN, "+34600111222"),
        ("0034600111222", SPAIN, "+34600111222"),
        ("600111222", SPAIN, "+34600111222"),
        ("5215512345678", MEXICO, "+525512345678"),
        ("5512345678", MEXICO, "+525512345678"),
        ("1123456789", ARGENTINA, "+541123456789"),
        ("01115 2345 6789", ARGENTINA, "+5491123456789"),
        ("+573101234567", SPAIN, "+573101234567"),
        ("", SPAIN, ""),
        ("anonymous", SPAIN, ""),
        ("112", SPAIN, ""),
    ],
)
def test_the_caller_in_e164(told: str, ours: str, number: str) -> None:
    assert caller_number(told, ours) == number


@pytest.mark.parametrize("told", ["+34910000000", "34910000000", "910000000", "0034910000000"])
def test_our_number_as_the_trunk_writes_it(told: str) -> None:
    assert is_number(told, SPAIN)


@pytest.mark.parametrize("told", ["+5491123456789", "541123456789", "1123456789", "01123456789"])
def test_our_number_in_another_spelling_of_its_line(told: str) -> None:
    assert is_number(told, "+5491123456789")
    assert is_number(told, "+541123456789")


@pytest.mark.parametrize("told", ["", "0000", "910000001", "+34911000000", "s"])
def test_another_number_is_not_ours(told: str) -> None:
    assert not is_number(told, SPAIN)


SPANISH = st.integers(600_000_000, 699_999_999).map(str)
FOREIGN = st.integers(600_000_000, 699_999_999).map("+34 {}".format)


@given(SPANISH | FOREIGN | st.text(max_size=60))
def test_whatever_a_header_holds_is_a_number_or_none(told: str) -> None:
    found = caller_number(told, SPAIN)
    if premise(found):
        assert (found[0], found[1:].isdigit()) == ("+", True)
    assert is_number(told, SPAIN) in (True, False)
