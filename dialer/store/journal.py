"""The journal as the engine follows it: a place in memory, and a bell that rings for what is urgent."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dialer.exceptions import StoreUnavailable
from dialer.store.pool import session
from journal.bell import Bell
from journal.events import Fact
from journal.position import Position, Rewound, present, read
from journal.waiting import rung_or

if TYPE_CHECKING:
    from dialer.store.pool import Pool

PAGE = 1000
"""Facts that are read at once."""
PATIENCE = 1.0
"""Seconds until it is looked without the bell: its connection may be lost."""


class PostgresJournal:
    """ports.Journal; `run` must be running for the bell to ring."""

    def __init__(self, pool: "Pool", bell: Bell, kinds: Sequence[str], *, patience: float = PATIENCE) -> None:
        self._pool, self._bell, self._kinds, self._patience = pool, bell, kinds, patience
        self._rung = bell.hear()
        self._position: Position | None = None

    async def run(self) -> None:
        """Listen, until cancelled."""
        await self._bell.run()

    async def begin(self) -> None:
        """See ports.Journal."""
        async with session(self._pool) as connection:
            self._position = await present(connection)

    async def facts(self) -> tuple[Fact, ...]:
        """See ports.Journal."""
        assert self._position is not None
        if self._position.upto is None:
            await rung_or(self._rung, self._patience)
        async with session(self._pool) as connection:
            try:
                found, self._position = await read(connection, self._position, self._kinds, PAGE)
            except Rewound as error:
                self._position = await present(connection)
                raise StoreUnavailable(str(error)) from error
        return found
