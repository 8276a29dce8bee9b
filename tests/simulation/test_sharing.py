"""Campaigns that share agents get their weighted share, whoever is answered oftener."""

import pytest

from tests.simulation.shared_floor import Kind, SharedFloor

HOUR, TEN_MINUTES, MINUTE = 3600, 600, 60
AGENTS = 12


def afternoon_only(now: float) -> bool:
    return now >= HOUR / 2


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param([Kind(0.18), Kind(0.18)], id="equals"),
        pytest.param([Kind(0.18), Kind(0.18, weight=3.0)], id="one-to-three"),
        pytest.param([Kind(0.08), Kind(0.40), Kind(0.18, weight=2.0)], id="answered-unlike"),
    ],
)
def test_each_gets_its_weighted_share_in_the_hour_and_half_of_it_in_any_ten_minutes(
    kinds: list[Kind],
) -> None:
    floor = SharedFloor(kinds, AGENTS, seed=1).run(HOUR)
    weights = sum(kind.weight for kind in kinds)
    everybody = [at for dials in floor.dials for at in dials]
    for kind, dials in zip(kinds, floor.dials, strict=True):
        share = kind.weight / weights
        assert len(dials) / len(everybody) == pytest.approx(share, rel=0.1)
        for start in range(0, HOUR - TEN_MINUTES + 1, MINUTE):
            mine, all_ = (
                sum(start <= at < start + TEN_MINUTES for at in some) for some in (dials, everybody)
            )
            assert mine >= 0.5 * share * all_
    assert sum(floor.lost) <= 0.03 * sum(floor.live)


def test_who_has_no_lead_holds_nobody_and_saves_nothing_up() -> None:
    floor = SharedFloor([Kind(0.18), Kind(0.18, wants=afternoon_only)], AGENTS, seed=2).run(HOUR)
    first, second = floor.dials
    alone = sum(at < HOUR / 2 for at in first)
    assert alone > 250
    assert all(afternoon_only(at) for at in second)
    assert len(second) == pytest.approx(len(first) - alone, rel=0.1)
