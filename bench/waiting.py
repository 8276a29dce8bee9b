"""Waiting for what other processes do."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(check: Callable[[], Awaitable[bool]], limit: float, every: float = 0.1) -> None:
    """Look every so often until it is so; raises TimeoutError after the limit, in seconds."""
    async with asyncio.timeout(limit):
        while not await check():  # noqa: ASYNC110 - what we wait for happens in another process
            await asyncio.sleep(every)
