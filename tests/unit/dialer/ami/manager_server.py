"""A small manager interface on loopback that does what it is told, above all the worst a real one does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Headers = dict[str, str]
DEADLINE = 10.0
"""Seconds until a test that waits in vain fails."""


@dataclass
class Connection:
    """One client, from the server's side."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    received: list[Headers] = field(default_factory=list)

    def say(self, *lines: str) -> None:
        """Send one message."""
        self.say_bytes("\r\n".join([*lines, "", ""]).encode())

    def say_bytes(self, data: bytes) -> None:
        """Send these bytes as they are."""
        self.writer.write(data)

    def event(self, name: str, **headers: str) -> None:
        """Send an event."""
        self.say(f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items()))

    def answer(self, action: Headers, response: str, *lines: str) -> None:
        """Answer an action."""
        self.say(f"Response: {response}", f"ActionID: {action['ActionID']}", *lines)

    def hang_up(self) -> None:
        """Close from the server's side."""
        self.writer.close()


Reaction = Callable[[Connection, Headers], None]


def success(*lines: str) -> Reaction:
    """Answer with Success."""
    return lambda connection, action: connection.answer(action, "Success", *lines)


def error(words: str) -> Reaction:
    """Answer with Error."""
    return lambda connection, action: connection.answer(action, "Error", f"Message: {words}")


def silence(connection: Connection, action: Headers) -> None:
    """Do not answer."""


def accept(connection: Connection, action: Headers) -> None:
    """Let in and say that the PBX is fully booted, as Asterisk does."""
    connection.answer(action, "Success", "Message: Authentication accepted")
    connection.event("FullyBooted", Uptime="100")


class ManagerServer:
    """Answers like a healthy Asterisk unless `reactions` says otherwise."""

    def __init__(self) -> None:
        self.reactions: dict[str, Reaction] = {
            "Login": accept,
            "CoreStatus": success("CoreStartupDate: 2026-11-23", "CoreStartupTime: 01:02:03"),
            "Ping": success("Ping: Pong"),
            "Originate": success("Message: Originate successfully queued"),
        }
        self.connections: list[Connection] = []
        self.greeting = b"Asterisk Call Manager/11.0.0\r\n"
        self.port = 0
        self._serving = 0
        self._changed = asyncio.Condition()

    @property
    def last(self) -> Connection:
        """The newest connection."""
        return self.connections[-1]

    def received(self, name: str) -> list[Headers]:
        """All actions of that name, over all connections."""
        return [item for client in self.connections for item in client.received if item["Action"] == name]

    async def got(self, name: str, count: int = 1) -> list[Headers]:
        """Wait until that many actions of that name have come."""
        await self.until(lambda: len(self.received(name)) >= count)
        return self.received(name)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition on what came in."""
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client until it goes."""
        client = Connection(reader, writer)
        self._serving += 1
        self.connections.append(client)
        client.say_bytes(self.greeting)
        try:
            while (action := await _action(reader)) is not None:
                client.received.append(action)
                self.reactions.get(action["Action"], success())(client, action)
                await self._notify()
        finally:
            writer.close()
            self._serving -= 1
            await self._notify()

    async def end(self) -> None:
        """Close every connection and wait until nobody is served."""
        for client in self.connections:
            client.hang_up()
        await self.until(lambda: self._serving == 0)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def _action(reader: asyncio.StreamReader) -> Headers | None:
    """The next action, as Asterisk reads it: one header a line; repeated ones are joined by a bar."""
    try:
        block = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    headers: Headers = {}
    for line in block.strip().split("\r\n"):
        key, _, value = line.partition(": ")
        headers[key] = f"{headers[key]}|{value}" if key in headers else value
    return headers


@asynccontextmanager
async def manager_server() -> AsyncIterator[ManagerServer]:
    """A server that listens on a free port and ends with the test."""
    server = ManagerServer()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await server.end()
