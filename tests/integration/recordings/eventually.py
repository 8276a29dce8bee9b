"""Wait for a condition with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], limit: float = 20.0) -> T:
    """The first truthy answer; AssertionError when there is none in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit
    while not (answer := await ask()):
        assert loop.time() < deadline, "not in time"
        await asyncio.sleep(0.02)
    return answer
