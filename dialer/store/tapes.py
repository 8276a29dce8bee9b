"""What the recordings in the spool say of calls that nobody watched: whether somebody was there, how long."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from dialer.ports import Tape
from dialer.store.clock import wall
from dialer.time_limit import time_limit

BYTES_PER_SECOND = 16_000
"""The dialplan records telephone audio: 8,000 samples of two bytes."""
HEADER = 44
MOST = 2000
"""Calls looked for at once; more than a floor has."""
PATIENCE = 2.0
"""Seconds; a spool on a network that is away gives no evidence."""

_T = TypeVar("_T")


class SpoolTapes:
    """The real ones, in the folder into which the PBX records."""

    def __init__(
        self,
        spool: Path,
        *,
        patience: float = PATIENCE,
        free: Callable[[Path], int] = lambda spool: shutil.disk_usage(spool).free,
    ) -> None:
        self._spool, self._patience, self._free = spool, patience, free
        self._asked: dict[str, asyncio.Future[Any]] = {}

    async def of(self, call_ids: Sequence[UUID]) -> Mapping[UUID, Tape]:
        """Those of these calls that were recorded."""
        if not call_ids:
            return {}
        try:
            return await self._ask("tapes", partial(self._look, list(call_ids)[:MOST]))
        except TimeoutError:
            return {}

    async def room(self) -> int | None:
        """Bytes free in the spool; None when it is not on this machine."""
        try:
            return await self._ask("room", partial(self._free, self._spool))
        except (OSError, TimeoutError):
            return None

    async def _ask(self, what: str, look: Callable[[], _T]) -> _T:
        """In a thread, which a spool that hangs keeps: until it is back no other one is given to it."""
        before = self._asked.get(what)
        if before is not None and not before.done():
            raise TimeoutError
        asked = asyncio.get_running_loop().run_in_executor(None, look)
        self._asked[what] = asked
        async with time_limit(self._patience):
            return await asyncio.shield(asked)

    def _look(self, call_ids: Sequence[UUID]) -> dict[UUID, Tape]:
        found = {call_id: self._tape(self._spool / f"{call_id}-customer.wav") for call_id in call_ids}
        return {call_id: tape for call_id, tape in found.items() if tape is not None}

    def _tape(self, path: Path) -> Tape | None:
        try:
            seen = path.stat()
        except OSError:
            return None
        seconds = max(0, seen.st_size - HEADER) / BYTES_PER_SECOND
        return Tape(seconds, max(0.0, wall().timestamp() - seen.st_mtime))


@dataclass(slots=True)
class MemoryTapes:
    """Recordings that a test tells of."""

    known: dict[UUID, Tape] = field(default_factory=dict)
    free: int | None = None

    async def of(self, call_ids: Sequence[UUID]) -> Mapping[UUID, Tape]:
        """Those of these calls that were recorded."""
        return {call_id: self.known[call_id] for call_id in call_ids if call_id in self.known}

    async def room(self) -> int | None:
        """As much as the test says."""
        return self.free
