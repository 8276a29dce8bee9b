"""The hard cap on hostile days; `make cap-days` has a hundred of them, and more."""

import pytest

from bench.cap_days import KINDS, lived, row

KINDS_HERE = tuple(kind for kind in KINDS if not kind.startswith("predictive"))


@pytest.mark.parametrize("kind", KINDS_HERE)
def test_no_hostile_day_ends_above_its_limit(kind: str) -> None:
    """Each cold, of one to two hours. Charged by the mean, most of such days ended above."""
    days = lived([kind], days=2, hours=1.5, tick=1.0, jobs=1, first=100)
    assert [day for day in days if day.over > 1e-9] == []
    assert sum(day.live for day in days) > 100
    assert row(kind, days)[2] == 0
