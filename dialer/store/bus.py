"""The bus on Redis streams: the engine's end and the web processes' end."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

import orjson
import structlog

from dialer.exceptions import BusUnavailable
from dialer.ports import BadCommand, Command, Frame
from dialer.store.command_wire import Fields, command_fields, command_of
from dialer.store.recent import Recent
from dialer.store.streams import (
    AWAY,
    MAX_BODY,
    MAX_LENGTH,
    BackOff,
    StreamReader,
    append,
    heed_cancellation,
    quick_client,
)

COMMANDS = "cadencia:commands"
FRAMES = "cadencia:frames"

_BATCH = 200

log = structlog.get_logger(__name__)


class RedisBus:
    """ports.Bus. `run` must run beside it: it carries the published frames."""

    def __init__(self, url: str, *, limit: int = MAX_LENGTH) -> None:
        self._client = quick_client(url)
        self._reader = StreamReader(url, COMMANDS)
        self._frames: deque[Frame] = deque(maxlen=limit)
        self._filled = asyncio.Event()
        self._seen = Recent(MAX_LENGTH)
        self.dropped = 0
        """Frames that were never sent, because Redis was away or slow for too long."""
        self.malformed = 0
        """Commands that could not be read."""

    def publish(self, frame: Frame) -> None:
        """Queue a frame; when the queue is full the oldest is dropped and counted."""
        self.dropped += len(self._frames) == self._frames.maxlen
        self._frames.append(frame)
        self._filled.set()

    async def start(self) -> None:
        """Commands sent after this are read, none from before; waits through any absence of Redis."""
        await self._reader.start()

    async def commands(self) -> AsyncIterator[Command | BadCommand]:
        """Commands as they come, each id once, and what could not be read as one; reconnects by itself."""
        async for fields in self._reader.entries():
            command = command_of(fields)
            if isinstance(command, BadCommand):
                self.malformed += 1
                log.warning("bus.malformed", kind=command.kind, why=command.why)
                yield command
            elif self._seen.first_time(command.id):
                yield command

    async def run(self) -> None:
        """Send frames in their order until cancelled; through any absence of Redis."""
        pause = BackOff()
        while True:
            await self._filled.wait()
            batch = [self._frames.popleft() for _ in range(min(_BATCH, len(self._frames)))]
            while not await self._sent(batch):
                await pause.wait()
            heed_cancellation()
            pause.reset()
            if not self._frames:
                self._filled.clear()

    async def close(self) -> None:
        """Drop the connections."""
        await self._reader.close()
        await self._client.aclose()

    async def _sent(self, batch: list[Frame]) -> bool:
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for frame in batch:
                    await append(pipe, FRAMES, _frame_fields(frame))
                await pipe.execute()
        except AWAY as error:
            log.warning("bus.away", stream=FRAMES, waiting=len(self._frames), error=str(error))
            return False
        return True


class RedisBusClient:
    """agent_ws.bus.BusClient: the web side."""

    def __init__(self, url: str) -> None:
        self._client = quick_client(url)
        self._reader = StreamReader(url, FRAMES)
        self.malformed = 0
        """Frames that could not be read."""

    async def start(self) -> None:
        """Frames published after this are read; without it, those published after the first look."""
        await self._reader.start()

    async def send(self, command: Command) -> None:
        """Hand a command to the engine, under a new id unless it has one; raises BusUnavailable."""
        try:
            await append(self._client, COMMANDS, command_fields(command))
        except AWAY as error:
            raise BusUnavailable(str(error)) from error

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames as they come, from now on; reconnects by itself."""
        async for fields in self._reader.entries():
            frame = _frame(fields)
            if frame is None:
                self.malformed += 1
                log.warning("bus.malformed", kind=fields.get("kind", "")[:40])
            else:
                yield frame

    async def ping(self) -> bool:
        """Whether the bus answers now."""
        with contextlib.suppress(*AWAY):
            return bool(await self._client.ping())
        return False

    async def close(self) -> None:
        """Drop the connections."""
        await self._reader.close()
        await self._client.aclose()


def _frame_fields(frame: Frame) -> Fields:
    agent = "" if frame.agent_id is None else str(frame.agent_id)
    return {"kind": frame.kind, "agent": agent, "body": orjson.dumps(frame.body).decode()}


def _frame(fields: Fields) -> Frame | None:
    body, agent = _body(fields), fields.get("agent", "")
    if body is None or not fields.get("kind") or not (agent == "" or agent.isdecimal()):
        return None
    return Frame(fields["kind"], body, int(agent) if agent else None)


def _body(fields: Fields) -> dict[str, object] | None:
    text = fields.get("body", "")
    if len(text) > MAX_BODY:
        return None
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None
