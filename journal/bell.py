"""Wakes whoever follows when something urgent was committed; without it they look by themselves."""

import asyncio
from collections.abc import Callable

import asyncpg

from journal.follow import PASSING
from journal.own import SQL

CHANNEL = "cadencia_journal"
LOOK_AFTER = 5.0
"""Seconds between two looks whether the connection still lives."""
_PAUSE = 1.0


class Bell:
    """One connection of its own that listens, made again whenever it is lost."""

    def __init__(self, dsn: str, name: str, *, timeout: float = 5.0) -> None:
        """Nothing happens before run()."""
        self._dsn, self._name, self._timeout = dsn, name, timeout
        self._rung: set[asyncio.Event] = set()

    def hear(self) -> asyncio.Event:
        """An event that is set at each ring; whoever waits clears it before it looks."""
        event = asyncio.Event()
        self._rung.add(event)
        return event

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._listen()
            except (*PASSING, asyncpg.PostgresError):
                await asyncio.sleep(_PAUSE)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(
            self._dsn, timeout=self._timeout, command_timeout=self._timeout,
            server_settings={"application_name": f"cadencia {self._name} bell"},
        )  # fmt: skip
        try:
            await connection.add_listener(CHANNEL, self._told())
            self._ring()  # what was committed before we listened has rung for nobody
            while True:
                await asyncio.sleep(LOOK_AFTER)
                await connection.fetchval(SQL["now"])
        finally:
            connection.terminate()

    def _told(self) -> Callable[..., None]:
        return lambda *_: self._ring()

    def _ring(self) -> None:
        for event in self._rung:
            event.set()
