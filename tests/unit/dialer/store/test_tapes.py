"""A spool that hangs, such as on a network that is away."""

import asyncio
import threading
from pathlib import Path

from dialer.store.tapes import SpoolTapes


async def test_a_spool_that_hangs_holds_one_thread_and_not_all_that_there_are() -> None:
    asked: list[Path] = []
    back = threading.Event()

    def free(spool: Path) -> int:
        asked.append(spool)
        back.wait(10.0)
        return 7

    tapes = SpoolTapes(Path("/nowhere"), patience=0.02, free=free)
    try:
        assert [await tapes.room() for _ in range(3)] == [None, None, None]
        assert len(asked) == 1
    finally:
        back.set()
    async with asyncio.timeout(5):
        while (room := await tapes.room()) is None:
            await asyncio.sleep(0)
    assert room == 7
