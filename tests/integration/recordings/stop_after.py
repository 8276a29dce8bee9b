"""A process that archives until one step of one call is done, then dies as if by kill -9.

Arguments: database address, spool, archive, step (or "never": leave when the given call is cleared).
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import asyncpg

from recordings.archiver import ArchiveConfig, run
from recordings.finisher import Step


async def main(dsn: str, spool: str, archive: str, step: str) -> None:
    """Archive; die at the step."""

    def die(attempt: UUID, done: Step) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    async with asyncpg.create_pool(dsn, min_size=1, max_size=3) as pool:
        config = ArchiveConfig(Path(spool), Path(archive), workers=1)
        await run(config, pool, asyncio.Event(), after=die)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
