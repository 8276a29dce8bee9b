"""The server that Asterisk's AudioSocket channels connect to. Whoever misbehaves is closed and counted."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Protocol, cast
from uuid import UUID

from dialer.call_progress.audiosocket import SILENCE, Blocks, Kind, Malformed, Message, Parser, Refusal

FIRST_WORD = 2.0
"""Seconds in which a connection must name its call."""
CHECK = 0.5
"""Seconds between looks at the streams."""
BURST = 150
"""Frames at once that are allowed: Asterisk sends what it has kept for a moment at the begin."""
RATE = 100
"""Frames in a second that are allowed in the long run: twice those of real time."""
MOST_UNREAD = 64_000
"""Bytes of silence the other side may leave unread."""


class Ear(Protocol):
    """Who takes the audio of one call."""

    def hear(self, frame: bytes) -> bool:
        """20 ms; False when nothing more is to be heard."""
        ...

    def over(self) -> None:
        """The stream has ended."""
        ...

    @property
    def done(self) -> bool:
        """Whether nothing more is to be heard, even of a stream that sends nothing."""
        ...


Expected = Callable[[UUID], "Ear | Refusal"]
"""Who listens to a call; or why nobody does."""


class AudioServer:
    """Accepts streams; `refused` counts those that were closed, by reason."""

    def __init__(self, expected: Expected, *, most: int, clock: Callable[[], float]) -> None:
        self.expected, self.most, self.clock = expected, most, clock
        self.refused: Counter[Refusal] = Counter()
        self.frames = 0
        self.streams: set[Stream] = set()

    async def run(self, host: str, port: int, ready: Callable[[int], None]) -> None:
        """Serve until cancelled; `ready` is told the port."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Stream(self), host, port, backlog=512)
        ready(server.sockets[0].getsockname()[1])
        try:
            async with server:
                while True:
                    await asyncio.sleep(CHECK)
                    self.close_overdue()
        finally:
            for stream in list(self.streams):
                stream.abort()

    def close_overdue(self) -> None:
        """End the streams that have not named their call, and those that nobody listens to any more."""
        now = self.clock()
        for stream in list(self.streams):
            if stream.nameless(now):
                stream.refuse(Refusal.SILENT)
            elif stream.unheard:
                stream.abort()
            else:
                stream.keep_alive()


class Stream(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: AudioServer) -> None:
        self._server = server
        self._parser, self._blocks = Parser(), Blocks()
        self._transport: asyncio.Transport | None = None
        self._ear: Ear | None = None
        self._since = self._last = server.clock()
        self._allowed = float(BURST)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        # uvloop's transports are no subclass of asyncio's, so there is nothing to assert.
        self._transport = cast(asyncio.Transport, transport)
        self._since = self._last = self._server.clock()
        self._server.streams.add(self)
        if len(self._server.streams) > self._server.most:
            self.refuse(Refusal.TOO_MANY)

    def data_received(self, data: bytes) -> None:
        """Bytes of the other side."""
        try:
            for message in self._parser.feed(data):
                if self._transport is None:
                    return
                self._take(message)
        except Malformed as error:
            self.refuse(error.refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is over, whoever ended it."""
        self._transport = None
        self._server.streams.discard(self)
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.over()

    def _take(self, message: Message) -> None:
        match message.kind:
            case Kind.UUID:
                found = self._server.expected(message.call_id)
                if isinstance(found, Refusal):
                    self.refuse(found)
                else:
                    self._ear = found
            case Kind.AUDIO:
                self._hear(message.payload)
            case Kind.HANGUP | Kind.ERROR:
                self.abort()

    def _hear(self, samples: bytes) -> None:
        self._allow()
        for frame in self._blocks.feed(samples):
            self._allowed -= 1
            self._server.frames += 1
            if self._allowed < 0:
                return self.refuse(Refusal.FLOOD)
            if self._ear is None or self._transport is None:
                return
            self._answer()
            if not self._ear.hear(frame):
                return self.abort()

    def _allow(self) -> None:
        """More frames for the time that has passed; a long silence is no right to a longer burst."""
        before, self._last = self._last, self._server.clock()
        self._allowed = min(float(BURST), self._allowed + (self._last - before) * RATE)

    def _answer(self) -> None:
        """Silence back, unless it is not read: then the other side has more need of time than of silence."""
        assert self._transport is not None
        if self._transport.get_write_buffer_size() < MOST_UNREAD:
            self._transport.write(SILENCE)

    def keep_alive(self) -> None:
        """Say something to a call from which nothing comes, as to one from which something does."""
        if self._transport is not None and self._ear is not None:
            self._answer()

    def nameless(self, now: float) -> bool:
        """Whether it has not said for too long whose audio it is."""
        return self._ear is None and now - self._since > FIRST_WORD

    @property
    def unheard(self) -> bool:
        """Whether its ear has heard enough. How long it may be silent is the order's business."""
        return self._ear is not None and self._ear.done

    def refuse(self, refusal: Refusal) -> None:
        """Close and count."""
        if self._transport is not None:
            self._server.refused[refusal] += 1
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
