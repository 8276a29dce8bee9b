"""Bus and lease in memory, for tests; the same conformance suite runs on them and on the real ones."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from dialer.ports import BadCommand, Command, Frame
from dialer.store.command_wire import Fields, command_fields, command_of
from dialer.store.recent import Recent


class MemoryBus:
    """ports.Bus, with the web side in the same object: `send` commands, look at `frames`."""

    def __init__(self, *, limit: int = 10_000) -> None:
        self.frames: deque[Frame] = deque(maxlen=limit)
        self.dropped = 0
        self._commands: asyncio.Queue[Fields] = asyncio.Queue(limit)
        self._seen = Recent(limit)
        self._more = asyncio.Event()

    def publish(self, frame: Frame) -> None:
        """Keep a frame; the oldest is dropped and counted."""
        self.dropped += len(self.frames) == self.frames.maxlen
        self.frames.append(frame)
        self._more.set()

    async def start(self) -> None:
        """What was sent before is left out."""
        while not self._commands.empty():
            self._commands.get_nowait()

    async def commands(self) -> AsyncIterator[Command | BadCommand]:
        """Commands as they are sent; one with a repeated id is left out."""
        while True:
            command = command_of(await self._commands.get())
            if isinstance(command, BadCommand) or self._seen.first_time(command.id):
                yield command

    async def send(self, command: Command) -> None:
        """What a web process does."""
        await self.send_fields(command_fields(command))

    async def send_fields(self, fields: Fields) -> None:
        """What anybody may write into the stream."""
        await self._commands.put(fields)

    async def next_frame(self, kind: str = "") -> Frame:
        """Wait for a frame (of this kind, if one is named) and take it, with all before it."""
        while True:
            while self.frames:
                frame = self.frames.popleft()
                if kind in ("", frame.kind):
                    return frame
            self._more.clear()
            await self._more.wait()


class MemoryLease:
    """ports.Lease; set `away` for Redis being down."""

    def __init__(self, fence: int = 0) -> None:
        self.fence = fence
        self.held = False
        self.away = False
        self.taken = False
        self._free = asyncio.Event()

    async def acquire(self) -> int:
        """Wait until it is ours; the fence grows."""
        while self.taken:
            await self._free.wait()
        self.held = True
        self.fence += 1
        return self.fence

    async def renew(self) -> bool:
        """Whether it is provably ours."""
        return self.held and not self.away and not self.taken

    async def release(self) -> None:
        """Give it up."""
        self.held = False

    def take_over(self) -> None:
        """Somebody else is the engine now; acquire waits."""
        self.taken, self.held = True, False
        self.fence += 1
        self._free.clear()

    def let_go(self) -> None:
        """The other holder is gone."""
        self.taken = False
        self._free.set()
