"""One AMI connection: whole messages out of bytes, and a panoramisk manager for one connection only."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from portfolio.plain_text import is_plain, shortened

_log = logging.getLogger(__name__)

MESSAGE_LIMIT = 64 * 1024
"""Bytes of one message; Asterisk's own are some hundred."""

_END = b"\r\n\r\n"


class TooLong(ValueError):
    """The peer sent more than a message may hold without ending it: it is no Asterisk."""


_LONGEST_WORDS = 4096
"""Characters of a header that holds more than a PBX writes by itself."""


class Frames:
    """Cuts a byte stream into messages, so that text is decoded only when it is whole."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Messages completed by these bytes; raises TooLong when one has no end."""
        *whole, self._rest = (self._rest + data).split(_END)
        if len(self._rest) > self._limit:
            self._rest = b""
            raise TooLong(f"a message is longer than {self._limit} bytes")
        return whole


def parse(frame: bytes) -> Message | None:
    """A message from its bytes, the first of repeated headers; None for what is neither event nor answer."""
    headers: dict[str, str] = {}
    for line in frame.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            # A carrier's words are kept in the books: one line, and nothing that they cannot hold.
            plain = value if is_plain(value) else shortened(value, _LONGEST_WORDS)
            headers.setdefault(key.strip().lower(), plain.strip())
    return Message(headers) if "event" in headers or "response" in headers else None


class Order(Action):  # type: ignore[misc]  # panoramisk has no types
    """An action of which we want the first answer only, in stream order instead of through a future."""

    def __init__(
        self, headers: dict[str, Any], answered: Callable[[bool, str], None], *, sent_at: float
    ) -> None:
        super().__init__(headers)
        self.sent_at = sent_at
        self._answered = answered

    def add_message(self, message: Message) -> bool:
        """Report the answer, of a question its value; True takes the order out of the table."""
        self._answered(bool(message.success), str(message.message or message.value))
        return True


class Wire(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol, reading whole messages and keeping OriginateResponse for the event handler."""

    def __init__(self, manager: "OneConnection") -> None:
        self._manager = manager
        self._frames = Frames()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know the manager from the first byte on: the greeting may come before the connect call returns."""
        super().connection_made(transport)
        self.factory = self._manager
        self.encoding = "utf-8"

    def data_received(self, data: bytes) -> None:
        """Hand over each whole message; a peer that sends no message end is cut off."""
        try:
            frames = self._frames.feed(data)
        except TooLong as error:
            self._manager.abort(str(error))
            return
        for frame in frames:
            message = parse(frame)
            if message is not None:
                self.handle_message(message)

    def handle_message(self, message: Message) -> None:
        """Answers to their action, everything else to the one handler."""
        if message.event in ("OriginateResponse", "Shutdown"):
            # The library would feed the first to the future of the action, and would hang up at the second
            # while the PBX still tells which channels it ends.
            self._manager.dispatch(message)
        else:
            super().handle_message(message)


class _Everything:
    """Contains every action name: nothing at all is sent again after a connection was lost."""

    def __contains__(self, name: object) -> bool:
        return True


class OneConnection(Manager):  # type: ignore[misc]
    """A panoramisk manager for one connection: it never reconnects, replays, logs in or pings by itself."""

    def __init__(self, host: str, port: int, on_event: Callable[[Message], None]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            host=host, port=port, loop=loop, log=_log, encoding="utf-8",
            protocol_factory=lambda: Wire(self), forgetable_actions=_Everything(),
        )  # fmt: skip
        # The library registers its replay for FullyBooted; ours is the only handler.
        self.patterns.clear()
        self.callbacks.clear()
        self._on_event = on_event
        self.register_event("*", self._event)
        self.lost: asyncio.Future[str] = loop.create_future()
        """Resolves with the reason when the connection is gone."""
        self.booted: asyncio.Future[str] = loop.create_future()
        """Resolves when the PBX says that it is fully booted, with its timestamp."""
        self.uptime: float | None = None
        """Whole seconds for which the PBX had been running then."""

    async def open(self) -> None:
        """Connect; raises OSError."""
        made: asyncio.Future[Any] = self.loop.create_future()
        made.set_result(
            await self.loop.create_connection(
                self.config["protocol_factory"], self.config["host"], self.config["port"]
            )
        )
        self.connection_made(made)

    def _event(self, manager: Manager, message: Message) -> None:
        """The only handler; what it calls only queues."""
        if message.event == "FullyBooted" and not self.booted.done():
            uptime = str(message.get("uptime", ""))
            self.uptime = float(uptime) if uptime.isdigit() else None
            self.booted.set_result(str(message.get("timestamp", "")))
        self._on_event(message)

    def ping(self) -> None:
        """Not here: the library's ping does not look at the answer, the link's does."""

    def connection_lost(self, exc: object) -> None:
        """Say so, once; the link decides what comes next."""
        self._connected = False
        if not self.lost.done():
            self.lost.set_result(f"connection lost: {exc}" if exc else "the PBX closed the connection")

    def abort(self, reason: str) -> None:
        """End the connection at once, without waiting for a peer that may be frozen."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if self.pinger is not None:
            self.pinger.cancel()
        if self.protocol is not None:
            self.protocol.transport.abort()

    @property
    def unsent_bytes(self) -> int:
        """Bytes the peer has not taken yet."""
        return int(self.protocol.transport.get_write_buffer_size())

    @property
    def pending(self) -> dict[str, Action]:
        """Unanswered actions by id, oldest first."""
        table: dict[str, Action] = self.protocol.responses
        return table

    def forget(self, action_id: str) -> None:
        """Take an action out of the table."""
        self.pending.pop(action_id, None)
