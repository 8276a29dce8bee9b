"""Engine and detector on a real link: who is obeyed, what is told, and who survives when it breaks."""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop

from dialer.call_progress import control
from dialer.call_progress.control_server import ControlServer, Unsent
from dialer.call_progress.ears import DetectorEars, EarsLimits
from dialer.model.facts import EarsDown, EarsUp, Heard, Hearing
from tests.eventually import eventually
from tests.integration.detector_house import EPOCH, SECRET, House, a_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as opened:
        yield opened


WRONG = control.line(control.Hello(control.VERSION, "wrong", EPOCH, "an engine"))


@pytest.mark.parametrize("line", [b"hello\n", WRONG, b"x" * 40_000])
async def test_the_control_port_obeys_nobody_without_the_secret(house: House, line: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.service.control_port)
    writer.write(line)
    async with asyncio.timeout(5):
        try:
            assert await reader.read(100) == b""
        except ConnectionError:
            pass
    writer.close()
    assert house.service.control.refused == 1
    call_id = await house.ordered()
    assert call_id in house.service.detector.calls


async def test_what_was_heard_while_the_engine_was_away_is_told_to_the_next_one(house: House) -> None:
    call_id = await house.ordered()
    assert house.ears._writer is not None
    house.ears._writer.transport.abort()
    assert isinstance(await house.next(), EarsDown)
    found = await house.fax(call_id)
    assert found.what is Hearing.FAX


class Standby:
    """Another engine's end of the control link, held by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def of(cls, port: int, epoch: int, name: str = "another engine") -> "Standby":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(control.line(control.Hello(control.VERSION, SECRET, epoch, name)))
        writer.write(control.line(control.Ping(1)))
        return cls(reader, writer)

    async def hears(self) -> control.Answer | None:
        """The next word; None when it was shown the door."""
        async with asyncio.timeout(5):
            try:
                text = await self._reader.readline()
            except ConnectionError:
                return None
        return control.answer(text) if text else None

    def dies(self) -> None:
        """Gone with a reset, whatever was under way."""
        found = self._writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


@pytest.mark.parametrize("epoch", [EPOCH - 1, EPOCH])
async def test_an_engine_that_is_not_newer_never_displaces_the_one_that_is_alive(
    house: House, epoch: int
) -> None:
    standby = await Standby.of(house.service.control_port, epoch)
    assert await standby.hears() is None
    assert house.ears.up
    call_id = await house.ordered()
    assert (await house.fax(call_id)).what is Hearing.FAX


async def test_an_engine_with_a_newer_lease_takes_over(house: House) -> None:
    newer = await Standby.of(house.service.control_port, EPOCH + 1)
    assert isinstance(await newer.hears(), control.Pong)
    assert isinstance(await house.next(), EarsDown)
    await eventually(lambda: house.service.control.refused >= 2)
    assert not house.ears.up
    newer.dies()
    assert await house.next() == EarsUp()


async def test_an_engine_that_comes_back_takes_over_its_own_dead_link(house: House) -> None:
    house.ears.begin(EPOCH + 1)
    assert isinstance(await house.next(), EarsDown)
    assert await house.next() == EarsUp()
    first = await Standby.of(house.service.control_port, EPOCH + 2, "it")
    assert isinstance(await first.hears(), control.Pong)
    again = await Standby.of(house.service.control_port, EPOCH + 2, "it")
    assert isinstance(await again.hears(), control.Pong)
    assert await first.hears() is None


async def test_what_an_engine_should_have_heard_is_no_news_for_another(house: House) -> None:
    first = await Standby.of(house.service.control_port, EPOCH + 1)
    assert isinstance(await first.hears(), control.Pong)
    first.dies()
    await eventually(lambda: house.service.control.here is None)
    house.service.detector.heard([Heard("a call of the first", Hearing.MACHINE, "talking")])
    second = await Standby.of(house.service.control_port, EPOCH + 2)
    assert isinstance(await second.hears(), control.Pong)
    house.service.detector.heard([Heard("a call of the second", Hearing.HUMAN, "greeting")])
    news = await second.hears()
    assert isinstance(news, Heard)
    assert news.channel_id == "a call of the second"
    assert house.service.detector.unsent.lost == 1


def test_an_engine_that_is_gone_in_mid_word_does_not_end_the_detector(tmp_path: Path) -> None:
    """On the product's loop, where writing to a link that is gone raises."""

    async def story() -> None:
        async with a_house(tmp_path) as house:
            link = house.service.control.here
            assert link is not None
            house.service.detector.heard([Heard("a call", Hearing.HUMAN, "greeting")])
            link.transport.abort()
            assert isinstance(await house.next(), EarsDown)
            assert {type(await house.next()), type(await house.next())} == {EarsUp, Heard}
            assert (await house.fax(await house.ordered())).what is Hearing.FAX

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


def test_orders_into_a_link_that_is_gone_do_not_end_the_engine(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.ears.begin(EPOCH + 1)
            for _ in range(8):
                house.ears.forget("a call")
                await asyncio.sleep(0)
            assert isinstance(await house.next(), EarsDown)
            assert await house.next() == EarsUp()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


async def test_a_frozen_engine_is_dead_after_a_while() -> None:
    """Then another one may come, though its epoch is no greater."""
    pong = control.Pong(1, 0, 0.0)
    server = ControlServer(
        SECRET, obey=lambda _: None, pong=lambda _: pong, unsent=Unsent(lambda: 0.0), patience=0.2
    )
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.run("127.0.0.1", 0, port.set_result))
        frozen = await Standby.of(await port, EPOCH)
        assert await frozen.hears() == pong
        assert await frozen.hears() is None
        other = await Standby.of(await port, EPOCH, "the other")
        assert await other.hears() == pong
        running.cancel()


async def test_an_engine_without_the_lease_leaves_the_detector_alone(house: House) -> None:
    standby = DetectorEars("127.0.0.1", house.service.control_port, SECRET)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(standby.run())
        assert (await house.fax(await house.ordered())).what is Hearing.FAX
        assert house.service.control.refused == 0
        assert not standby.up
        running.cancel()


async def test_a_dead_detector_is_noticed(tmp_path: Path) -> None:
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    ears = DetectorEars("127.0.0.1", port, SECRET, limits=EarsLimits(patience=0.2, retry_first=0.05))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(ears.run())
        ears.begin(EPOCH)
        ears.up = True
        async with asyncio.timeout(5):
            (fact,) = await ears.next_heard()
        assert isinstance(fact, EarsDown)
        assert fact.reason == "it does not answer"
        running.cancel()
    silent.close()


async def test_an_engine_that_was_away_itself_reads_before_it_judges() -> None:
    """Its own stall is no death of the detector: the answers of the meantime are there."""
    pong = control.line(control.Pong(1, 0, 0.0))
    answering = threading.Event()

    def answers(server: socket.socket) -> None:
        wire, _ = server.accept()
        with wire, suppress(OSError):
            while not answering.wait(0.02):
                wire.sendall(pong)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answers, args=(server,))
        thread.start()
        limits = EarsLimits(patience=0.2, retry_first=0.05)
        ears = DetectorEars("127.0.0.1", server.getsockname()[1], SECRET, limits=limits)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(ears.run())
            ears.begin(EPOCH)
            async with asyncio.timeout(5):
                assert list(await ears.next_heard()) == [EarsUp()]
            frozen_until = time.perf_counter() + 0.5
            while time.perf_counter() < frozen_until:
                pass  # nothing of ours runs
            for _ in range(20):
                await asyncio.sleep(0)
            assert ears.up
            running.cancel()
        answering.set()
        thread.join()
