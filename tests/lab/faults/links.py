"""TCP links that can be cut, stalled or caught at a word: proxies with a small control port.

A cut resets what is open and refuses what is new. A stall lets nothing pass and closes nothing, as a network
that drops packets. A trap stalls the link by itself at the next request that holds a word.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

_CHUNK = 65_536


class State(StrEnum):
    """What a link does."""

    OPEN = "open"
    CUT = "cut"
    STALLED = "stalled"


class Link:
    """Between clients and one server on loopback."""

    def __init__(self) -> None:
        self.port = 0
        self.target = 0
        self.state = State.OPEN
        self.trap = b""
        self.let_through = False
        """Whether the request that springs the trap still reaches the server; its answer never comes back."""
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection until either side or a cut ends it."""
        if self.state is State.CUT:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            await self._joined(reader, writer)
        except OSError:
            pass  # the server is away: so the client's connection ends too
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.add(far_writer)
        try:
            async with asyncio.TaskGroup() as group:
                forth = group.create_task(self._pass(reader, far_writer, trapped=True), name="forth")
                back = group.create_task(self._pass(far_reader, writer), name="back")
                await asyncio.wait([forth, back], return_when=asyncio.FIRST_COMPLETED)
                forth.cancel()
                back.cancel()
        finally:
            self._writers.discard(far_writer)
            far_writer.transport.abort()

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, trapped: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                if trapped and self.trap and self.trap in data:
                    self._spring(sink, data)
                    data = b"" if self.let_through else data
                await self._passing.wait()
                sink.write(data)
                await sink.drain()

    def _spring(self, sink: asyncio.StreamWriter, data: bytes) -> None:
        self.trap = b""
        self.stall()
        if self.let_through:
            sink.write(data)

    def cut(self) -> None:
        """Reset everything and refuse what comes."""
        self.state = State.CUT
        for writer in list(self._writers):
            writer.transport.abort()

    def stall(self) -> None:
        """Let nothing pass."""
        self.state = State.STALLED
        self._passing.clear()

    def mend(self) -> None:
        """As before; what a stall kept back goes on."""
        self.state, self.trap = State.OPEN, b""
        self._passing.set()


class Links:
    """All links of one floor, and the port at which they are told what to do."""

    def __init__(self, names: Sequence[str]) -> None:
        self.links = {name: Link() for name in names}
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def listen(self) -> None:
        """Open every port."""
        for link in self.links.values():
            link.port = await self._open(link.serve)
        self.port = await self._open(self._told)

    async def close(self) -> None:
        """End every connection and every port."""
        for link in self.links.values():
            link.cut()
        for server in self._servers:
            server.close()

    async def _open(self, serve: object) -> int:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)  # type: ignore[arg-type]
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def lead(self, targets: Mapping[str, int]) -> Mapping[str, int]:
        """Tell the links where they lead; the ports to use instead."""
        for name, port in targets.items():
            self.links[name].target = port
        return {name: self.links[name].port for name in targets}

    async def _told(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(self.obey(line.decode().split()).encode() + b"\n")
            await writer.drain()
        writer.close()

    def obey(self, words: Sequence[str]) -> str:
        """One order, `VERB LINK [WORD]`; the state of the link after it."""
        verb, name, *rest = words
        link = self.links[name]
        if verb in ("cut", "stall", "mend"):
            getattr(link, verb)()
        elif verb in ("trap", "trap-answer"):
            link.trap, link.let_through = rest[0].encode(), verb == "trap-answer"
        return link.state
