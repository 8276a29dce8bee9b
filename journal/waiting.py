"""Wait for a bell, but not for ever."""

import asyncio


async def rung_or(rung: asyncio.Event, seconds: float) -> None:
    """Return when it was rung, or after so long; the bell is quiet then."""
    loop = asyncio.get_running_loop()
    waiting = loop.call_later(seconds, rung.set)
    try:
        await rung.wait()
    finally:
        waiting.cancel()
        rung.clear()
