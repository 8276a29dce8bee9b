"""The detector on real sockets: what misbehaves is refused and counted, and disturbs nobody else."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
import uvloop
from pydantic import SecretStr

from dialer.call_progress import control
from dialer.call_progress.audiosocket import Refusal, audio, named
from dialer.call_progress.control_server import ControlServer, Unsent
from dialer.call_progress.ears import DetectorEars, EarsLimits
from dialer.call_progress.service import DetectorService
from dialer.model.facts import EarsDown, EarsUp, Heard, HeardFact, Hearing
from dialer.ports import ListenOrder
from dialer.settings import Settings
from tests.eventually import eventually

SECRET = "between us"
EPOCH = 5


class House:
    """A detector, the engine's ears, and telephones that stream to it."""

    def __init__(self, service: DetectorService, ears: DetectorEars) -> None:
        self.service, self.ears = service, ears
        self.facts: list[HeardFact] = []

    async def next(self) -> HeardFact:
        """The next thing that the ears say."""
        async with asyncio.timeout(10):
            while not self.facts:
                self.facts.extend(await self.ears.next_heard())
        return self.facts.pop(0)

    async def ordered(self) -> UUID:
        """A call that the detector expects."""
        call_id = uuid4()
        self.ears.listen(ListenOrder(str(call_id), 1, True, 2.0, 0.02, 5.75, 6.0, False, True))
        await eventually(lambda: call_id in self.service.detector.calls)
        return call_id

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.service.audio_port)

    async def closed(self, *chunks: bytes) -> None:
        """Say this and see the connection closed."""
        reader, writer = await self.connect()
        for chunk in chunks:
            writer.write(chunk)
        async with asyncio.timeout(5):
            try:
                while await reader.read(4096):
                    pass
            except ConnectionError:
                pass
        writer.close()

    async def fax(self, call_id: UUID) -> Heard:
        """A stream with a fax tone, as Asterisk would send it, and what is heard."""
        _, writer = await self.connect()
        writer.write(named(call_id))
        times = np.arange(8000) / 8000
        wave = (8000 * np.sin(2 * np.pi * 2100 * times)).astype("<i2").tobytes()
        for at in range(0, len(wave), 320):
            writer.write(audio(wave[at : at + 320]))
        found = await self.next()
        while not (
            isinstance(found, Heard) and found.channel_id == str(call_id) and found.what is not Hearing.UNSURE
        ):
            found = await self.next()
        writer.close()
        return found

    def refused(self, refusal: Refusal) -> int:
        return self.service.audio.refused[refusal]


@asynccontextmanager
async def a_house(tmp_path: Path, streams: int = 120) -> AsyncIterator[House]:
    settings = Settings(
        _env_file=None,
        progress_port=0,
        progress_control_port=0,
        progress_secret=SecretStr(SECRET),
        progress_audio=tmp_path / "audio",
        announcements=tmp_path / "announcements",
        progress_streams=streams,
    )
    service = DetectorService(settings)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(service.run())]
        await service.ready.wait()
        limits = EarsLimits(ping=0.05, patience=1.0, retry_first=0.05, retry_last=0.2)
        ears = DetectorEars("127.0.0.1", service.control_port, SECRET, limits=limits)
        running.append(tasks.create_task(ears.run()))
        ears.begin(EPOCH)
        house = House(service, ears)
        assert await house.next() == EarsUp()
        yield house
        for task in running:
            task.cancel()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as opened:
        yield opened


async def test_a_stream_is_heard_and_its_first_seconds_are_kept(house: House) -> None:
    call_id = await house.ordered()
    found = await house.fax(call_id)
    assert (found.what, found.channel_id) == (Hearing.FAX, str(call_id))
    await eventually(lambda: house.service.files.written > 0)
    assert (house.service.files.folder / found.audio).stat().st_size > 500
    assert not house.service.detector.calls


@pytest.mark.parametrize(
    ("chunks", "refusal"),
    [
        ([b"GET / HTTP/1.1\r\n\r\n"], Refusal.UNKNOWN_KIND),
        ([named(uuid4())], Refusal.UNEXPECTED),
        ([audio(bytes(320))], Refusal.NO_ID),
        ([b"\x10\xff\xff"], Refusal.TOO_LONG),
        ([bytes((1, 0, 3, 1, 2, 3))], Refusal.BAD_ID),
    ],
)
async def test_nonsense_is_refused_and_counted_while_others_are_heard(
    house: House, chunks: list[bytes], refusal: Refusal
) -> None:
    call_id = await house.ordered()
    await house.closed(*chunks)
    assert house.refused(refusal) == 1
    assert (await house.fax(call_id)).what is Hearing.FAX


async def test_a_second_stream_for_a_call_is_refused_and_the_first_goes_on(house: House) -> None:
    call_id = await house.ordered()
    _, writer = await house.connect()
    writer.write(named(call_id) + audio(bytes(320)))
    await eventually(lambda: house.service.audio.frames > 0)
    await house.closed(named(call_id))
    assert house.refused(Refusal.TAKEN) == 1
    assert call_id in house.service.detector.calls
    writer.close()


async def test_a_flood_is_cut_off(house: House) -> None:
    call_id, other = await house.ordered(), await house.ordered()
    await house.closed(named(call_id), *[audio(bytes(3200))] * 300)
    assert house.refused(Refusal.FLOOD) == 1
    assert (await house.fax(other)).what is Hearing.FAX


async def test_half_open_connections_end_by_themselves(house: House) -> None:
    await house.closed(b"")
    assert house.refused(Refusal.SILENT) == 1


async def test_who_reads_nothing_back_costs_no_memory(house: House) -> None:
    call_id = await house.ordered()
    _, writer = await house.connect()
    writer.write(named(call_id) + audio(bytes(320)) * 100)
    await eventually(lambda: house.service.audio.frames >= 100)
    (stream,) = house.service.audio.streams
    assert stream._transport is not None
    assert stream._transport.get_write_buffer_size() < 100_000
    writer.close()


async def test_three_hundred_connections_at_once(house: House) -> None:
    call_id = await house.ordered()
    await asyncio.gather(*(house.closed(named(uuid4())) for _ in range(300)))
    refused = house.refused(Refusal.UNEXPECTED) + house.refused(Refusal.TOO_MANY)
    assert refused == 300
    assert (await house.fax(call_id)).what is Hearing.FAX


async def test_with_every_voice_taken_a_call_is_heard_for_tones_all_the_same(tmp_path: Path) -> None:
    async with a_house(tmp_path, streams=1) as house:
        first, second = await house.ordered(), await house.ordered()
        assert house.service.detector.counts.without_voices == 1
        assert (await house.fax(second)).what is Hearing.FAX
        assert first in house.service.detector.calls


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
        assert fact == EarsDown("it does not answer")
        running.cancel()
    silent.close()


def test_it_works_on_the_loop_that_the_product_runs_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            assert (await house.fax(await house.ordered())).what is Hearing.FAX

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


def test_the_first_word_of_the_protocol_is_asterisks() -> None:
    call_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert named(call_id) == struct.pack(">BH", 1, 16) + call_id.bytes
