"""The same bus and lease in memory and on a real Valkey."""

import asyncio
from typing import Protocol

from dialer.ports import Bus, Command, Frame, Lease
from dialer.store.bus import COMMANDS, RedisBus, RedisBusClient
from dialer.store.fake_bus import MemoryBus, MemoryLease
from dialer.store.lease import KEY, RedisLease
from dialer.store.streams import append, quick_client
from tests.integration.services import Valkey


class BusWorld(Protocol):
    """An engine's bus and the web side of it."""

    bus: Bus

    async def send(self, command: Command) -> None:
        """What a web process does."""
        ...

    async def send_fields(self, fields: dict[str, str]) -> None:
        """What anybody may write into the stream."""
        ...

    async def next_frame(self) -> Frame:
        """The next frame a web process gets."""
        ...


class MemoryBusWorld:
    """Both sides in one object."""

    def __init__(self) -> None:
        self.memory = MemoryBus()
        self.bus: Bus = self.memory

    async def send(self, command: Command) -> None:
        await self.memory.send(command)

    async def send_fields(self, fields: dict[str, str]) -> None:
        await self.memory.send_fields(fields)

    async def next_frame(self) -> Frame:
        return await self.memory.next_frame()


class RedisBusWorld:
    """Both sides with Valkey between them."""

    def __init__(self, bus: RedisBus, client: RedisBusClient, url: str) -> None:
        self.url = url
        self.bus: Bus = bus
        self.client = client
        self._frames = client.frames()

    async def send(self, command: Command) -> None:
        await self.client.send(command)

    async def send_fields(self, fields: dict[str, str]) -> None:
        raw = quick_client(self.url)
        await append(raw, COMMANDS, fields)
        await raw.aclose()

    async def next_frame(self) -> Frame:
        return await anext(self._frames)


class LeaseWorld(Protocol):
    """A lease, its Redis, and a rival."""

    lease: Lease

    async def go_away(self) -> None:
        """Redis dies and keeps nothing."""
        ...

    async def come_back(self) -> None:
        """Redis is there again, empty."""
        ...

    async def rival_takes(self) -> None:
        """Another engine holds the lease, whoever held it."""
        ...

    async def rival_leaves(self) -> None:
        """The other engine gives it up."""
        ...


class MemoryLeaseWorld:
    """Nothing but flags."""

    def __init__(self) -> None:
        self.memory = MemoryLease()
        self.lease: Lease = self.memory

    async def go_away(self) -> None:
        self.memory.away = True

    async def come_back(self) -> None:
        self.memory.away = False

    async def rival_takes(self) -> None:
        self.memory.take_over()

    async def rival_leaves(self) -> None:
        self.memory.let_go()


class RedisLeaseWorld:
    """A Valkey that is killed and started, and a second lease on it."""

    def __init__(self, lease: RedisLease, rival: RedisLease, server: Valkey) -> None:
        self.lease: Lease = lease
        self._rival = rival
        self._server = server

    async def go_away(self) -> None:
        await asyncio.to_thread(self._server.kill)

    async def come_back(self) -> None:
        await asyncio.to_thread(self._server.start)

    async def rival_takes(self) -> None:
        client = quick_client(self._server.url)
        await client.delete(KEY)
        await client.aclose()
        await self._rival.acquire()

    async def rival_leaves(self) -> None:
        await self._rival.release()
