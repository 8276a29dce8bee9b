"""As eventually(), for questions that must be awaited."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_LOOK = 0.2


async def eventually_async(ask: Callable[[], Awaitable[T]], limit: float, told: Callable[[], str]) -> T:
    """The first true answer; fails after `limit` seconds with what `told` says."""
    loop = asyncio.get_running_loop()
    end = loop.time() + limit
    while not (answer := await ask()):
        assert loop.time() < end, f"not true within {limit} s\n{told()}"
        await asyncio.sleep(_LOOK)
    return answer
