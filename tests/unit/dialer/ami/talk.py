"""A telephony under test, with its task and with facts that are waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from dialer.ami.backoff import Backoff
from dialer.ami.link import Account, Limits
from dialer.ami.telephony import AmiTelephony
from dialer.model.facts import LinkUp, TelephonyFact
from dialer.ports import CallOrder, LegOrder, Telephony
from tests.unit.dialer.ami.manager_server import DEADLINE, ManagerServer

ATTEMPT = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
SECOND = "7f9619ff-8b86-4d01-b42d-00cf4fc964ff"
Fact = TypeVar("Fact")
LEG = "leg-1f9619ff-8b86-4d01-b42d-00cf4fc964ff"


class Ear:
    """Facts of a telephony, one after the other."""

    def __init__(self, telephony: Telephony) -> None:
        self._telephony = telephony
        self._heard: list[TelephonyFact] = []

    async def next(self) -> TelephonyFact:
        """The next fact."""
        async with asyncio.timeout(DEADLINE):
            while not self._heard:
                self._heard.extend(await self._telephony.next_facts())
        return self._heard.pop(0)

    async def hear(self, kind: type[Fact]) -> Fact:
        """The next fact of a kind; others before it are passed over."""
        while True:
            fact = await self.next()
            if isinstance(fact, kind):
                return fact


def call_order(channel_id: str = ATTEMPT, **changes: object) -> CallOrder:
    """An order to call a person."""
    plain = CallOrder(
        channel_id=channel_id, number="+34600100200", trunk="carrier", caller_id="Cobros <+34910000000>",
        ring_limit=20.0, screen="amd", recording="/spool/a", language="es", fallback=4.0,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def leg_order(channel_id: str = LEG, endpoint: str = "bot1") -> LegOrder:
    """An order to call an agent."""
    return LegOrder(channel_id, endpoint, "Cadencia")


def account(server: ManagerServer, secret: str = "right") -> Account:
    """How to reach the server."""
    return Account("127.0.0.1", server.port, "cadencia", secret)


QUICK = Limits(ping=0.05, action=0.1, login=0.3)
"""For tests of silence: what is awaited is that a limit passes, however long the machine takes."""


@asynccontextmanager
async def running(
    server: ManagerServer,
    *,
    limits: Limits | None = None,
    capacity: int = 1000,
    backoff: Backoff | None = None,
) -> AsyncIterator[AmiTelephony]:
    """A telephony whose link is kept until the end of the block."""
    telephony = AmiTelephony(
        account(server), limits=limits, capacity=capacity, backoff=backoff or Backoff(first=0.001, cap=0.01)
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(telephony.run())
        try:
            yield telephony
        finally:
            telephony.close()


@asynccontextmanager
async def linked(
    server: ManagerServer, *, limits: Limits | None = None, capacity: int = 1000
) -> AsyncIterator[tuple[AmiTelephony, Ear]]:
    """A telephony whose LinkUp was heard."""
    async with running(server, limits=limits, capacity=capacity) as telephony:
        ear = Ear(telephony)
        assert await ear.next() == LinkUp("2026-11-23 01:02:03")
        yield telephony, ear
