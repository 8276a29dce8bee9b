"""What only a real Postgres can show of rules that change: commits in between, bounds, indexes, dates."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import orjson
import pytest

from dialer.model.campaign import Campaign
from dialer.model.holds import HoldCode
from dialer.store.claims import WOKEN, wake
from dialer.store.contact_gate import contact_gate
from dialer.store.ids import uuid7
from dialer.store.postgres import PostgresStore
from dialer.store.reservation import Reservation
from dialer.store.sql import queries
from portfolio.revival import revive_phone
from portfolio.suppression import HowNumbers, Suppressing, suppress
from tests.conformance.store_worlds import PostgresWorld
from tests.conformance.test_store_callbacks import says, talked
from tests.eventually import eventually
from tests.integration.fixtures import Database
from tests.integration.store.test_postgres import NOON, ONE, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
TWO = "+34910000002"


async def taken(world: PostgresWorld, campaign: Campaign, *, after: timedelta = HOUR) -> list[int]:
    """Leads of the next claim."""
    result = await world.store.place(campaign, 5, now=NOON + after, fence=1)
    return [one.call.lead_id for one in result.placed]


async def suppressed(world: PostgresWorld, number: str, days: int | None) -> int:
    """On a list until so many days after noon, or for good."""
    made: int = await world.pool.fetchval(
        "INSERT INTO suppression_lists (name) VALUES ('Robinson') ON CONFLICT (name)"
        " DO UPDATE SET source = 'x' RETURNING id"
    )
    await world.pool.execute(
        "INSERT INTO suppressed_numbers (number, list_id, ends_at)"
        " VALUES ($1, $2, coalesce($3::timestamptz, 'infinity'))",
        number,
        made,
        None if days is None else NOON + timedelta(days=days),
    )
    return made


async def test_a_suppression_with_an_end_is_a_rest_until_then(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    await suppressed(world, ONE, 30)
    assert await taken(world, campaign) == []
    assert await world.lead_row(lead) == ("open", NOON + timedelta(days=30), "do_not_call")
    assert await taken(world, campaign, after=timedelta(days=30) - HOUR) == []
    assert await taken(world, campaign, after=timedelta(days=30)) == [lead]


async def test_an_end_that_is_moved_forward_is_felt(world: PostgresWorld) -> None:
    campaign = await world.known(await world.campaign())
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    await suppressed(world, ONE, 30)
    assert await taken(world, campaign) == []
    await world.pool.execute("UPDATE suppressed_numbers SET ends_at = ends_at + interval '1 day'")
    assert (await world.known(campaign)).rules == campaign.rules
    await world.pool.execute("UPDATE suppressed_numbers SET ends_at = $1", NOON + HOUR)
    assert await taken(world, await world.known(campaign), after=2 * HOUR) == [lead]


async def test_nobody_is_lost_to_a_change_that_commits_late(world: PostgresWorld) -> None:
    """Begun before another change, committed after it, and after the engine has judged."""
    campaign = await world.known(await world.campaign())
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    await suppressed(world, ONE, None)
    await world.forbid(TWO)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM suppression_lists")
        await world.allow(TWO)
        campaign = await world.known(campaign)
        assert await taken(world, campaign) == []
    assert await taken(world, await world.known(campaign), after=2 * HOUR) == [lead]


async def test_a_file_of_many_numbers_is_one_change(world: PostgresWorld) -> None:
    campaign = await world.known(await world.campaign())
    made = await suppressed(world, ONE, None)
    await world.pool.execute(
        "INSERT INTO suppressed_numbers (number, list_id)"
        " SELECT '+3460' || lpad(n::text, 7, '0'), $1 FROM generate_series(1, 3000) n",
        made,
    )
    assert (await world.known(campaign)).rules == campaign.rules
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM suppressed_numbers WHERE number LIKE '%7'")
        await connection.execute("DELETE FROM suppression_lists")
    assert (await world.known(campaign)).rules == campaign.rules + 1


async def test_a_statement_that_frees_nobody_is_no_change(world: PostgresWorld) -> None:
    campaign = await world.known(await world.campaign())
    await world.pool.execute("DELETE FROM suppressed_numbers")
    await world.pool.execute("DELETE FROM do_not_call")
    assert (await world.known(campaign)).rules == campaign.rules


async def test_a_file_that_replaces_a_list_frees_only_who_is_not_in_it(world: PostgresWorld) -> None:
    """The same file every day asks about nobody; one with a number less is one change."""
    campaign = await world.known(await world.campaign())
    for rows, changed, changes in [((ONE, TWO), 2, 0), ((ONE, TWO), 0, 0), ((TWO,), 1, 1), ((TWO,), 0, 1)]:
        file = "\n".join(rows).encode()
        async with world.pool.acquire() as connection:
            wanted = Suppressing("Robinson", HowNumbers("ES"), "replace", reason="entrega nueva")
            assert (await suppress(connection, pieces(file), wanted, None)).changed == changed
        assert (await world.known(campaign)).rules == campaign.rules + changes
    assert await world.pool.fetchval("SELECT array_agg(number) FROM suppressed_numbers") == [TWO]


async def pieces(file: bytes) -> AsyncIterator[bytes]:
    """As it is sent."""
    yield file


async def test_a_claim_that_waits_holds_nobody_whom_it_has_woken(world: PostgresWorld) -> None:
    """A turn that settles has the day of a list and wants a lead; the claim woke the lead and wants the day.

    What is woken is committed before: an engine killed in between leaves nothing undone.
    """
    campaign = await world.known(await world.campaign())
    eva, leo = await world.person("Eva", ONE), await world.person("Leo", TWO)
    first, asleep = await world.lead(campaign, eva), await world.lead(campaign, leo)
    await world.flag(leo, "deceased")
    await world.pool.execute(
        "UPDATE leads SET status = 'withdrawn', held_by = 'flag', held_at = now(), held_rules = -1"
        " WHERE id = $1",
        asleep,
    )
    day = "INSERT INTO list_days (list_id, day) SELECT list_id, $2 FROM leads WHERE id = $1"
    await world.pool.execute(day, first, (NOON + HOUR).date())

    async def waits() -> bool:
        lock = "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return any("WITH wanted AS" in row["query"] for row in await world.pool.fetch(lock))

    async with asyncio.TaskGroup() as group:
        async with world.pool.acquire() as connection, connection.transaction():
            await connection.execute("UPDATE list_days SET conversations = conversations + 1")
            claim = group.create_task(taken(world, campaign), name="claim")
            await eventually(waits)
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute("UPDATE leads SET urgent = true WHERE id = $1", asleep)
    assert claim.result() == [first]


async def test_who_may_come_back_stands_behind_nobody_who_cannot(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    await world.pool.execute(
        "UPDATE leads SET held_by = 'calling_hours', held_at = now(), held_rules = 3,"
        " next_at = now() + interval '9 years'"
    )
    await world.pool.execute(
        "WITH made AS (INSERT INTO persons (name) SELECT 'N' FROM generate_series(1, $2) RETURNING id)"
        " INSERT INTO leads (list_id, campaign_id, person_id, status, held_by, held_rules)"
        " SELECT i.id, $1, m.id, 'withdrawn', 'no_number', 2 FROM made m, lists i",
        campaign.id,
        2 * WOKEN,
    )
    knows = campaign.model_copy(update={"rules": 4})
    assert await taken(world, knows) == [lead]
    # They are looked at when nobody is before them.
    left = "SELECT count(*) FROM leads WHERE status = 'withdrawn' AND held_rules = 2"
    assert await world.pool.fetchval(left) == WOKEN + 1
    await world.pool.execute("ANALYZE leads, persons")
    plan = await plan_of(world.pool, queries()["wake_held"], campaign.id, NOON, 4, WOKEN)
    assert "leads_withdrawn_rules" in plan


async def test_the_next_engine_knows_by_what_the_last_one_judged(
    world: PostgresWorld, database: Database
) -> None:
    """The digest stands beside the campaign: the same pack wakes nobody, another one does."""
    campaign = await world.known(await world.campaign())
    async with PostgresStore.open(database.dsn, gate=contact_gate) as later:
        assert [one.rules for one in await later.campaigns()] == [campaign.rules]
        await world.pool.execute(
            "UPDATE rule_changes SET digest = 'of the version before' WHERE what = 'rules'"
        )
        assert [one.rules for one in await later.campaigns()] == [campaign.rules + 1]
        assert [one.rules for one in await later.campaigns()] == [campaign.rules + 1]


async def test_a_thousand_are_woken_at_a_time_by_the_index(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.pool.execute(
        "WITH made AS (INSERT INTO persons (name) SELECT 'P' FROM generate_series(1, 2500) RETURNING id)"
        " INSERT INTO leads (list_id, campaign_id, person_id, held_by, held_rules, next_at, resting)"
        " SELECT i.id, $1, m.id, 'calling_hours', 3, now() + interval '9 hours', true FROM made m, lists i",
        campaign.id,
    )
    await world.pool.execute(
        "WITH made AS (INSERT INTO persons (name) SELECT 'R' FROM generate_series(1, 6000) RETURNING id)"
        " INSERT INTO leads (list_id, campaign_id, person_id, next_at, resting)"
        " SELECT i.id, $1, m.id, now() + interval '9 hours', true FROM made m, lists i",
        campaign.id,
    )
    await world.pool.execute("ANALYZE leads, persons")
    knows = campaign.model_copy(update={"rules": 4})
    left = []
    for _ in range(4):
        async with world.pool.acquire() as connection, connection.transaction():
            await connection.execute(queries()["wake_held"], campaign.id, NOON, knows.rules, WOKEN)
        left.append(await world.pool.fetchval("SELECT count(*) FROM leads WHERE held_rules IS NOT NULL"))
    assert left == [1500, 500, 0, 0]
    waiting = "SELECT count(*) FROM leads WHERE next_at > now() AND held_by = ''"
    assert await world.pool.fetchval(waiting) == 6000
    # Most claims find nobody to wake: that costs one look into the index.
    await world.pool.execute("ANALYZE leads, persons")
    plan = await plan_of(world.pool, queries()["wake_held"], campaign.id, NOON, 5, WOKEN)
    assert "leads_held_rules" in plan
    assert scanned(plan).isdisjoint({"leads", "persons"})


async def plan_of(pool: "asyncpg.Pool[asyncpg.Record]", query: str, *arguments: object) -> str:
    """How Postgres does it."""
    rows = await pool.fetch(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
    return json.dumps(json.loads(rows[0][0]))


def scanned(plan: str) -> set[str]:
    """Tables of which every row is read."""
    return set(re.findall(r'"Node Type": "Seq Scan"[^{}]*?"Relation Name": "(\w+)"', plan))


async def test_what_a_campaign_waits_for_is_not_asked_of_every_lead_of_its_shut_lists(
    world: PostgresWorld,
) -> None:
    """Lists that were called to their end and paused are most of a book; in them some are still open."""
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.pool.execute(
        "INSERT INTO lists (campaign_id, name, status) SELECT $1, 'past ' || n, 'paused'"
        " FROM generate_series(1, 5) n",
        campaign.id,
    )
    await world.pool.execute(
        "WITH made AS (INSERT INTO persons (name) SELECT 'P' FROM generate_series(1, 2000) RETURNING id)"
        " INSERT INTO leads (list_id, campaign_id, person_id, status, next_at, resting)"
        " SELECT i.id, $1, m.id, CASE WHEN m.id % 500 IN (1, 2) THEN 'open' ELSE 'done' END,"
        " CASE m.id % 500 WHEN 2 THEN $2::timestamptz ELSE '-infinity' END, m.id % 500 = 2"
        " FROM made m, lists i WHERE i.status = 'paused'",
        campaign.id,
        NOON + timedelta(weeks=1000),
    )
    await world.pool.execute("ANALYZE leads, lists")
    asked = (campaign.id, NOON, NOON.date(), 10_000, NOON + timedelta(days=1))
    async with asked_as_the_engine_does(world) as connection:
        rows = await connection.fetch(queries()["waiting"], *asked)
        plan = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {queries()['waiting']}", *asked)
    assert [(row["rule"], row["leads"]) for row in rows] == [("list_paused", 40)]
    by = set(re.findall(r'"Index Name": "(leads\w+)"', plan[0][0]))
    assert by == {"leads_hopper", "leads_timed"}
    assert sum(map(int, re.findall(r'"Rows Removed by \w+(?: \w+)*": (\d+)', plan[0][0]))) < 100


@asynccontextmanager
async def asked_as_the_engine_does(
    world: PostgresWorld,
) -> AsyncIterator["asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"]:
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield connection


async def test_a_person_of_whom_something_else_is_known_is_asked_again(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.flag(eva, "lawyer")
    assert await taken(world, campaign) == []
    assert (await world.lead_row(lead))[0] == "withdrawn"
    await world.pool.execute("UPDATE persons SET name = 'Eva M.' WHERE id = $1", eva)
    assert await taken(world, campaign) == []
    await world.pool.execute("UPDATE persons SET flags = '{}' WHERE id = $1", eva)
    assert await taken(world, campaign, after=2 * HOUR) == [lead]


async def test_a_number_that_is_revived_brings_its_person_back(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.pool.execute("UPDATE phones SET status = 'dead'")
    assert await taken(world, campaign) == []
    await world.pool.execute("UPDATE phones SET status = 'unknown'")
    assert await taken(world, campaign) == [lead]


async def test_the_grace_after_a_payment_is_no_rule(world: PostgresWorld) -> None:
    """Also where the rule would have lasted longer than the grace."""
    campaign = await world.campaign()
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.pool.execute(
        "UPDATE leads SET held_by = 'calling_hours', next_at = now() + interval '90 days'"
    )
    await world.pool.execute("UPDATE leads SET held_rules = 1, held_at = now()")
    await world.pay(eva)
    assert (await world.lead_row(lead))[2] == "partly_paid"
    assert await taken(world, campaign.model_copy(update={"rules": 9})) == []


async def test_a_list_that_may_give_no_leads_is_what_is_waited_for(world: PostgresWorld) -> None:
    """Paused: until somebody starts it. The day's calls or talks reached: until the campaign's midnight."""
    campaign = await world.known(await world.campaign())
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.pool.execute(
        "UPDATE leads SET next_at = now() + interval '9 years', held_by = 'calling_hours'"
    )
    zone = ZoneInfo(campaign.settings.zone)
    tomorrow = datetime.combine(NOON.astimezone(zone).date() + timedelta(days=1), time(), zone)
    barred = [
        ("SELECT 1", "calling_hours", None),
        ("UPDATE lists SET status = 'paused'", "list_paused", None),
        ("UPDATE lists SET status = 'active', daily_attempts = 0", "quota_full", tomorrow),
        ("UPDATE lists SET daily_attempts = NULL, daily_conversations = 0", "quota_full", tomorrow),
    ]
    for minutes, (change, rule, until) in enumerate(barred):
        await world.pool.execute(change)
        found = await world.store.place(campaign, 1, now=NOON + timedelta(minutes=minutes), fence=1)
        assert found.dry
        assert found.waiting is not None
        assert (found.waiting.rule, found.waiting.held, found.waiting.leads) == (rule, 1, 1)
        if rule != "calling_hours":
            assert found.waiting.until == until


async def test_of_a_list_at_its_quota_and_one_that_rests_both_are_told(world: PostgresWorld) -> None:
    campaign = await world.known(await world.campaign())
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.lead(campaign, await world.person("Leo", TWO))
    await world.pool.execute("UPDATE lists SET daily_attempts = 0")
    found = await world.store.place(campaign, 1, now=NOON, fence=1)
    assert found.waiting is not None
    hold = found.waiting.hold()
    assert (hold.code, hold.held, hold.leads) == (HoldCode.QUOTA, 2, 2)


async def test_what_is_waited_for_is_looked_up_once_a_minute(world: PostgresWorld) -> None:
    """Or when the rules have changed: it is for the eye, and costs the claim nothing."""
    campaign = await world.known(await world.campaign())
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.pool.execute("UPDATE leads SET next_at = now() + interval '9 years'")

    async def told(seconds: int, rules: int = 0) -> int:
        knows = campaign.model_copy(update={"rules": campaign.rules + rules})
        found = await world.store.place(knows, 1, now=NOON + timedelta(seconds=seconds), fence=1)
        return found.waiting.leads if found.waiting is not None else 0

    assert await told(0) == 1
    await world.lead(campaign, await world.person("Leo", TWO))
    await world.pool.execute("UPDATE leads SET next_at = now() + interval '9 years'")
    assert [await told(59), await told(60)] == [1, 2]
    await world.pool.execute(
        "UPDATE leads SET status = 'done' WHERE person_id = (SELECT max(id) FROM persons)"
    )
    assert [await told(61), await told(61, rules=1)] == [2, 1]


# --- side by side


@asynccontextmanager
async def judging(world: PostgresWorld, campaign: Campaign, *, at: timedelta = HOUR) -> AsyncIterator[None]:
    """A claim that has judged, and has not committed yet."""
    async with world.pool.acquire() as connection:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_dump, decoder=orjson.loads)
        async with connection.transaction():
            result = await Reservation(campaign, 5, NOON + at, contact_gate, uuid7).run(connection, 1)
            assert result.placed == ()
            yield


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


async def waits_or_is_done(world: PostgresWorld, task: "asyncio.Task[None]") -> None:
    """The other side has gone as far as it can."""
    waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"

    async def holds() -> bool:
        return task.done() or bool(await world.pool.fetchval(waiting))

    await eventually(holds)


async def revives(world: PostgresWorld, person: int) -> None:
    """A supervisor says that the dead number is none."""
    phone = await world.pool.fetchval("SELECT id FROM phones WHERE person_id = $1", person)
    async with world.pool.acquire() as connection:
        await revive_phone(connection, person, phone, "lo dice la hija", None, NOON)


async def brings(world: PostgresWorld, person: int) -> None:
    """A file brings another number."""
    await world.add_number(person, TWO)


async def clears(world: PostgresWorld, person: int) -> None:
    """Somebody at a database prompt."""
    await world.pool.execute("UPDATE phones SET status = 'unknown' WHERE person_id = $1", person)


@pytest.mark.parametrize("change", [revives, brings, clears])
async def test_a_number_that_comes_while_a_claim_judges_is_not_lost(
    world: PostgresWorld, change: Callable[[PostgresWorld, int], Coroutine[None, None, None]]
) -> None:
    campaign = await world.known(await world.campaign())
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.pool.execute("UPDATE phones SET status = 'dead'")
    async with asyncio.TaskGroup() as group:
        async with judging(world, campaign):
            changed = group.create_task(change(world, eva), name="changed")
            await waits_or_is_done(world, changed)
    assert await taken(world, campaign, after=2 * HOUR) == [lead]


async def test_nor_while_a_claim_asks_again(world: PostgresWorld) -> None:
    """Its lead is to be asked again already: whoever marks it must wait for the answer all the same."""
    campaign = await world.known(await world.campaign())
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.pool.execute("UPDATE phones SET status = 'dead'")
    assert await taken(world, campaign, after=timedelta()) == []
    await world.pool.execute("UPDATE leads SET held_rules = -1")
    async with asyncio.TaskGroup() as group:
        async with world.pool.acquire() as connection, connection.transaction():
            await wake(connection, campaign, NOON + HOUR)
            changed = group.create_task(clears(world, eva), name="changed")
            await waits_or_is_done(world, changed)
    assert await taken(world, campaign, after=2 * HOUR) == [lead]


async def test_who_says_whose_number_it_is_takes_the_person_first(world: PostgresWorld) -> None:
    """As whoever revives numbers does: in the other order each would wait for the other."""
    campaign, agent = await world.campaign(), await world.agent()
    eva = await world.person("Eva", ONE)
    await world.lead(campaign, eva)
    (placed,) = (await world.store.place(campaign, 1, now=NOON, fence=1)).placed
    call = await talked(world, placed, agent.id)
    await world.pool.execute("UPDATE phones SET status = 'dead'")
    made = says(world, call, agent.id, "promise")
    async with asyncio.TaskGroup() as group:
        async with world.pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE", eva)
            said = group.create_task(made, name="said")
            await waits_or_is_done(world, said)
            await connection.execute("UPDATE phones SET rests_until = now() WHERE person_id = $1", eva)
    assert await world.phones(eva) == ["right_party"]
