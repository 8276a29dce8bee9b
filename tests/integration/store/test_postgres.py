"""What only a real Postgres can show: workers side by side, locks, lost answers, restarts."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson
import pytest

from dialer.exceptions import StoreUnavailable
from dialer.model.call import Call, CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign
from dialer.ports import EngineCommit, Placed, Transition
from dialer.store.contact_gate import contact_gate
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict
from dialer.store.ids import uuid7
from dialer.store.postgres import PostgresStore
from dialer.store.reservation import Reservation
from tests.conformance.store_worlds import PostgresWorld
from tests.eventually import eventually
from tests.integration.fixtures import Database
from tests.integration.proxy import proxy_to

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
ONE = "+34910000001"


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """An empty world with a fence."""
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=3) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


def ringing(call: Call, at: datetime = NOON) -> EngineCommit:
    """The next step of a call that dials."""
    event = CallEvent(CallEventKind.RINGING)
    return EngineCommit((Transition(call.state, step(call, event, now=at)[0], event, at),))


def refused(call: Call, at: datetime = NOON) -> EngineCommit:
    """The network says busy: the call ends, its lead goes on."""
    event = CallEvent(CallEventKind.REFUSED, cause=17)
    return EngineCommit((Transition(call.state, step(call, event, now=at)[0], event, at),))


async def people(world: PostgresWorld, campaigns: list[Campaign], count: int) -> None:
    """So many persons, each in the list of every campaign."""
    for number in range(count):
        person = await world.person(f"P{number}", f"+34910{number:06}")
        for campaign in campaigns:
            await world.lead(campaign, person)


async def drain(world: PostgresWorld, campaign: Campaign) -> list[Placed]:
    """Place and end calls until nothing is left, as one worker of many."""
    placed: list[Placed] = []
    while True:
        result = await world.store.place(campaign, 3, now=NOON, fence=1)
        placed += result.placed
        event = CallEvent(CallEventKind.REFUSED, cause=17)
        steps = [
            Transition(p.call.state, step(p.call, event, now=NOON)[0], event, NOON) for p in result.placed
        ]
        await world.store.commit(EngineCommit(tuple(steps)), fence=1)
        if result.dry and not result.placed:
            return placed


async def test_campaigns_side_by_side_never_take_the_last_slot_of_a_person_twice(
    world: PostgresWorld,
) -> None:
    campaigns = [await world.campaign("alfa"), await world.campaign("beta")]
    await people(world, campaigns, 40)
    drained = await asyncio.gather(*(drain(world, campaign) for campaign in campaigns * 3))
    calls = Counter(placed.call.person_id for worker in drained for placed in worker)
    assert len(calls) == 40
    assert set(calls.values()) == {1}
    assert await world.rows("transitions") == 40


def once_per_number(
    candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime
) -> GateVerdict:
    """One attempt for each number, whoever is behind it."""
    called = any(row.number == phone.number for row in candidate.ledger)
    return GateVerdict(rule="number_cap", until=now + timedelta(days=1)) if called else GateVerdict()


async def test_persons_who_share_a_number_share_its_cap(world: PostgresWorld, database: Database) -> None:
    campaigns = [await world.campaign("alfa"), await world.campaign("beta")]
    for campaign in campaigns * 5:
        await world.lead(campaign, await world.person("Flatmate", ONE))
    async with PostgresStore.open(database.dsn, gate=once_per_number) as store:
        shared = PostgresWorld(store, world.pool, 1)
        drained = await asyncio.gather(*(drain(shared, campaign) for campaign in campaigns * 2))
    assert sum(map(len, drained)) == 1


async def test_a_stop_under_way_is_waited_out(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    person = await world.person("Eva", ONE)
    await world.lead(campaign, person)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("UPDATE persons SET stopped_at = now() WHERE id = $1", person)
        assert (await world.store.place(campaign, 1, now=NOON, fence=1)).placed == ()
    result = await world.store.place(campaign, 1, now=NOON, fence=1)
    assert [refusal.rule for refusal in result.refused] == ["stop"]


async def test_a_stop_comes_after_a_reservation_under_way_and_is_seen_at_the_last_look(
    world: PostgresWorld, database: Database
) -> None:
    campaign = await world.campaign()
    person = await world.person("Eva", ONE)
    await world.lead(campaign, person)

    async def waits() -> bool:
        lock = "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return any(row["query"].startswith("UPDATE persons") for row in await world.pool.fetch(lock))

    async with PostgresStore.open(database.dsn) as other, asyncio.TaskGroup() as group:
        connection = await world.pool.acquire()
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_dump, decoder=orjson.loads)
        reservation = connection.transaction()
        await reservation.start()
        result = await Reservation(campaign, 1, NOON, contact_gate, uuid7).run(connection, 1)
        stop = group.create_task(world.stop(person), name="stop")
        await eventually(waits)
        await reservation.commit()
        await stop
        await world.pool.release(connection)
        assert len(result.placed) == 1
        assert await other.stopped([person]) == frozenset({person})


async def test_an_answer_lost_after_the_commit_is_no_second_commit(
    world: PostgresWorld, database: Database
) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = (await world.store.place(campaign, 1, now=NOON, fence=1)).placed
    async with (
        proxy_to(database.server.port) as proxy,
        PostgresStore.open(database.dsn.replace(f":{database.server.port}/", f":{proxy.port}/")) as store,
    ):
        commit = ringing(placed.call)
        proxy.lose_answer_to = str(placed.call.id).encode()
        with pytest.raises(StoreUnavailable):
            await store.commit(commit, fence=1)
        assert proxy.cuts == 1
        assert await world.rows("transitions") == 1
        await store.commit(commit, fence=1)
    assert await world.rows("transitions") == 1
    assert [shown.call.version for shown in await world.store.open_calls()] == [2]


async def test_a_link_lost_before_the_commit_leaves_nothing(world: PostgresWorld, database: Database) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = (await world.store.place(campaign, 1, now=NOON, fence=1)).placed
    async with (
        proxy_to(database.server.port) as proxy,
        PostgresStore.open(database.dsn.replace(f":{database.server.port}/", f":{proxy.port}/")) as store,
    ):
        commit = refused(placed.call)
        proxy.lose_answer_to = str(placed.call.id).encode()
        with pytest.raises(StoreUnavailable):
            await store.commit(commit, fence=1)
        assert await world.rows("transitions") == 0
        await store.commit(commit, fence=1)
    assert await world.rows("transitions") == 1


async def test_an_answer_lost_after_the_end_of_a_call_is_no_second_end(
    world: PostgresWorld, database: Database
) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = (await world.store.place(campaign, 1, now=NOON, fence=1)).placed
    async with (
        proxy_to(database.server.port) as proxy,
        PostgresStore.open(database.dsn.replace(f":{database.server.port}/", f":{proxy.port}/")) as store,
    ):
        proxy.lose_answer_to = b"COMMIT"
        with pytest.raises(StoreUnavailable):
            await store.commit(refused(placed.call), fence=1)
        settled = await world.lead_row(lead)
        await store.commit(refused(placed.call), fence=1)
    assert await world.rows("transitions") == 1
    assert await world.lead_row(lead) == settled
    assert settled[0] == "open"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_a_restart_of_postgres_is_an_absence_and_no_more(
    world: PostgresWorld, database: Database, how: signal.Signals
) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = (await world.store.place(campaign, 1, now=NOON, fence=1)).placed
    await asyncio.to_thread(database.server.stop, how)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await world.store.commit(ringing(placed.call), fence=1)
    with pytest.raises(StoreUnavailable):
        await world.store.place(campaign, 1, now=NOON, fence=1)
    with pytest.raises(StoreUnavailable):
        await world.store.open_calls()
    await asyncio.to_thread(database.server.start)

    async def written() -> bool:
        try:
            await world.store.commit(ringing(placed.call), fence=1)
        except StoreUnavailable:
            return False
        return True

    await eventually(written)
    assert [shown.call.version for shown in await world.store.open_calls()] == [2]


async def test_without_a_database_opening_says_so(database: Database) -> None:
    with pytest.raises(StoreUnavailable):
        async with PostgresStore.open(database.dsn.replace(database.name, "no_such_database")):
            pass


async def test_hundreds_of_refusals_cost_as_few_round_trips_as_one(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    await people(world, [campaign], 60)
    await world.pool.execute("UPDATE persons SET flags = '{deceased}' WHERE id % 2 = 0")
    result = await world.store.place(campaign, 50, now=NOON, fence=1)
    assert (len(result.placed), len(result.refused), result.dry) == (30, 30, True)
    assert {refusal.rule for refusal in result.refused} == {"deceased"}


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


SPOKE, FOUND_OUT = CallEvent(CallEventKind.HUNG_UP, cause=16), CallEvent(CallEventKind.MACHINE)


async def had_by_an_agent(world: PostgresWorld, call: Call, end: CallEvent | None) -> None:
    """An unclear call that an agent got, and how it ended, if it did."""
    agent = await world.agent()
    told = [CallEvent(CallEventKind.ANSWERED), CallEvent(CallEventKind.UNSURE)]
    told += [CallEvent(CallEventKind.BRIDGED, agent_id=agent.id), *([end] if end else [])]
    for number, event in enumerate(told, start=1):
        at = NOON + timedelta(seconds=number)
        before, (call, _) = call, step(call, event, now=at)
        await world.store.commit(EngineCommit((Transition(before.state, call, event, at),)), fence=1)


def silent_after_talk(
    candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime
) -> GateVerdict:
    """Who was spoken to is left alone, and so is whoever shares the number."""
    spoken = any(row.kind == "conversation" for row in candidate.ledger)
    return GateVerdict(rule="silence", until=now + timedelta(days=7)) if spoken else GateVerdict()


@pytest.mark.parametrize(("end", "called", "talks"), [(SPOKE, 0, 1), (None, 0, 0), (FOUND_OUT, 1, 0)])
async def test_a_talk_silences_a_number_and_a_machine_in_an_agents_ear_does_not(
    world: PostgresWorld, database: Database, end: CallEvent | None, called: int, talks: int
) -> None:
    """Of two who share a number, the second: while the first speaks, after it, and after what was none."""
    campaign = await world.campaign()
    first = await world.person("Eva", ONE)
    await world.lead(campaign, first)
    (placed,) = (await world.store.place(campaign, 1, now=NOON, fence=1)).placed
    await had_by_an_agent(world, placed.call, end)
    await world.lead(campaign, await world.person("Flatmate", ONE))
    async with PostgresStore.open(database.dsn, gate=silent_after_talk) as store:
        found = await store.place(campaign, 1, now=NOON + timedelta(minutes=2), fence=1)
    assert len(found.placed) == called
    day = await world.pool.fetchval("SELECT coalesce(sum(conversations), 0) FROM list_days")
    assert day == talks
    kinds = {SPOKE: ["attempt", "conversation"], FOUND_OUT: ["attempt", "machine"]}
    assert await world.ledger(first) == (kinds[end] if end else ["attempt"])
