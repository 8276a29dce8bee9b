"""A detector on real sockets, the engine's ears, and telephones that stream to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from pydantic import SecretStr

from dialer.call_progress.audiosocket import Refusal, audio, named
from dialer.call_progress.ears import DetectorEars, EarsLimits
from dialer.call_progress.service import DetectorService
from dialer.model.facts import EarsUp, Heard, HeardFact, Hearing
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
