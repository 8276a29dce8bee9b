"""One suite for the bus and the lease in memory and on a real Valkey."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from dialer.model.commands import Dispose, Ready
from dialer.ports import BadCommand, Command, Frame
from dialer.store.bus import RedisBus, RedisBusClient
from dialer.store.lease import RedisLease
from dialer.store.postgres import PostgresStore
from tests.conformance.bus_worlds import (
    BusWorld,
    LeaseWorld,
    MemoryBusWorld,
    MemoryLeaseWorld,
    RedisBusWorld,
    RedisLeaseWorld,
)
from tests.eventually import eventually
from tests.integration.fixtures import migrated_database

WORDS = "actor, session or id"
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["memory", "valkey"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[BusWorld]:
    """A bus with both its ends open."""
    if request.param == "memory":
        yield MemoryBusWorld()
        return
    url = request.getfixturevalue("valkey").url
    bus, client = RedisBus(url), RedisBusClient(url)
    await bus.start()
    await client.start()
    async with asyncio.TaskGroup() as group:
        carrier = group.create_task(bus.run(), name="bus")
        yield RedisBusWorld(bus, client, url)
        carrier.cancel()
    await bus.close()
    await client.close()


@pytest.fixture(params=["memory", "valkey"])
async def contest(request: pytest.FixtureRequest) -> AsyncIterator[LeaseWorld]:
    """A lease that nobody holds."""
    if request.param == "memory":
        yield MemoryLeaseWorld()
        return
    server = request.getfixturevalue("valkey")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(migrated_database(request.getfixturevalue("postgres")))
        store = await stack.enter_async_context(PostgresStore.open(database.dsn))
        lease, rival = (RedisLease(server.url, store, ttl=6.0) for _ in range(2))
        stack.push_async_callback(lease.close)
        stack.push_async_callback(rival.close)
        yield RedisLeaseWorld(lease, rival, server)


async def test_frames_arrive_in_order_and_whole(world: BusWorld) -> None:
    sent = [Frame("agent", {"name": "Muñoz\r\n", "seq": n}, agent_id=7) for n in range(3)]
    sent.append(Frame("floor", {"rows": [1, {"a": None}]}))
    for frame in sent:
        world.bus.publish(frame)
    assert [await world.next_frame() for _ in sent] == sent


async def test_commands_arrive_in_order_and_whole(world: BusWorld) -> None:
    sent = [
        Command(Dispose(uuid4(), "promise", f"Muñoz\n{n}", callback_at=AT), 7, "page-1", f"id-{n}")
        for n in range(3)
    ]
    commands = world.bus.commands()
    for command in sent:
        await world.send(command)
    assert [await anext(commands) for _ in sent] == sent


async def test_a_command_that_comes_twice_is_obeyed_once(world: BusWorld) -> None:
    commands = world.bus.commands()
    for identity in ("a", "a", "b", "a"):
        await world.send(Command(Ready(), 7, id=identity))
    assert [await anext(commands) for _ in range(2)] == [Command(Ready(), 7, id=one) for one in "ab"]


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({}, BadCommand("", "unknown command")),
        ({"kind": "agent.ready", "body": "{}"}, BadCommand("agent.ready", WORDS)),
        (
            {"kind": "agent.ready", "actor": "9" * 40, "body": "{}"},
            BadCommand("agent.ready", WORDS),
        ),
        (
            {"kind": "agent.ready", "actor": "٣", "body": "{}"},
            BadCommand("agent.ready", WORDS),
        ),
        (
            {"kind": "x\n\x00" * 99, "actor": "7", "body": "{}"},
            BadCommand("x " * 20, "unknown command", 7),
        ),
        (
            {"kind": "agent.pause", "actor": "7", "session": "page-001", "body": '{"code": "\\u0000"}'},
            BadCommand("agent.pause", "code: value_error", 7, "page-001"),
        ),
        (
            {"kind": "agent.ready", "actor": "7", "session": "p" * 65, "body": "{}"},
            BadCommand("agent.ready", WORDS, 7),
        ),
    ],
)
async def test_what_is_no_command_is_told_as_such(
    world: BusWorld, fields: dict[str, str], bad: BadCommand
) -> None:
    commands = world.bus.commands()
    await world.send_fields(fields or {"x": "y"})
    await world.send(Command(Ready(), 7, id="good"))
    assert await anext(commands) == bad
    assert await anext(commands) == Command(Ready(), 7, id="good")


async def test_each_holder_has_a_greater_fence(contest: LeaseWorld) -> None:
    first = await contest.lease.acquire()
    assert await contest.lease.renew()
    await contest.lease.release()
    assert await contest.lease.acquire() > first


async def test_a_lease_that_was_never_ours_is_not_renewed(contest: LeaseWorld) -> None:
    assert not await contest.lease.renew()


async def test_who_comes_second_waits(contest: LeaseWorld) -> None:
    first = await contest.lease.acquire()
    await contest.rival_takes()
    assert not await contest.lease.renew()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(contest.lease.acquire(), name="second")
        await contest.rival_leaves()
        assert await waiting > first + 1


async def test_without_redis_the_lease_is_not_provable_and_afterwards_it_is(contest: LeaseWorld) -> None:
    await contest.lease.acquire()
    await contest.go_away()
    assert not await contest.lease.renew()
    await contest.come_back()
    await eventually(contest.lease.renew)
