"""The web side of the bus, as a Protocol: commands to the engine, frames from it."""

from collections.abc import AsyncIterator
from typing import Protocol

from dialer.ports import Command, Frame


class BusClient(Protocol):
    """What a web process needs of the bus; loss of frames is healed by asking for snapshots."""

    async def send(self, command: Command) -> None:
        """Hand a command to the engine; raises BusUnavailable within a few seconds when it cannot."""
        ...

    def frames(self) -> AsyncIterator[Frame]:
        """Frames as they come, from now on; reconnects by itself."""
        ...

    async def ping(self) -> bool:
        """Whether the bus answers now; never raises."""
        ...
