"""From attempts in Postgres to a model in use."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import numpy as np
import pytest

from dialer.model.call import CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign
from dialer.ports import EngineCommit, Placed, Transition
from dialer.store.clock import SystemClock
from dialer.store.lead_chances import LeadChances
from dialer.store.lead_learning import FEWEST_ATTEMPTS, LeadLearning, past_attempts
from dialer.store.pool import close_pool, open_pool
from dialer.store.postgres import PostgresStore
from pacing.lead_training import train
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.cli.test_commands import cadencia
from tests.integration.fixtures import Database
from tests.unit.pacing.lead_worlds import alike, leads
from tests.unit.pacing.lead_worlds import world as known_world

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
K = CallEventKind
PAST = """
    WITH chosen AS (
        INSERT INTO persons (name, zone) SELECT 'P' || n, 'Europe/Madrid' FROM generate_series(1, $1) n
        RETURNING id
    ),
    phone AS (
        INSERT INTO phones (person_id, number, kind)
        SELECT id, '+3491' || lpad(id::text, 7, '0'), CASE WHEN id % 2 = 0 THEN 'mobile' ELSE 'fixed' END
        FROM chosen
        RETURNING id, person_id, number, kind
    ),
    list AS (INSERT INTO lists (campaign_id, name) VALUES ($2, 'past') RETURNING id),
    lead AS (
        INSERT INTO leads (list_id, campaign_id, person_id) SELECT list.id, $2, chosen.id FROM chosen, list
        RETURNING id, person_id
    )
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, state,
                          version, placed_at, waiting_at, ended_at, outcome)
    SELECT gen_random_uuid(), $2, l.id, f.person_id, f.id, f.number, '{}', true, 'ended', 3, at,
        CASE WHEN human THEN at END, at, CASE WHEN human THEN 'conversation' ELSE 'no_answer' END
    FROM phone f JOIN lead l ON l.person_id = f.person_id
    CROSS JOIN LATERAL (SELECT now() - f.person_id % 20 * interval '1 day' - interval '1 minute' AS at,
        f.person_id / 20 % 10 < CASE WHEN f.kind = $3 THEN 5 ELSE 2 END AS human) what
