"""Waiting for something to become true, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable

_STEP = 0.02


async def eventually(holds: Callable[[], Awaitable[bool]] | Callable[[], bool], within: float = 20.0) -> None:
    """Returns as soon as it holds; fails after so many seconds."""
    async with asyncio.timeout(within):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(_STEP)
