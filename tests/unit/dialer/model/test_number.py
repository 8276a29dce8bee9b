"""A number is dead by two refusals on different days, not by one trunk's bad minute."""

from datetime import date, timedelta

import pytest

from dialer.model.number import FORGOTTEN, Unallocated, kept, kills

MONDAY = date(2026, 11, 23)
FIRST = Unallocated(MONDAY, "carrier")


@pytest.mark.parametrize(
    ("days", "dead"),
    [(0, False), (1, True), (7, True), (FORGOTTEN.days, True), (FORGOTTEN.days + 1, False)],
)
def test_the_second_day_kills_until_the_first_is_forgotten(days: int, dead: bool) -> None:
    said = Unallocated(MONDAY + timedelta(days=days), "backup")
    assert kills(FIRST, said) is dead
    assert kept(FIRST, said) == (FIRST if days <= FORGOTTEN.days else said)


def test_nothing_was_known_before_the_first() -> None:
    assert not kills(None, FIRST)
    assert kept(None, FIRST) == FIRST
