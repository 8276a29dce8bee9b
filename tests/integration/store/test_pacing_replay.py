"""What was decided and stored decides the same when it is read again, bit for bit."""

import random
from collections.abc import AsyncIterator
from dataclasses import asdict, replace

import asyncpg
import pytest

from dialer.model.campaign import DialMode
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    Screened,
    TelephonyFact,
)
from dialer.ports import EngineCommit, MinuteCount
from dialer.store.postgres import PostgresStore
from pacing import Floor, Model, Pace, decide
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.fixtures import Database
from tests.unit.dialer.engine.scenes import Scene


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """A world with two campaigns, of the ids that the scene knows them by."""
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        found = PostgresWorld(store, pool, 1)
        assert [(await found.campaign(code)).id for code in ("one", "two")] == [1, 2]
        yield found


def two_campaigns(mode: DialMode) -> Scene:
    """Six agents, two of them in both campaigns; one campaign has much to spare."""
    scene = Scene(mode=mode, calls_per_agent=2.5, screening_errors=0.03)
    scene.state.campaigns[2] = scene.campaign.model_copy(update={"id": 2, "code": "two"})
    for agent_id, campaigns in enumerate(({1}, {1}, {1, 2}, {1, 2}, {2}, {2}), start=1):
        agent = scene.works(agent_id, f"page{agent_id:04}")
        scene.state.agents[agent_id] = replace(agent, campaigns=frozenset(campaigns))
    for campaign_id, live in ((1, 2000), (2, 90)):
        scene.state.tally(campaign_id).counts.put(MinuteCount(scene.now, 3 * live, live, live // 100, 40))
    return scene


def something_happens(scene: Scene, chance: random.Random) -> None:
    """A call is placed, rings, is answered, hung up."""
    live = list(scene.state.calls)
    kind = chance.choice(("dials", "rings", "answers", "human", "hangs up"))
    if kind == "dials" or not live:
        scene.state.calls[scene.dials(chance.randrange(10_000))].odds = round(chance.uniform(0.3, 2), 3)
        return
    channel = str(chance.choice(live))
    facts: dict[str, TelephonyFact] = {
        "rings": ChannelRinging(channel),
        "answers": ChannelAnswered(channel),
        "human": Screened(channel, "HUMAN", ""),
        "hangs up": ChannelHungUp(channel, 16),
    }
    scene.fact(facts[kind])


@pytest.mark.parametrize("mode", [DialMode.PREDICTIVE, DialMode.POWER, DialMode.PROGRESSIVE])
async def test_a_stored_decision_replays_bit_for_bit(world: PostgresWorld, mode: DialMode) -> None:
    scene, chance = two_campaigns(mode), random.Random(7)
    for _ in range(120):
        something_happens(scene, chance)
        turn = scene.pace(chance.uniform(0.05, 2))
        told = EngineCommit(
            pacing=tuple(turn.pacing), models=tuple(turn.models), learners=tuple(turn.learners)
        )
        await world.store.commit(told, fence=1)
        for tally in scene.state.tallies.values():
            tally.placing = 0
    models = {(kept.campaign_id, kept.epoch, kept.version): kept.content for kept in await world.models()}
    decisions = await world.pacing()
    assert len(decisions) > 30
    for stored in decisions:
        again = decide(
            Pace(**stored.inputs["pace"]),
            Model.from_record(models[stored.campaign_id, stored.epoch, stored.model]),
            Floor.from_record(stored.inputs["floor"]),
        )
        forecast = asdict(again.forecast) if again.forecast is not None else None
        assert (again.calls, again.reason, again.cancel) == (stored.calls, stored.reason, stored.cancel)
        assert forecast == stored.forecast
