"""A raw manager session, one order at a time, so that the doctor judges the PBX and not our link."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from dialer.ami.actions import checked
from dialer.exceptions import ActionFailed, LinkUnavailable, says_closed
from dialer.settings import Settings
from dialer.time_limit import time_limit

Message = dict[str, str]

PATIENCE = 4.0
"""Seconds for the connection and for each message."""
_LONGEST = 1 << 20
"""Bytes of one message; the list of commands has about 20 kB."""
_MOST = 20_000
"""Messages read while waiting for one answer."""


class Manager:
    """A logged-in session."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Made by `session` only."""
        self._reader = reader
        self._writer = writer
        self._count = 0
        self.heard: list[tuple[float, Message]] = []
        """Events, with the instant at which each came; none unless the session asked for them."""

    @property
    def address(self) -> str:
        """Ours, as the PBX sees it."""
        return str(self._writer.get_extra_info("sockname")[0])

    async def listen(self, seconds: float) -> None:
        """Take in what comes for so long."""
        with suppress(TimeoutError):
            async with time_limit(seconds):
                while True:
                    self._hears(
                        _parse((await self._reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace"))
                    )

    def _hears(self, message: Message) -> None:
        if "Event" in message and len(self.heard) < _MOST:
            self.heard.append((asyncio.get_running_loop().time(), message))

    async def value(self, name: str) -> str:
        """Of a global variable or a function; empty where Asterisk does not know or refuses it."""
        try:
            return (await self.ask("Getvar", Variable=name))[0].get("Value", "")
        except ActionFailed:
            return ""

    async def ask(self, action: str, variables: Sequence[str] = (), **headers: str) -> list[Message]:
        """The answer and, for lists, what follows it. Raises ActionFailed or LinkUnavailable."""
        self._count += 1
        ours = f"cadencia-check-{self._count}"
        lines = list(checked({"Action": action, "ActionID": ours, **headers}).items())
        lines += [("Variable", checked({"Variable": each})["Variable"]) for each in variables]
        self._writer.write("".join(f"{key}: {value}\r\n" for key, value in lines).encode() + b"\r\n")
        await self._writer.drain()
        answer = [await self._next(ours)]
        if answer[0].get("Response") not in ("Success", "Goodbye"):
            raise ActionFailed(answer[0].get("Message", "refused"))
        while answer[0].get("EventList") == "start" and answer[-1].get("EventList") != "Complete":
            answer.append(await self._next(ours))
        return answer

    async def _next(self, ours: str) -> Message:
        """The next message that belongs to an action."""
        for _ in range(_MOST):
            message = _parse(await read_block(self._reader, b"\r\n\r\n"))
            if message.get("ActionID") == ours:
                return message
            self._hears(message)
        raise LinkUnavailable("too many messages without an answer")


async def read_block(reader: asyncio.StreamReader, end: bytes) -> str:
    """Text up to a mark. Raises LinkUnavailable when the other side closes, babbles or is silent."""
    try:
        async with time_limit(PATIENCE):
            return (await reader.readuntil(end)).decode("utf-8", "replace")
    except TimeoutError as error:
        raise LinkUnavailable(f"no answer within {PATIENCE:g} s") from error
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise LinkUnavailable("no manager interface answers there") from error


def _parse(block: str) -> Message:
    """Headers of one message."""
    pairs = (line.partition(":") for line in block.strip().split("\r\n"))
    return {key.strip(): value.strip() for key, _, value in pairs}


@asynccontextmanager
async def session(settings: Settings, *, events: bool = False) -> AsyncIterator[Manager]:
    """Connect, check the greeting, log in; LinkUnavailable, or ActionFailed for a refused login."""
    try:
        async with time_limit(PATIENCE):
            reader, writer = await asyncio.open_connection(
                settings.ami_host, settings.ami_port, limit=_LONGEST
            )
    except OSError as error:
        raise LinkUnavailable(str(error) or "no answer") from error
    try:
        greeting = await read_block(reader, b"\n")
        if not greeting.startswith("Asterisk Call Manager"):
            raise LinkUnavailable("no manager interface answers there")
        manager = Manager(reader, writer)
        secret = settings.ami_secret.get_secret_value()
        await manager.ask(
            "Login", Username=settings.ami_user, Secret=secret, Events="on" if events else "off"
        )
        yield manager
    except (ConnectionError, BrokenPipeError) as error:
        raise LinkUnavailable(str(error)) from error
    except RuntimeError as error:
        if not says_closed(error):
            raise
        raise LinkUnavailable("the PBX closed the connection") from error
    finally:
        writer.close()
