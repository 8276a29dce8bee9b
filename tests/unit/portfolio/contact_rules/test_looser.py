"""In which points one pack measures more loosely than another."""

from typing import Any

import pytest

from portfolio.contact_rules.looser import POINTS, looser
from portfolio.rule_packs import RulePack, load_pack

LAW = load_pack("es-collections")
DAY, ROLLING, MONTH = LAW.conduct.abandonment_windows
COUNTRIES = ("es", "mx", "ar", "br", "cl", "co", "uk", "us")


def conduct(**parts: Any) -> RulePack:
    return LAW.model_copy(update={"conduct": LAW.conduct.model_copy(update=parts)})


@pytest.mark.parametrize("country", COUNTRIES)
def test_neither_a_country_s_own_pack_nor_the_strict_one_is_looser(country: str) -> None:
    law = load_pack(f"{country}-collections")
    assert looser(law, law) == looser(load_pack("default-strict"), law) == ()


@pytest.mark.parametrize(
    ("pack", "point"),
    [
        (conduct(connect_limit_seconds=3.0), "conduct"),
        (conduct(minimum_ring_seconds=10.0), "conduct"),
        (conduct(max_abandonment=0.05), "abandonment"),
        (conduct(abandonment_windows=(ROLLING, MONTH)), "abandonment"),
        (conduct(abandonment_windows=(DAY.model_copy(update={"advance": 1}), ROLLING, MONTH)), "abandonment"),
        (conduct(unserved_after_seconds=2.0), "abandonment"),
    ],
)
def test_each_point_is_told(pack: RulePack, point: str) -> None:
    assert looser(pack, LAW) == (point,)
    assert point in POINTS


def test_the_clock_and_the_unserved() -> None:
    early = conduct(clock_start="answered", unserved_counts=True)
    late = conduct(clock_start="greeting_end", unserved_counts=False)
    assert looser(early, late) == ()
    assert looser(late, early) == ("conduct", "abandonment")


def test_a_stricter_pack_is_none() -> None:
    windows = (DAY.model_copy(update={"limit": 0.02}), ROLLING, MONTH)
    strict = conduct(abandonment_windows=windows, connect_limit_seconds=1.0, minimum_ring_seconds=20.0)
    assert looser(strict, LAW) == ()
    assert looser(LAW, strict) == ("conduct", "abandonment")


def test_a_country_that_judges_no_day_is_looser_than_one_that_does() -> None:
    assert looser(load_pack("us-collections"), LAW) == ("abandonment",)
