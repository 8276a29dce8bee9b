"""`cadencia pacing replay` on decisions that a real engine's turns put into a real database."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import asyncpg
import pytest

from dialer.model.campaign import DialMode
from dialer.ports import EngineCommit
from dialer.store.clock import SystemClock
from dialer.store.pool import close_pool, open_pool
from dialer.store.postgres import PostgresStore
from dialer.store.retention import Forgotten, PacingRetention
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.cli.test_commands import cadencia
from tests.integration.fixtures import Database
from tests.unit.dialer.engine.scenes import Scene

CALLS = """
    WITH somebody AS (
        INSERT INTO persons (name) SELECT 'P' || n FROM generate_series(1, $3::int) n RETURNING id
    ),
    phone AS (
        INSERT INTO phones (person_id, number) SELECT id, '+3491' || lpad(id::text, 7, '0') FROM somebody
        RETURNING id, person_id, number
    ),
    list AS (INSERT INTO lists (campaign_id, name) VALUES ($1, 'day') RETURNING id),
    lead AS (
        INSERT INTO leads (list_id, campaign_id, person_id)
        SELECT list.id, $1, somebody.id FROM somebody, list
        RETURNING id, person_id
    )
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, state,
        version, placed_at, answered_at, verdict_at, waiting_at, connected_at, ended_at, outcome)
    SELECT gen_random_uuid(), $1, l.id, f.person_id, f.id, f.number, '{}', true, 'ended', 5, at,
        CASE WHEN kind < 4 THEN at + interval '9 s' END,
        CASE WHEN kind < 4 THEN at + interval '10 s' END,
        CASE WHEN kind < 3 THEN at + interval '10 s' END,
        CASE WHEN kind < 2 THEN at + interval '11 s' END,
        at + CASE WHEN kind < 2 THEN interval '71 s' ELSE interval '12 s' END,
        CASE WHEN kind < 2 THEN 'conversation' WHEN kind = 2 THEN 'abandoned' WHEN kind = 3 THEN 'machine'
             ELSE 'no_answer' END
    FROM phone f JOIN lead l ON l.person_id = f.person_id
    CROSS JOIN LATERAL (SELECT f.person_id % 10 AS kind,
                               $2::timestamptz + f.person_id * interval '0.6 s' AS at) what
"""


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """A world with a campaign whose id the scene knows."""
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        found = PostgresWorld(store, pool, 1)
        assert (await found.campaign("one")).id == 1
        yield found


async def recorded(world: PostgresWorld, turns: int = 40) -> datetime:
    """Some minutes of an engine's pacing with four agents; returns when they began."""
    scene = Scene(mode=DialMode.PREDICTIVE)
    began = scene.now
    for agent in range(1, 5):
        scene.works(agent, f"page{agent:04}")
    for number in range(turns):
        scene.dials(number)
        turn = scene.pace(5.0)
        told = EngineCommit(
            pacing=tuple(turn.pacing), models=tuple(turn.models), learners=tuple(turn.learners)
        )
        await world.store.commit(told, fence=1)
        scene.state.tally(1).placing = 0
    return began


async def test_a_recorded_day_is_decided_again_bit_for_bit(world: PostgresWorld, database: Database) -> None:
    began = await recorded(world)
    stored = len(await world.pacing())
    assert stored >= 10
    code, lines = await cadencia(database.dsn, "pacing", "replay", "one", "--seeds", "0")
    assert (code, lines) == (0, [f"Comprobado: {stored} decisiones idénticas bit a bit, 0 distintas."])
    day = began.date().isoformat()
    code, lines = await cadencia(
        database.dsn, "pacing", "replay", "one", "--day", day, "--seeds", "0", "--english"
    )
    assert lines == [f"Verified: {stored} decisions equal bit for bit, 0 different."]


