"""The engine's heart: the PBX is told of each committed turn, and waits for none that stands still."""

import asyncio
from collections.abc import Callable

from dialer.engine.state import FloorState
from dialer.exceptions import StoreUnavailable
from dialer.ports import EngineCommit, LiveStore, Telephony

EVERY = 0.2
"""Seconds between two beats; the dialplan believes a beat for 1.5 s (ADR 0018)."""
TURN_AT_LEAST = 0.25
"""Seconds between two turns of a quiet floor, whatever the pacing: a beat tells of a turn."""


class Heart:
    """Beats only after a committed turn, on a database that answers and still knows us as the engine."""

    def __init__(self, telephony: Telephony, store: LiveStore, *, every: float = EVERY) -> None:
        self._telephony, self._store, self._every = telephony, store, every
        self._turns = 0

    def turned(self) -> None:
        """A turn was committed."""
        self._turns += 1

    async def run(self, floor: Callable[[], FloorState]) -> None:
        """Beat for ever; raises FenceLost when another engine has taken over."""
        told = 0
        while True:
            await asyncio.sleep(self._every)
            turn, state = self._turns, floor()
            # Until rows and channels were compared, we take care of nobody.
            if turn == told or not (state.pbx_up and state.looked):
                continue
            try:
                # Writes nothing: a quiet floor commits nothing else that would prove the database.
                await self._store.commit(EngineCommit(), fence=state.epoch)
            except StoreUnavailable:
                continue
            # The number of an older engine's turns would be taken for a change, so they differ by the epoch.
            self._telephony.beat(f"{state.epoch}.{turn}")
            told = turn
