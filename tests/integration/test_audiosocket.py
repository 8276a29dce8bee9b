"""The detector on real sockets: what misbehaves is refused and counted, and disturbs nobody else."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import uvloop

from dialer.call_progress.audiosocket import Refusal, audio, named
from dialer.model.facts import Heard, Hearing
from tests.eventually import eventually
from tests.integration.detector_house import House, a_house
from tests.unit.dialer.call_progress.sounds import frames, samples
from tests.unit.dialer.call_progress.test_detector import LoudPool
from tests.unit.dialer.call_progress.test_listener import greeting


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


class Telephone:
    """Sends its frames in real time, and nothing while it is silent."""

    def __init__(self, house: House, call_id: UUID) -> None:
        self.house, self.call_id = house, call_id
        self.now = asyncio.get_running_loop().time

    async def picks_up(self) -> None:
        _, self.writer = await self.house.connect()
        self.writer.write(named(self.call_id))

    async def says(self, seconds: float) -> None:
        due = self.now()
        for frame in frames(samples(greeting(seconds))):
            self.writer.write(audio(frame.tobytes()))
            due += 0.02
            await asyncio.sleep(max(0.0, due - self.now()))

    async def is_taken_for(self) -> tuple[str, float]:
        """The verdict, and seconds of the wait for it."""
        began = self.now()
        found = await self.house.next()
        while not isinstance(found, Heard) or found.what is Hearing.UNSURE:
            found = await self.house.next()
        return f"{found.what.value}: {found.cause}", self.now() - began


SOON = 3.0
"""Seconds in which a verdict must be there that the rules find after 1.24 s of silence; the rest is for
a machine that is busy. With the audio as the clock it never came."""


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_sends_nothing_after_a_greeting_is_a_person_by_the_clock(
    tmp_path: Path, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.service.detector.pool = LoudPool(9)
            phone = Telephone(house, await house.ordered())
            await phone.picks_up()
            await phone.says(0.5)
            verdict, wait = await phone.is_taken_for()
            assert verdict.startswith("human: ")
            assert verdict != "human: dead_air"
            assert wait < SOON

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(story())


async def test_who_is_mute_from_the_first_instant_is_dead_air_by_the_clock(house: House) -> None:
    """Three seconds after the answer; the order's limit is 5.75."""
    phone = Telephone(house, await house.ordered())
    await phone.picks_up()
    verdict, wait = await phone.is_taken_for()
    assert verdict == "human: dead_air"
    assert 2.0 < wait < 5.5


async def test_a_call_whose_audio_never_comes_is_dead_air_by_the_clock(house: House) -> None:
    verdict, wait = await Telephone(house, await house.ordered()).is_taken_for()
    assert verdict == "human: dead_air"
    assert 2.0 < wait < 5.5


async def test_a_stream_that_is_silent_for_long_is_closed_when_its_ear_has_heard_enough(house: House) -> None:
    """Six seconds of listening on after dead air, and none of it refused."""
    phone = Telephone(house, await house.ordered())
    await phone.picks_up()
    await eventually(lambda: not house.service.audio.streams and not house.service.detector.calls)
    assert house.service.audio.refused.total() == 0


def test_it_works_on_the_loop_that_the_product_runs_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            assert (await house.fax(await house.ordered())).what is Hearing.FAX

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


def test_the_first_word_of_the_protocol_is_asterisks() -> None:
    call_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert named(call_id) == struct.pack(">BH", 1, 16) + call_id.bytes
