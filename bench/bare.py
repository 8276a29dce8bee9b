"""Plain AMI with nothing behind it: the limit that the product is compared with."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

Event = dict[str, str]
_LEG_SECONDS = 15.0


class BareAmi(asyncio.Protocol):
    """One manager session that hands every message to a handler, at once and as it is."""

    def __init__(self, on_message: Callable[[Event], None]) -> None:
        self.on_message = on_message
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, pbx: dict[str, Any], on_message: Callable[[Event], None]) -> "BareAmi":
        """Log in with the product's own account."""
        loop = asyncio.get_running_loop()
        _, ami = await loop.create_connection(lambda: cls(on_message), pbx["ami_host"], pbx["ami_port"])
        ami.send("Login", Username=pbx["ami_user"], Secret=pbx["ami_secret"])
        return ami

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has the methods, not the base class

    def data_received(self, data: bytes) -> None:
        """Cut into messages."""
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for block in whole:
            pairs = (line.partition(": ") for line in block.decode("utf-8", "replace").split("\r\n"))
            self.on_message({key: value for key, _, value in pairs})

    def send(self, action: str, **headers: str) -> None:
        """Write an action; nobody waits for the answer."""
        assert self._transport is not None
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in headers.items())]
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def originate(self, channel_id: str, channel: str, context: str) -> None:
        """Call somebody into a context of the product's dialplan, screening and recording off."""
        place = {"Context": context, "Exten": "s", "Priority": "1", "Timeout": "20000", "Async": "true"}
        variables = "CADENCIA_SCREEN=off,CADENCIA_FALLBACK=60,CADENCIA_BELIEF=60000"
        self.send("Originate", ChannelId=channel_id, Channel=channel, Variable=variables, **place)

    def close(self) -> None:
        """Drop the session."""
        if self._transport is not None:
            self._transport.abort()


class Watch:
    """What happened to each channel, by the clock of whoever received it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.answered: dict[str, float] = {}
        self.joined: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.waits: dict[tuple[str, str], asyncio.Future[None]] = {}

    def __call__(self, event: Event) -> None:
        """Take one message."""
        channel, kind = event.get("Uniqueid", ""), event.get("Event")
        if kind == "Newstate" and event.get("ChannelState") == "6":
            self._note(self.answered, "answered", channel)
        elif kind == "BridgeEnter":
            self._note(self.joined, "joined", channel)
        elif kind == "Hangup":
            self._note(self.ended, "ended", channel)

    def _note(self, where: dict[str, float], what: str, channel: str) -> None:
        where[channel] = time.monotonic()  # the loop's own clock only counts whole milliseconds
        waiter = self.waits.pop((what, channel), None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def until(self, what: str, channel: str, limit: float = _LEG_SECONDS) -> None:
        """Wait until a channel is answered, joined or ended."""
        if channel in getattr(self, what):
            return
        waiter = self.waits.get((what, channel))
        if waiter is None:
            waiter = self.waits[what, channel] = self._loop.create_future()
        async with asyncio.timeout(limit):
            await waiter
