"""The hub among fake bus and manual clock: who is told what, and what is asked again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from prometheus_client import CollectorRegistry

from agent_ws.closing import CloseCode
from agent_ws.commands import new_command
from agent_ws.connection import Connection
from agent_ws.fakes import FakeBusClient, ManualClock
from agent_ws.hub import Hub
from agent_ws.metrics import LiveMetrics
from agent_ws.outbox import MAX_NOTES
from agent_ws.session import opened
from dialer.model.commands import CampaignChanged
from dialer.ports import Frame
from tests.eventually import eventually


@dataclass(frozen=True, slots=True)
class Floor:
    """A hub at work."""

    hub: Hub
    bus: FakeBusClient
    clock: ManualClock

    def join(self, user_id: int, *, agent: bool) -> Connection:
        session = opened(user_id, agent=agent, now=self.clock.now())
        connection = Connection(session, "agent" if agent else "supervisor", login=b"login")
        assert self.hub.join(connection)
        return connection

    async def attach(self, connection: Connection, page: str) -> None:
        await self.hub.receive(connection, orjson.dumps({"type": "attach", "page": page}).decode())

    async def engine(self, epoch: int = 1) -> None:
        self.bus.publish(Frame("engine", {"epoch": epoch, "up": True}))
        await eventually(lambda: self.hub.engine_up)


@asynccontextmanager
async def working(**options: int) -> AsyncIterator[Floor]:
    """A hub that runs until the test ends."""
    bus, clock = FakeBusClient(), ManualClock()
    hub = Hub(bus, clock, LiveMetrics(CollectorRegistry()), **options)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(hub.run())
        await eventually(lambda: bus.readers == 1)
        yield Floor(hub, bus, clock)
        task.cancel()


def messages(connection: Connection, kind: str) -> list[dict[str, Any]]:
    """What waits for the page, of one kind."""
    return [body for text in connection.outbox.take() if (body := orjson.loads(text))["type"] == kind]


def view(page: str) -> dict[str, Any]:
    return {"epoch": 1, "seq": 1, "page": page}


async def test_six_seconds_of_silence_are_a_dead_engine() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        await floor.engine()
        assert messages(connection, "link") == [
            {"type": "link", "engine": False},
            {"type": "link", "engine": True},
        ]
        floor.clock.advance(5.9)
        assert floor.hub.engine_up
        floor.clock.advance(0.1)
        await eventually(lambda: not floor.hub.engine_up)
        assert messages(connection, "link") == [{"type": "link", "engine": False}]


async def beats(floor: Floor, epoch: int = 1) -> None:
    """A sign of life, two seconds after whatever was before, heard by everybody."""
    floor.clock.advance(2)
    floor.bus.publish(Frame("engine", {"epoch": epoch, "up": True}))
    after = floor.join(99, agent=True)
    floor.bus.publish(Frame("refused", {"request": "x", "reason": "after the beat"}, 99))
    await eventually(lambda: bool(messages(after, "refused")))
    await floor.hub.leave(after)


async def presses(floor: Floor, connection: Connection, kind: str = "ready") -> None:
    await floor.hub.receive(connection, orjson.dumps({"type": kind}).decode())


AWAY = [{"type": "refused", "request": "ready", "reason": "engine away"}]


async def test_what_a_dying_engine_did_not_read_is_answered_when_it_is_found_dead() -> None:
    async with working() as floor:
        await floor.engine()
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        await beats(floor)
        await presses(floor, connection)
        floor.clock.advance(6)
        await eventually(lambda: not floor.hub.engine_up)
        assert messages(connection, "refused") == AWAY


async def test_what_an_engine_read_that_dies_later_is_not_answered_twice() -> None:
    async with working() as floor:
        await floor.engine()
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        await presses(floor, connection)
        for _ in range(2):
            await beats(floor)
        floor.clock.advance(6)
        await eventually(lambda: not floor.hub.engine_up)
        assert messages(connection, "refused") == []


async def test_what_was_sent_between_two_engines_is_answered() -> None:
    async with working() as floor:
        await floor.engine()
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        await presses(floor, connection)
        await beats(floor, epoch=2)
        assert messages(connection, "refused") == AWAY


async def test_while_the_engine_is_away_a_request_is_refused_at_once_and_not_sent() -> None:
    async with working() as floor:
        await floor.engine()
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        floor.clock.advance(6)
        await eventually(lambda: not floor.hub.engine_up)
        await presses(floor, connection)
        assert messages(connection, "refused") == AWAY
        assert "agent.ready" not in floor.bus.kinds()


async def test_where_no_engine_was_ever_heard_a_request_is_answered_all_the_same() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        await presses(floor, connection)
        floor.clock.advance(6)
        await eventually(lambda: messages(connection, "refused") == AWAY)


async def test_after_silence_of_the_same_engine_pages_are_attached_again() -> None:
    async with working() as floor:
        await floor.engine()
        await floor.attach(floor.join(7, agent=True), "page-one-1")
        floor.clock.advance(7)
        await eventually(lambda: not floor.hub.engine_up)
        await floor.engine()
        await eventually(lambda: floor.bus.kinds().count("agent.attach") == 2)


async def test_an_attachment_that_the_bus_lost_is_made_when_it_is_back() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        floor.bus.up = False
        await floor.attach(connection, "page-one-1")
        assert messages(connection, "refused") == [
            {"type": "refused", "request": "attach", "reason": "unavailable"}
        ]
        floor.bus.up = True
        await eventually(lambda: floor.bus.kinds() == ["agent.attach"])


async def test_a_page_that_connects_sees_that_another_is_open() -> None:
    async with working() as floor:
        await floor.attach(floor.join(7, agent=True), "page-one-1")
        floor.bus.publish(Frame("agent", view("page-one-1"), 7))
        floor.bus.publish(Frame("engine", {"epoch": 1, "up": True}))
        await eventually(lambda: floor.hub.engine_up)
        second = floor.join(7, agent=True)
        assert messages(second, "agent")[0]["page"] == "page-one-1"


async def test_a_page_that_was_left_is_not_shown_as_open() -> None:
    async with working() as floor:
        first = floor.join(7, agent=True)
        await floor.attach(first, "page-one-1")
        floor.bus.publish(Frame("agent", view("page-one-1"), 7))
        await floor.engine()
        await floor.hub.leave(first)
        assert floor.bus.kinds()[-1] == "agent.detach"
        assert messages(floor.join(7, agent=True), "agent")[0]["page"] == ""


async def test_frames_of_another_agent_are_not_shown() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        floor.bus.publish(Frame("agent", view("page-else-9"), 8))
        await floor.engine()
        assert messages(connection, "agent") == []


async def test_a_bad_frame_does_not_stop_the_reader() -> None:
    async with working() as floor:
        for body in ({}, {"epoch": "x", "up": True}, {"epoch": None, "up": 1}):
            floor.bus.publish(Frame("engine", body))
        floor.bus.publish(Frame("agent", {}, 7))
        floor.bus.publish(Frame("floor", {"whole": True}))
        floor.bus.publish(Frame("unknown", {}))
        await floor.engine()


async def test_a_page_that_takes_nothing_is_dropped() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        for _ in range(MAX_NOTES):
            await floor.hub.receive(connection, '{"type": "ready"}')
        assert connection.closing in (CloseCode.OVERLOADED, CloseCode.PROTOCOL)


async def test_a_full_server_takes_no_more() -> None:
    async with working(max_connections=1) as floor:
        floor.join(7, agent=True)
        one_more = Connection(opened(8, agent=True, now=floor.clock.now()), "agent")
        assert not floor.hub.join(one_more)


async def test_the_end_of_a_login_or_of_the_server_closes_its_pages() -> None:
    async with working() as floor:
        cases: list[tuple[Callable[[], None], CloseCode]] = [
            (lambda: floor.hub.close_login(b"login"), CloseCode.UNAUTHENTICATED),
            (lambda: floor.hub.close_user(7), CloseCode.UNAUTHENTICATED),
            (floor.hub.close_all, CloseCode.GOING_AWAY),
        ]
        for end, code in cases:
            connection = floor.join(7, agent=True)
            end()
            assert connection.closing == code
            await floor.hub.leave(connection)


async def test_what_must_not_be_lost_is_sent_when_the_bus_is_back() -> None:
    async with working() as floor:
        floor.bus.up = False
        owed: list[Awaitable[bool]] = [floor.hub.owe(new_command(CampaignChanged(n), 1)) for n in (1, 2, 1)]
        assert await asyncio.gather(*owed) == [False] * 3
        floor.bus.up = True
        await eventually(lambda: len(floor.bus.sent) == 2)
        assert [c.request for c in floor.bus.sent] == [CampaignChanged(1), CampaignChanged(2)]


async def test_a_silent_page_is_pinged_and_then_closed() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        floor.clock.advance(20)
        assert floor.hub.tick(connection)
        assert len(messages(connection, "ping")) == 1
        floor.clock.advance(25)
        assert not floor.hub.tick(connection)
        assert connection.closing == CloseCode.SILENT
