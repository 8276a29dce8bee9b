"""The hub among fake bus and manual clock: who is told what, and what is asked again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from prometheus_client import CollectorRegistry

from agent_ws.closing import CloseCode
from agent_ws.connection import Connection
from agent_ws.fakes import FakeBusClient, ManualClock
from agent_ws.hub import MAX_CONNECTIONS, MAX_PER_ADDRESS, MAX_PER_USER, Hub, PromiseCheck
from agent_ws.messages import CallbackRefused
from agent_ws.metrics import LiveMetrics
from agent_ws.outbox import MAX_NOTES
from agent_ws.session import opened
from dialer.model.commands import Dispose
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
        assert self.hub.join(connection) is None
        return connection

    async def attach(self, connection: Connection, page: str) -> None:
        await self.hub.receive(connection, orjson.dumps({"type": "attach", "page": page}).decode())

    async def engine(self, epoch: int = 1) -> None:
        self.bus.publish(Frame("engine", {"epoch": epoch, "up": True}))
        await eventually(lambda: self.hub.engine_up)


@asynccontextmanager
async def working(max_connections: int = MAX_CONNECTIONS, **rules: PromiseCheck) -> AsyncIterator[Floor]:
    """A hub that runs until the test ends."""
    bus, clock = FakeBusClient(), ManualClock()
    hub = Hub(bus, clock, LiveMetrics(CollectorRegistry()), max_connections=max_connections, **rules)
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


AWAY = [{"type": "refused", "request": "ready", "reason": "engine away", "state": ""}]


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


async def test_the_state_that_forbids_a_request_reaches_the_page() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        body = {"request": "ready", "reason": "ready while on_call", "state": "on_call"}
        floor.bus.publish(Frame("refused", body, 7))
        await eventually(lambda: messages(connection, "refused") == [{"type": "refused", **body}])


async def test_an_attachment_that_the_bus_lost_is_made_when_it_is_back() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        floor.bus.up = False
        await floor.attach(connection, "page-one-1")
        assert messages(connection, "refused") == [
            {"type": "refused", "request": "attach", "reason": "unavailable", "state": ""}
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
        assert floor.hub.join(one_more) is CloseCode.OVERLOADED


async def test_one_user_has_room_for_so_many_pages_and_no_more() -> None:
    async with working() as floor:
        pages = [floor.join(7, agent=False) for _ in range(MAX_PER_USER)]
        assert floor.hub.join(_page(floor, 7)) is CloseCode.USER_FULL
        assert floor.hub.join(_page(floor, 8)) is None
        await floor.hub.leave(pages[0])
        await floor.hub.leave(pages[0])
        assert floor.hub.join(_page(floor, 7)) is None
        assert floor.hub.join(_page(floor, 7)) is CloseCode.USER_FULL


async def test_one_address_has_room_for_half_of_the_server() -> None:
    async with working() as floor:
        for user_id in range(MAX_PER_ADDRESS):
            assert floor.hub.join(_page(floor, user_id, "203.0.113.7")) is None
        assert floor.hub.join(_page(floor, 5_000, "203.0.113.7")) is CloseCode.ADDRESS_FULL
        assert floor.hub.join(_page(floor, 5_000, "203.0.113.8")) is None


def _page(floor: Floor, user_id: int, address: str = "") -> Connection:
    return Connection(opened(user_id, agent=False, now=floor.clock.now()), "supervisor", address=address)


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


async def test_a_silent_page_is_pinged_and_then_closed() -> None:
    async with working() as floor:
        connection = floor.join(7, agent=True)
        floor.clock.advance(20)
        assert floor.hub.tick(connection)
        assert len(messages(connection, "ping")) == 1
        floor.clock.advance(25)
        assert not floor.hub.tick(connection)
        assert connection.closing == CloseCode.SILENT


class Rules:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Dispose]] = []
        self.answer: asyncio.Future[CallbackRefused | None] = asyncio.get_running_loop().create_future()

    async def __call__(self, agent_id: int, said: Dispose) -> CallbackRefused | None:
        self.asked.append((agent_id, said))
        return await self.answer


def disposition(**more: str) -> str:
    said = {"type": "dispose", "call_id": "00000000-0000-4000-8000-000000000001", "code": "callback"}
    return orjson.dumps({**said, "notes": "", **more}).decode()


LATER = {"callback_at": "2026-11-24T09:00:00Z"}


async def test_what_the_rules_refuse_is_told_and_the_engine_hears_nothing() -> None:
    rules = Rules()
    rules.answer.set_result(CallbackRefused(rule="no_consent", first_at=None))
    async with working(promise=rules) as floor:
        connection = floor.join(7, agent=True)
        await floor.attach(connection, "page-one-1")
        await floor.hub.receive(connection, disposition(**LATER))
        (told,) = messages(connection, "refused")
        assert (told["request"], told["rule"], told["first_at"]) == ("dispose", "no_consent", None)
        assert floor.bus.kinds() == ["agent.attach"]
        await floor.hub.receive(connection, disposition(code="refuses"))
        assert floor.bus.kinds() == ["agent.attach", "agent.dispose"]
        assert [agent for agent, _ in rules.asked] == [7]


async def test_while_the_rules_are_asked_nobody_else_waits() -> None:
    """Neither other pages, nor what is pushed and pinged to this one."""
    rules = Rules()
    async with working(promise=rules) as floor, asyncio.TaskGroup() as tasks:
        connection, other = floor.join(7, agent=True), floor.join(8, agent=True)
        await floor.attach(connection, "page-one-1")
        await floor.attach(other, "page-two-2")
        saving = tasks.create_task(floor.hub.receive(connection, disposition(**LATER)))
        await eventually(lambda: len(rules.asked) == 1)
        async with asyncio.timeout(10):
            await presses(floor, other)
        assert floor.bus.kinds()[-1] == "agent.ready"
        floor.bus.publish(Frame("agent", view("page-one-1"), 7))
        await eventually(lambda: bool(messages(connection, "agent")))
        floor.clock.advance(20)
        assert floor.hub.tick(connection)
        assert not saving.done()
        rules.answer.set_result(None)
        await saving
        assert floor.bus.kinds()[-1] == "agent.dispose"


async def test_what_a_page_said_stays_its_own_though_another_takes_over_meanwhile() -> None:
    rules = Rules()
    async with working(promise=rules) as floor, asyncio.TaskGroup() as tasks:
        first, second = floor.join(7, agent=True), floor.join(7, agent=True)
        await floor.attach(first, "page-one-1")
        saving = tasks.create_task(floor.hub.receive(first, disposition(**LATER)))
        await eventually(lambda: len(rules.asked) == 1)
        await floor.attach(second, "page-two-2")
        assert first.closing is CloseCode.TAKEN_OVER
        rules.answer.set_result(None)
        await saving
        assert [(one.kind, one.session) for one in floor.bus.sent] == [
            ("agent.attach", "page-one-1"),
            ("agent.attach", "page-two-2"),
            ("agent.dispose", "page-one-1"),
        ]
