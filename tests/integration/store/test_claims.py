"""Which leads come next, from lists of several priorities, weights, shares and quotas."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.store.claims import WOKEN, Claimed, claim, wake
from dialer.store.pool import close_pool, open_pool
from tests.integration.fixtures import Database

NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
"""In Madrid it is the 25th."""
HOUR = timedelta(hours=1)


@dataclass
class Floor:
    """A running campaign and its lists; leads are told by the names of their persons."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    campaign: Campaign

    async def give(self, name: str, *, leads: int = 0, **columns: Any) -> int:
        """A list with so many leads, named by the list and their place in it."""
        names = ", ".join(["campaign_id", "name", *columns])
        places = ", ".join(f"${number + 1}" for number in range(len(columns) + 2))
        made: int = await self.pool.fetchval(
            f"INSERT INTO lists ({names}) VALUES ({places}) RETURNING id",  # noqa: S608 - columns of the test
            self.campaign.id, name, *columns.values(),
        )  # fmt: skip
        for place in range(leads):
            await self.lead(made, f"{name}{place + 1}")
        return made

    async def lead(self, of_list: int, name: str, **columns: Any) -> int:
        """A lead that may be called at any time."""
        person = await self.pool.fetchval("INSERT INTO persons (name) VALUES ($1) RETURNING id", name)
        names = ", ".join(["list_id", "campaign_id", "person_id", *columns])
        places = ", ".join(f"${number + 1}" for number in range(len(columns) + 3))
        made: int = await self.pool.fetchval(
            f"INSERT INTO leads ({names}) VALUES ({places}) RETURNING id",  # noqa: S608 - columns of the test
            of_list, self.campaign.id, person, *columns.values(),
        )  # fmt: skip
        return made

    async def used(self, of_list: int, day: date, attempts: int) -> None:
        """So many calls of a day's quota."""
        await self.pool.execute(
            "INSERT INTO list_days (list_id, day, attempts) VALUES ($1, $2, $3)", of_list, day, attempts
        )

    async def claimed(self, limit: int, now: datetime = NIGHT) -> list[Claimed]:
        """What is taken."""
        async with self.pool.acquire() as connection:
            await wake(connection, self.campaign, now)
        async with self.pool.acquire() as connection, connection.transaction():
            return await claim(connection, self.campaign, now, limit)

    async def next(self, limit: int, now: datetime = NIGHT) -> list[str]:
        """By name."""
        return [one.row["name"] for one in await self.claimed(limit, now)]


@pytest.fixture
async def floor(database: Database) -> AsyncIterator[Floor]:
    pool = await open_pool(database.dsn, size=3)
    made = await pool.fetchval(
        "INSERT INTO campaigns (code, name, trunk, caller_id, status)"
        " VALUES ('spring', 'Spring', 'carrier', '+34910000000', 'running') RETURNING id"
    )
    settings = CampaignSettings(zone="Europe/Madrid", creditor="Banco Uno")
    campaign = Campaign(
        id=made,
        code="spring",
        name="Spring",
        trunk="carrier",
        caller_id="+34910000000",
        status=CampaignStatus.RUNNING,
        settings=settings,
        settings_version=1,
    )
    yield Floor(pool, campaign)
    await close_pool(pool)


async def test_a_higher_list_gives_first_and_the_next_what_it_cannot(floor: Floor) -> None:
    await floor.give("low", leads=5)
    await floor.give("high", leads=2, priority=3)
    assert await floor.next(4) == ["high1", "high2", "low1", "low2"]
    assert await floor.next(2) == ["high1", "high2"]
    assert await floor.next(20) == ["high1", "high2", *[f"low{place}" for place in range(1, 6)]]


async def test_equal_lists_share_by_weight_and_take_turns(floor: Floor) -> None:
    await floor.give("a", leads=9, weight=2)
    await floor.give("b", leads=9)
    assert await floor.next(6) == ["a1", "a2", "b1", "a3", "a4", "b2"]


async def test_what_a_heavy_list_cannot_give_a_light_one_does(floor: Floor) -> None:
    """Also one so light that its share of what was wanted was nothing."""
    await floor.give("a", leads=1, weight=100)
    await floor.give("b", leads=9)
    assert await floor.next(1) == ["a1"]
    assert sorted(await floor.next(4)) == ["a1", "b1", "b2", "b3"]
    await floor.pool.execute(
        "UPDATE leads l SET status = 'done' FROM lists i WHERE i.id = l.list_id AND i.name = 'a'"
    )
    assert await floor.next(1) == ["b1"]
    assert await floor.next(40) == [f"b{place}" for place in range(1, 10)]


async def test_a_quota_is_of_the_campaigns_own_day_and_holds_through_several_rounds(floor: Floor) -> None:
    narrow = await floor.give("a", leads=9, daily_attempts=5)
    await floor.used(narrow, date(2026, 11, 25), 2)
    await floor.used(narrow, date(2026, 11, 24), 5)
    assert await floor.next(9) == ["a1", "a2", "a3"]
    assert await floor.next(9, NIGHT - HOUR) == []
    await floor.give("b", leads=1)
    await floor.give("c", leads=4)
    # Two of each are asked, b has but one; then the others are asked once more, of a one is left.
    assert sorted(await floor.next(8)) == ["a1", "a2", "a3", "b1", "c1", "c2", "c3", "c4"]


async def test_nobody_is_taken_twice_in_one_claim(floor: Floor) -> None:
    await floor.give("a", leads=2)
    await floor.give("b", leads=20)
    taken = [one.row["lead_id"] for one in await floor.claimed(12)]
    assert len(taken) == len(set(taken)) == 12


