"""Waiting for something to become true, with a deadline."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

_STEP = 0.02


async def eventually(ask: Callable[..., Any], within: float = 20.0) -> Any:
    """The first answer, awaited where it must be, that is true; fails after so many seconds."""
    async with asyncio.timeout(within):
        while True:
            answer = ask()
            found = await answer if isawaitable(answer) else answer
            if found:
                return found
            await asyncio.sleep(_STEP)
