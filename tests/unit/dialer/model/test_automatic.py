"""Lines and pace that nobody has set."""

import pytest

from dialer.model.automatic import Reach, reach_of
from dialer.model.campaign import CampaignSettings
from dialer.model.trunk import TrunkLimits

AUTOMATIC = CampaignSettings()


@pytest.mark.parametrize(
    ("agents", "trunk", "reach"),
    [
        (0, None, Reach(0, 10.0)),
        (3, None, Reach(33, 10.0)),
        (60, None, Reach(50, 10.0)),
        (60, TrunkLimits("carrier", max_lines=30), Reach(30, 10.0)),
        (60, TrunkLimits("carrier", max_lines=900, max_cps=80.0), Reach(660, 44.0)),
        (1000, TrunkLimits("carrier", max_lines=9000, max_cps=900.0), Reach(2000, 133.3)),
        (60, TrunkLimits("carrier", max_cps=4.0), Reach(50, 4.0)),
    ],
)
def test_they_follow_the_agents_and_the_trunk(agents: int, trunk: TrunkLimits | None, reach: Reach) -> None:
    assert reach_of(AUTOMATIC, agents, trunk) == reach


def test_what_is_set_stands_whoever_is_logged_in() -> None:
    settings = CampaignSettings(max_lines=50, max_cps=2.5)
    assert {reach_of(settings, agents) for agents in (0, 5, 500)} == {Reach(50, 2.5)}


def test_a_campaign_of_before_keeps_what_it_had() -> None:
    stored = '{"max_lines": 50, "max_cps": 10.0}'
    assert reach_of(CampaignSettings.model_validate_json(stored), 400) == Reach(50, 10.0)
