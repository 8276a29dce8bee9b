"""A TCP proxy that loses what it is told to lose."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Between a client and a server on loopback. `lose_answer_to` names words after which the link is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0
        self.lose_answer_to = b""
        """The next request with these words reaches the server; its answer does not come back."""
        self.cuts = self.links = 0
        self.closed = False
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it or the answer is lost."""
        self.links += 1
        if self.closed:
            writer.close()
            return
        self._writers.append(writer)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as group:
                back = group.create_task(self._back(far_reader, writer), name="back")
                await self._forth(reader, far_reader, far_writer, back)
                back.cancel()
        finally:
            far_writer.close()
            writer.close()

    def shut(self) -> None:
        """Nobody gets through any more."""
        self.closed = True
        for writer in self._writers:
            writer.transport.abort()

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
        back: "asyncio.Task[None]",
    ) -> None:
        while data := await reader.read(65_536):
            if self.lose_answer_to and self.lose_answer_to in data:
                self.lose_answer_to, self.cuts = b"", self.cuts + 1
                back.cancel()
                await asyncio.wait([back])
                far_writer.write(data)
                await far_reader.read(65_536)
                return
            far_writer.write(data)

    async def _back(self, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await far_reader.read(65_536):
            writer.write(data)
        writer.close()


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    """A proxy before a port."""
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
