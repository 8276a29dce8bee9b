"""One page's connection as the hub holds it: its machine, what waits for it, and the wish to close."""

import asyncio
from dataclasses import dataclass, field

from agent_ws.closing import CloseCode
from agent_ws.messages import Message
from agent_ws.outbox import Outbox
from agent_ws.session import LiveSession


@dataclass(eq=False, slots=True)
class Connection:
    """Filled by the hub, emptied by the sender of its websocket."""

    session: LiveSession
    role: str
    login: bytes = b""
    """Hash of the login session behind it; when that ends, the connection ends."""
    address: str = ""
    """Whom it counts against, beside its user; empty = nobody."""
    outbox: Outbox = field(default_factory=Outbox)
    confirmed: bool = False
    """The engine has shown this page as the attached one since it attached."""
    closing: CloseCode | None = None
    gone: bool = False
    """The other side has left: nothing more can be sent."""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, message: Message) -> None:
        """Send a small message; a page that lets too many wait is dropped."""
        if not self.outbox.add_note(message):
            self.close(CloseCode.OVERLOADED)
        self.wake()

    def close(self, code: CloseCode) -> None:
        """End the connection with this code; the first one counts."""
        self.closing = self.closing or code
        self.wake()

    def leave(self) -> None:
        """The other side has closed or was lost."""
        self.gone = True
        self.wake()

    def wake(self) -> None:
        """There is something for the sender."""
        self._wake.set()

    async def woken(self) -> None:
        """Wait until there is something for the sender."""
        await self._wake.wait()
        self._wake.clear()
