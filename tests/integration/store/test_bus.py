"""The bus and the lease through the absence of Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvloop

from dialer.exceptions import BusUnavailable
from dialer.model.commands import Ready
from dialer.ports import BadCommand, Command, Frame
from dialer.store.bus import COMMANDS, FRAMES, RedisBus, RedisBusClient
from dialer.store.lease import KEY, RedisLease
from dialer.store.postgres import PostgresStore
from dialer.store.streams import AWAY, append, quick_client
from tests.eventually import eventually
from tests.integration.fixtures import Database
from tests.integration.services import Valkey


@pytest.fixture
async def client(valkey: Valkey) -> AsyncIterator[RedisBusClient]:
    """The web side, listening."""
    found = RedisBusClient(valkey.url)
    await found.start()
    yield found
    await found.close()


@pytest.fixture
async def bus(valkey: Valkey) -> AsyncIterator[RedisBus]:
    """The engine's side, listening and sending."""
    found = RedisBus(valkey.url, limit=5)
    await found.start()
    async with asyncio.TaskGroup() as group:
        carrier = group.create_task(found.run(), name="bus")
        yield found
        carrier.cancel()
    await found.close()


def id_of(came: Command | BadCommand) -> str:
    assert isinstance(came, Command)
    return came.id


async def test_both_ways_go_on_after_redis_was_killed(
    bus: RedisBus, client: RedisBusClient, valkey: Valkey
) -> None:
    frames, commands = client.frames(), bus.commands()
    bus.publish(Frame("floor", {"seq": 1}))
    assert (await anext(frames)).body == {"seq": 1}
    await asyncio.to_thread(valkey.kill)
    with pytest.raises(BusUnavailable):
        await client.send(Command(Ready(), 7, id="lost"))
    assert not await client.ping()
    bus.publish(Frame("floor", {"seq": 2}))
    await asyncio.to_thread(valkey.start)
    assert (await anext(frames)).body == {"seq": 2}
    await client.send(Command(Ready(), 7, id="kept"))
    assert id_of(await anext(commands)) == "kept"


def test_a_connection_that_was_reset_unseen_is_an_absent_redis(valkey: Valkey) -> None:
    """On the loop that the product runs on: what it said of such a connection ended the engine."""

    async def story() -> None:
        client = quick_client(valkey.url)
        pool: Any = client.connection_pool
        connection = await pool.get_connection()
        connection._writer.transport.abort()
        with pytest.raises(AWAY):
            await connection.send_command("PING")
        await client.aclose()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


async def test_a_frozen_redis_is_an_absent_one(client: RedisBusClient, valkey: Valkey) -> None:
    valkey.freeze()
    with pytest.raises(BusUnavailable):
        await client.send(Command(Ready(), 7))
    valkey.thaw()
    await eventually(client.ping)


async def test_while_redis_is_away_the_oldest_frames_are_dropped_and_counted(valkey: Valkey) -> None:
    bus, client = RedisBus(valkey.url, limit=3), RedisBusClient(valkey.url)
    await client.start()
    for seq in range(5):
        bus.publish(Frame("floor", {"seq": seq}))
    assert bus.dropped == 2
    async with asyncio.TaskGroup() as group:
        carrier = group.create_task(bus.run(), name="bus")
        frames = client.frames()
        assert [(await anext(frames)).body["seq"] for _ in range(3)] == [2, 3, 4]
        carrier.cancel()
    await bus.close()
    await client.close()


async def test_commands_sent_before_the_engine_listens_are_lost_on_purpose(valkey: Valkey) -> None:
    client = RedisBusClient(valkey.url)
    await client.send(Command(Ready(), 7, id="to a dead engine"))
    bus = RedisBus(valkey.url)
    await bus.start()
    await client.send(Command(Ready(), 7, id="to a live one"))
    assert id_of(await anext(bus.commands())) == "to a live one"
    await bus.close()
    await client.close()


async def test_a_command_without_an_id_gets_one(bus: RedisBus, client: RedisBusClient) -> None:
    await client.send(Command(Ready(), 7))
    assert id_of(await anext(bus.commands()))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "x"},
        {"kind": "", "actor": "1", "body": "{}"},
        {"kind": "x", "actor": "one", "body": "{}"},
        {"kind": "x", "actor": "1", "body": "[]"},
        {"kind": "x", "actor": "1", "body": '{"a":'},
        {"kind": "x", "actor": "1", "body": '{"a":"' + "a" * 300_000 + '"}'},
    ],
)
async def test_nonsense_on_the_streams_is_counted_and_passed_over(
    bus: RedisBus, client: RedisBusClient, valkey: Valkey, fields: dict[str, str]
) -> None:
    raw = quick_client(valkey.url)
    frames, commands = client.frames(), bus.commands()
    await append(raw, COMMANDS, fields)
    await append(raw, FRAMES, {**fields, "agent": "x"})
    await raw.aclose()
    await client.send(Command(Ready(), 7, id="good"))
    bus.publish(Frame("floor", {}))
    assert isinstance(await anext(commands), BadCommand)
    assert id_of(await anext(commands)) == "good"
    assert (await anext(frames)).kind == "floor"
    assert (bus.malformed, client.malformed) == (1, 1)


async def test_after_an_empty_restart_no_two_engines_hold_the_lease(
    valkey: Valkey, database: Database
) -> None:
    async with PostgresStore.open(database.dsn) as store:
        old, new = RedisLease(valkey.url, store, ttl=6.0), RedisLease(valkey.url, store, ttl=6.0)
        await old.acquire()
        raw = quick_client(valkey.url)
        await raw.delete(KEY)
        await raw.aclose()
        newest = await new.acquire()
        await asyncio.to_thread(valkey.kill)
        await asyncio.to_thread(valkey.start)
        assert not await old.renew()
        await eventually(new.renew)
        assert not await old.renew()
        assert await store.fence_now() == newest
        await old.close()
        await new.close()


async def test_a_holder_that_died_makes_room_when_its_time_is_over(
    valkey: Valkey, database: Database
) -> None:
    async with PostgresStore.open(database.dsn) as store:
        dead, heir = RedisLease(valkey.url, store, ttl=1.0), RedisLease(valkey.url, store, ttl=1.0)
        fence = await dead.acquire()
        assert await heir.acquire() == fence + 1
        assert not await dead.renew()
        await dead.close()
        await heir.close()


async def test_the_lease_is_waited_for_while_redis_is_away(valkey: Valkey, database: Database) -> None:
    await asyncio.to_thread(valkey.kill)
    async with PostgresStore.open(database.dsn) as store, asyncio.TaskGroup() as group:
        lease = RedisLease(valkey.url, store, ttl=6.0)
        waiting = group.create_task(lease.acquire(), name="acquire")
        await asyncio.to_thread(valkey.start)
        assert await waiting == 1
        await lease.close()