"""


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """An empty world with a fence."""
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=3) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


@pytest.fixture
async def pool(database: Database) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    """Connections as the engine has them."""
    opened = await open_pool(database.dsn, 2)
    yield opened
    await close_pool(opened)


async def end(world: PostgresWorld, placed: Placed, *events: CallEvent, at: datetime) -> None:
    """What becomes of a call."""
    call = placed.call
    for event in events:
        before, (call, _) = call, step(call, event, now=at)
        commit = EngineCommit((Transition(before.state, call, event, at),))
        await world.store.commit(commit, fence=1)


async def three_days(world: PostgresWorld, campaign: Campaign) -> None:
    """Eight persons, called every second day: busy, machines, persons who hang up while they wait."""
    ends = (
        (CallEvent(K.REFUSED, cause=17),),
        (CallEvent(K.ANSWERED), CallEvent(K.MACHINE)),
        (CallEvent(K.ANSWERED), CallEvent(K.HUMAN), CallEvent(K.HUNG_UP, cause=16)),
    )
    for day in range(3):
        at = NOON + timedelta(days=2 * day, hours=day)
        result = await world.store.place(campaign, 8, now=at, fence=1)
        assert len(result.placed) == 8
        for number, placed in enumerate(result.placed):
            await end(world, placed, *ends[(number + day) % 3], at=at + timedelta(seconds=20))


async def test_what_is_learned_is_what_was_known_when_the_call_was_placed(
    world: PostgresWorld, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    past = known_world(3_000, 1)
    model = train(past.leads, past.answered, age_days=past.age_days)
    world.learn(model)
    campaign = await world.campaign()
    for number in range(8):
        person = await world.person(f"P{number}", f"+3491000000{number}")
        await world.set_kind(person, "mobile" if number % 2 else "fixed")
        await world.lead(campaign, person)
    await three_days(world, campaign)
    seen = await past_attempts(pool, NOON + timedelta(days=6))
    told = [chance or 0.0 for chance in (await world.chances()).values()]
    assert len(seen) == 24
    assert sorted(model.predict(seen.leads)[0]) == pytest.approx(sorted(told), abs=1e-6)
    assert set(seen.leads.attempt.tolist()) == {1, 2, 3}
    assert set(seen.leads.last_outcome.tolist()) == {"", "busy", "machine", "hung_up_early"}
    assert seen.answered.sum() == 8
    assert set(np.floor(seen.leads.hour)) == {12.0, 13.0, 14.0}


async def test_an_hourly_training_is_kept_and_taken_up_again(
    world: PostgresWorld, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    campaign = await world.campaign()
    await world.pool.execute(PAST, 600, campaign.id, "mobile")
    lesson = await LeadLearning(pool, world.postgres.lead_chances, SystemClock()).learn()
    assert lesson is not None
    assert lesson.attempts == 600
    assert lesson.scores.attempts == 120
    assert lesson.scores.log_loss < lesson.scores.base_log_loss
    assert lesson.scores.auc > 0.6
    mobile, fixed = world.learned().predict(alike(2, kind=["mobile", "fixed"]))[0]
    assert mobile > 1.5 * fixed
    later = LeadChances()
    assert await LeadLearning(pool, later, SystemClock()).take_up()
    assert np.array_equal(later.model.predict(leads(50, 1))[0], world.learned().predict(leads(50, 1))[0])


async def test_with_too_little_evidence_everybody_stays_average(
    world: PostgresWorld, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    campaign = await world.campaign()
    await world.pool.execute(PAST, FEWEST_ATTEMPTS - 1, campaign.id, "mobile")
    assert await LeadLearning(pool, world.postgres.lead_chances, SystemClock()).learn() is None
    assert world.postgres.lead_chances.cold


async def test_a_model_that_knows_no_more_than_the_mean_is_not_used(
    world: PostgresWorld, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    campaign = await world.campaign()
    await world.pool.execute(PAST, 600, campaign.id, "mobile")
    # What was so is the other way round since four days ago.
    await world.pool.execute(
        "UPDATE phones f SET kind = CASE f.kind WHEN 'mobile' THEN 'fixed' ELSE 'mobile' END FROM attempts a"
        " WHERE a.phone_id = f.id AND a.placed_at > now() - interval '4 days 1 hour'"
    )
    lesson = await LeadLearning(pool, world.postgres.lead_chances, SystemClock()).learn()
    assert lesson is not None
    assert not lesson.useful
    assert world.postgres.lead_chances.cold
    assert await world.pool.fetchval("SELECT count(*) FROM lead_models") == 0


async def test_a_model_of_another_version_is_left_alone(
    world: PostgresWorld, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    await world.pool.execute(
        "INSERT INTO lead_models (at, attempts, metrics, content) VALUES (now(), 1, '{}', '{\"a\": 1}')"
    )
    assert await LeadLearning(pool, world.postgres.lead_chances, SystemClock()).take_up()
    assert world.postgres.lead_chances.cold


async def test_the_newest_fifty_models_are_kept(
    world: PostgresWorld, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    await world.pool.execute(
        "INSERT INTO lead_models (at, attempts, metrics, content)"
        " SELECT now(), 1, '{}', '{}' FROM generate_series(1, 70)"
    )
    campaign = await world.campaign()
    await world.pool.execute(PAST, 600, campaign.id, "mobile")
    await LeadLearning(pool, world.postgres.lead_chances, SystemClock()).learn()
    assert await world.pool.fetchval("SELECT count(*) FROM lead_models") == 50


async def test_the_command_trains_and_says_how_good_it_is(world: PostgresWorld, database: Database) -> None:
    campaign = await world.campaign()
    await world.pool.execute(PAST, 600, campaign.id, "mobile")
    code, lines = await cadencia(database.dsn, "leads", "train", "--dry-run")
    assert code == 0
    assert lines[0] == "cadencia: learned from 600 attempts, tried on the newest 120 unseen"
    assert lines[1].startswith("log loss 0.")
    assert "of the mean alone 0." in lines[1]
    assert "AUC 0." in lines[2]
    assert await world.pool.fetchval("SELECT count(*) FROM lead_models") == 0
    assert (await cadencia(database.dsn, "leads", "train"))[0] == 0
    assert await world.pool.fetchval("SELECT count(*) FROM lead_models") == 1
