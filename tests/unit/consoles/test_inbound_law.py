"""What the law asks of calls that come in: before the day, and from it on."""

from datetime import UTC, date, datetime

import pytest

from consoles.inbound import law_of
from portfolio.rule_packs import load_pack

BEGINS = datetime(2026, 12, 27, 23, 0, tzinfo=UTC)
"""Midnight of 28 December in Madrid."""


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        (datetime(2026, 12, 27, 22, 59, 59, tzinfo=UTC), date(2026, 12, 28)),
        (BEGINS, None),
        (datetime(2027, 6, 1, tzinfo=UTC), None),
    ],
)
def test_the_spanish_law_begins_at_midnight_in_madrid(now: datetime, starts: date | None) -> None:
    assert law_of(load_pack("es-collections"), now) == (180.0, 0.95, starts)


def test_a_pack_that_asks_nothing_is_measured_all_the_same() -> None:
    assert law_of(load_pack("mx-collections"), BEGINS) == (180.0, None, None)