async def test_the_order_within_a_list(floor: Floor) -> None:
    """A callback, then priority, then the list's own order, then who is due longest, then who came first."""
    of = await floor.give("a")
    at = NIGHT - 9 * HOUR
    await floor.lead(of, "last", next_at=at)
    await floor.lead(of, "second of two", next_at=at - HOUR)
    await floor.lead(of, "due longer", next_at=at - 2 * HOUR)
    await floor.lead(of, "first of the list", sort=-5, next_at=at)
    await floor.lead(of, "preferred", priority=7, next_at=at)
    await floor.lead(of, "preferred again", priority=7, next_at=at, attempts=3)
    await floor.lead(of, "agreed", urgent=True, next_at=at)
    assert await floor.next(9) == [
        "agreed", "preferred", "preferred again", "first of the list", "due longer", "second of two", "last",
    ]  # fmt: skip
    assert await floor.next(3) == ["agreed", "preferred", "preferred again"]


async def test_fresh_leads_are_mixed_with_others_at_the_lists_share(floor: Floor) -> None:
    of = await floor.give("a", fresh_share=0.25)
    for number in range(1, 7):
        await floor.lead(of, f"n{number}", priority=9)
        await floor.lead(of, f"o{number}", attempts=1)
    await floor.lead(of, "agreed", urgent=True, attempts=2)
    await floor.lead(of, "agreed too", urgent=True, priority=-1)
    assert await floor.next(6) == ["agreed", "agreed too", "n1", "o1", "o2", "o3"]
    assert await floor.next(7) == ["agreed", "agreed too", "n1", "o1", "o2", "o3", "n2"]
    assert await floor.next(1) == ["agreed"]


async def test_a_rank_says_list_callback_and_priority(floor: Floor) -> None:
    high = await floor.give("high", priority=2)
    await floor.lead(high, "first", priority=4)
    low = await floor.give("low", priority=-1)
    await floor.lead(low, "agreed", urgent=True, priority=3)
    await floor.lead(low, "last")
    found = {one.row["name"]: one.rank for one in await floor.claimed(9)}
    assert list(found) == ["first", "agreed", "last"]
    assert found["first"] > found["agreed"] > found["last"]
    assert found["first"] - found["last"] > found["agreed"] - found["last"] > 3


async def test_a_lead_whose_rest_is_over_is_woken_and_of_this_campaign_only(floor: Floor) -> None:
    of = await floor.give("a")
    await floor.lead(of, "rested", next_at=NIGHT, resting=True)
    await floor.lead(of, "rests", next_at=NIGHT + HOUR, resting=True)
    assert await floor.next(9) == ["rested"]
    assert await floor.pool.fetchval("SELECT count(*) FROM leads WHERE resting") == 1
    assert await floor.next(9, NIGHT + HOUR) == ["rested", "rests"]


async def test_so_many_rests_are_ended_at_one_claim_and_the_others_at_the_next(floor: Floor) -> None:
    """However many fall due at once, no claim takes longer than others."""
    of = await floor.give("a")
    await floor.pool.execute(
        "WITH made AS (INSERT INTO persons (name) SELECT 'P' FROM generate_series(1, $3) RETURNING id)"
        " INSERT INTO leads (list_id, campaign_id, person_id, next_at, resting)"
        " SELECT $1, $2, id, $4, true FROM made",
        of,
        floor.campaign.id,
        WOKEN + 5,
        NIGHT,
    )
    for left in (5, 0):
        assert len(await floor.claimed(3)) == 3
        assert await floor.pool.fetchval("SELECT count(*) FROM leads WHERE resting") == left


async def test_who_is_not_needed_is_left_to_others_at_the_same_time(floor: Floor) -> None:
    """Two of ten: whoever claims for another campaign's agents at that moment gets the other eight."""
    await floor.give("a", leads=5)
    await floor.give("b", leads=5)
    async with floor.pool.acquire() as connection, connection.transaction():
        mine = await claim(connection, floor.campaign, NIGHT, 2)
        others = await floor.claimed(10)
    assert (len(mine), len(others)) == (2, 8)


async def test_the_turn_of_the_day_says_which_list_the_odd_one_is_of(floor: Floor) -> None:
    """The turn is how many calls were made today: by it the shares are cut, and their order is read."""
    lists = [await floor.give(name, leads=4) for name in "abc"]
    await floor.used(lists[0], date(2026, 11, 25), 3)
    assert await floor.next(1) == ["c1"]
    assert sorted(await floor.next(2)) == ["b1", "c1"]
    assert await floor.next(4) == ["c1", "a1", "c2", "b1"]


@pytest.mark.parametrize("written", ["Banco Uno", "BANCO  UNO"])
async def test_what_is_owed_is_that_of_the_campaigns_creditor(floor: Floor, written: str) -> None:
    of = await floor.give("a", leads=1)
    await floor.pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor, status)"
        " SELECT person_id, c, c, 'EUR', 5000, s FROM leads,"
        " (VALUES ($2, 'paid'), ('Banco Dos', 'open')) AS debt (c, s) WHERE list_id = $1",
        of,
        written,
    )
    (one,) = await floor.claimed(9)
    assert (one.row["settled"], one.row["debts"]) == (True, [])


async def test_a_claim_of_nothing_takes_nothing(floor: Floor) -> None:
    await floor.give("a", leads=2)
    assert await floor.next(0) == []