async def test_a_changed_decision_is_noticed(world: PostgresWorld, database: Database) -> None:
    await recorded(world)
    await world.pool.execute("UPDATE pacing_decisions SET calls = calls + 1 WHERE id % 5 = 0")
    await world.pool.execute("UPDATE pacing_decisions SET model = 999 WHERE id % 5 = 1")
    code, lines = await cadencia(database.dsn, "pacing", "replay", "one", "--seeds", "0", "--json")
    checked = json.loads("\n".join(lines))["verification"]
    assert code == 1
    assert min(checked["equal"], checked["different"], checked["unknown"]) > 0
    assert len(checked["examples"]) <= 3
    assert "calls" in checked["examples"][0]


async def test_a_shadow_is_simulated_beside_what_came(world: PostgresWorld, database: Database) -> None:
    began = await recorded(world)
    await world.pool.execute(CALLS, 1, began + timedelta(seconds=6), 300)
    words = ("pacing", "replay", "one", "--policy", "progressive", "--seeds", "2")
    code, lines = await cadencia(database.dsn, *words, "--english")
    text = "\n".join(lines)
    assert code == 0
    assert "On the" in text
    assert "MEASURED that day" in text
    assert "SIMULATED, progressive" in text
    code, lines = await cadencia(database.dsn, *words, "--json")
    found = json.loads("\n".join(line for line in lines[lines.index("{") :]))
    assert found["measured"]["dials"] == 300
    assert found["measured"]["connected"] == 60
    # Before any audit some of the machines count as persons who were hung up on.
    assert 1 / 3 < found["measured"]["abandonment"] < 0.345
    assert set(found["simulated"]) == {"recorded", "shadow", "difference"}
    assert found["floors"]["floors"] == found["verification"]["equal"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody",), "there is no campaign nobody"),
        (("one",), "the campaign one has no stored decisions"),
        (("one", "--day", "2020-01-01"), "the campaign one has no decisions stored then"),
        (("one", "--since", "2020-01-01"), "give --since and a later --until, or --day"),
        (("one", "--policy", "magic"), "no policy is called “magic”"),
        (("one", "--zone", "Mars/Base"), "there is no zone Mars/Base; such as Europe/Madrid"),
    ],
)
async def test_what_cannot_be_replayed_is_told_in_one_line(
    world: PostgresWorld, database: Database, words: tuple[str, ...], said: str
) -> None:
    code, lines = await cadencia(database.dsn, "pacing", "replay", *words)
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"cadencia: {said}")


async def test_old_decisions_go_with_the_models_that_only_they_name(
    world: PostgresWorld, database: Database
) -> None:
    await recorded(world)
    pool = await open_pool(database.dsn, 1)
    try:
        keeping = PacingRetention(pool, SystemClock(), 35, batch=7, breath=0.0)
        now = SystemClock().now()
        content = (await world.models())[0].content
        await world.pool.execute("DELETE FROM pacing_models")
        await world.pool.execute("DELETE FROM pacing_learners")
        # Models in force since 50, 40 and 30 days; decisions from 49 days ago until today.
        for version, days in ((1, 50), (2, 40), (3, 30)):
            await world.pool.execute(
                "INSERT INTO pacing_models (campaign_id, epoch, version, at, content)"
                " VALUES (1, 1, $1, $2, $3)",
                version, now - timedelta(days=days), json.dumps(content),
            )  # fmt: skip
        await world.pool.execute("DELETE FROM pacing_decisions")
        await world.pool.execute(
            "INSERT INTO pacing_decisions (campaign_id, at, calls, reason, inputs)"
            " SELECT 1, $1::timestamptz - n * interval '1 day', 1, 'x', '{}' FROM generate_series(0, 49) n",
            now,
        )
        await world.pool.execute(
            "INSERT INTO pacing_learners (campaign_id, at, content) VALUES (1, $1, '{}')", now
        )
        assert await keeping.forget() == Forgotten(decisions=15, models=1)
        assert [model.version for model in await world.models()] == [2, 3]
        assert await keeping.forget() == Forgotten()
        later = now - timedelta(days=36)
        await world.pool.execute("UPDATE pacing_learners SET at = $1", later)
        assert await keeping.forget() == Forgotten(learners=1)
    finally:
        await close_pool(pool)
