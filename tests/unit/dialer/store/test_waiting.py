"""What a campaign waits for, while the database is away: nobody waits for it again and again."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.store.waiting import FRESH, WaitingNow

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


class Away:
    """A pool whose database is gone."""

    def __init__(self) -> None:
        self.asked = 0

    async def acquire(self) -> None:
        self.asked += 1
        raise OSError("gone")


async def test_a_database_that_is_away_is_asked_once_a_minute() -> None:
    pool = Away()
    waiting = WaitingNow(cast(Any, pool))
    campaign = Campaign(
        id=1, code="alfa", name="Alfa", status=CampaignStatus.RUNNING, trunk="lab",
        caller_id="+34910000000", settings=CampaignSettings(), settings_version=1,
    )  # fmt: skip
    for seconds in (0, 1, 30, 59):
        assert await waiting.of(campaign, NOON + timedelta(seconds=seconds)) is None
    assert pool.asked == 1
    await waiting.of(campaign, NOON + FRESH)
    assert pool.asked == 2
