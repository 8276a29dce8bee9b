"""The heart beats after committed turns only, on a database that answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from dialer.ami.fakes import FakeTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.engine.heart import EVERY, TURN_AT_LEAST, Heart
from dialer.engine.state import FloorState
from dialer.exceptions import FenceLost
from dialer.ports import EngineCommit
from dialer.store.fakes import MemoryStore
from tests.unit.dialer.engine.test_engine import House

TOLD_AT_LEAST = 0.5
"""Seconds; the dialplan believes a beat for three of these."""


class AskedStore(MemoryStore):
    """Counts how often it is asked, and can be frozen."""

    asked = 0

    def __init__(self) -> None:
        super().__init__()
        self.thaws = asyncio.Event()
        self.thaws.set()

    async def commit(self, commit: EngineCommit, *, fence: int) -> None:
        self.asked += 1
        await self.thaws.wait()
        await super().commit(commit, fence=fence)


class Breast:
    """A heart between a PBX and a database."""

    def __init__(self) -> None:
        self.pbx, self.store = FakeTelephony(), AskedStore()
        self.state = FloorState(epoch=1, spool="/spool", screener=AmdScreener(), pbx_up=True, looked=True)
        self.heart = Heart(self.pbx, self.store, every=0.001)
        self.looks = 0

    def floor(self) -> FloorState:
        self.looks += 1
        return self.state

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.heart.run(self.floor))
            yield
            task.cancel()

    async def until(self, ask: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not ask():
                await asyncio.sleep(0)

    async def rounds(self) -> None:
        """Time for several beats."""
        seen = self.looks
        await self.until(lambda: self.looks > seen + 3)


@pytest.fixture
async def breast() -> AsyncIterator[Breast]:
    one = Breast()
    async with one.beating():
        yield one


def test_the_pbx_hears_of_it_often_enough() -> None:
    assert EVERY + TURN_AT_LEAST < TOLD_AT_LEAST


async def test_each_committed_turn_is_told(breast: Breast) -> None:
    breast.heart.turned()
    await breast.until(lambda: breast.pbx.last_beat == "1.1")
    breast.heart.turned()
    await breast.until(lambda: breast.pbx.last_beat == "1.2")


async def test_without_a_turn_there_is_no_beat(breast: Breast) -> None:
    breast.heart.turned()
    await breast.until(lambda: breast.pbx.last_beat)
    breast.pbx.last_beat = "stands"
    await breast.rounds()
    assert breast.pbx.last_beat == "stands"


@pytest.mark.parametrize("missing", ["pbx_up", "looked"])
async def test_who_does_not_know_the_calls_does_not_beat(breast: Breast, missing: str) -> None:
    setattr(breast.state, missing, False)
    breast.heart.turned()
    await breast.rounds()
    assert not breast.pbx.last_beat


async def test_an_absent_database_stops_it_until_it_is_back(breast: Breast) -> None:
    breast.store.unavailable = True
    breast.heart.turned()
    await breast.rounds()
    assert not breast.pbx.last_beat
    breast.store.unavailable = False
    await breast.until(lambda: breast.pbx.last_beat)


async def test_a_frozen_database_stops_it(breast: Breast) -> None:
    breast.store.thaws.clear()
    breast.heart.turned()
    await breast.until(lambda: breast.store.asked)
    assert not breast.pbx.last_beat
    breast.store.thaws.set()
    await breast.until(lambda: breast.pbx.last_beat)


async def test_another_engine_ends_it() -> None:
    deposed = Breast()
    deposed.store.fence = 2
    deposed.heart.turned()
    with pytest.raises(FenceLost):
        async with asyncio.timeout(5):
            await deposed.heart.run(deposed.floor)
    assert not deposed.pbx.last_beat


async def test_a_quiet_floor_beats_though_the_pacing_is_slow() -> None:
    house = House(people=0, pacing_interval=60.0)
    async with asyncio.timeout(5), house.running():
        for _ in range(6):  # Other inputs come every 2 s, and the limit is 5.
            await next_beat(house, house.pbx.last_beat)


async def next_beat(house: House, before: str) -> None:
    """Wait for the next beat."""
    await house.until(lambda: house.pbx.last_beat != before)
