"""One suite for both stores: a lead waits for an hour in which it is likelier answered."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from dialer.model.campaign import Campaign
from dialer.ports import Placed
from pacing.lead_training import train
from pacing.leads import LeadFeatures, LeadModel
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store_callbacks import agreed
from tests.conformance.test_store_preview import NOON, ONE, world

__all__ = ["world"]

EVENING = NOON.replace(hour=19)
"""Eight o'clock in Madrid."""


def evening_model(best: float) -> LeadModel:
    """At eight in the evening `best` of the calls are answered, in every other hour one in ten."""
    count = 12_000
    hour = (9 + np.arange(count) % 12).astype(np.float64)
    ones, unknown = np.ones(count, dtype=np.int64), np.full(count, np.nan)
    leads = LeadFeatures(
        hour=hour,
        weekday=np.arange(count, dtype=np.int64) // 12 % 7,
        attempt=ones,
        lead_attempt=ones,
        kind=np.full(count, "unknown"),
        last_outcome=np.full(count, ""),
        known_days=unknown,
        answered_days=unknown,
        list_id=-ones,
        campaign_id=ones,
    )
    answered = np.random.default_rng(3).random(count) < np.where(hour == 20.0, best, 0.1)
    return train(leads, answered, age_days=np.zeros(count))


async def leads(world: World, campaign: Campaign, at: datetime) -> list[Placed]:
    result = await world.store.place(campaign, 1, now=at, fence=world.fence)
    return list(result.placed)


async def waiting(world: World, best: float, times: float | None) -> tuple[Campaign, int]:
    settings = SETTINGS.model_copy(update={"best_hour": times})
    campaign = await world.campaign(settings=settings)
    world.learn(evening_model(best))
    return campaign, await world.lead(campaign, await world.person("Eva", ONE))


async def test_a_lead_waits_for_the_hour_in_which_it_is_likelier_answered(world: World) -> None:
    campaign, lead = await waiting(world, 0.4, 2.0)
    assert await leads(world, campaign, NOON) == []
    assert await world.lead_row(lead) == ("open", EVENING, "best_hour")
    assert [placed.call.lead_id for placed in await leads(world, campaign, EVENING)] == [lead]


@pytest.mark.parametrize(("best", "times"), [(0.4, None), (0.12, 2.0)])
async def test_it_is_called_as_it_comes_where_nothing_is_to_be_gained(
    world: World, best: float, times: float | None
) -> None:
    campaign, lead = await waiting(world, best, times)
    assert [placed.call.lead_id for placed in await leads(world, campaign, NOON)] == [lead]


async def test_when_the_hour_is_past_it_is_called_as_it_comes(world: World) -> None:
    campaign, lead = await waiting(world, 0.4, 2.0)
    late = EVENING + timedelta(hours=1)
    assert [placed.call.lead_id for placed in await leads(world, campaign, late)] == [lead]


async def test_who_is_to_be_called_back_waits_for_no_better_hour(world: World) -> None:
    settings = SETTINGS.model_copy(update={"best_hour": 2.0})
    campaign = await world.campaign(settings=settings)
    _, _, lead = await agreed(world, mine=False, campaign=campaign)
    world.learn(evening_model(0.4))
    due = NOON + timedelta(hours=25)
    assert [placed.call.lead_id for placed in await leads(world, campaign, due)] == [lead]
