"""Passwords by argon2, in few threads: a rush of logins at the start of a shift must not stop the loop."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from consoles.login_queue import Asker, FairQueue
from consoles.problems import Problem
from dialer.time_limit import time_limit

MAX_LENGTH = 256
THREADS = max(2, min(4, os.cpu_count() or 2))
"""Each needs 64 MiB while it works."""
MAX_WAITING = 256
"""Logins that may wait for a thread; whose turn is farthest away is told to come back."""
PATIENCE = 10.0
"""Seconds a login waits for a thread; the page has given up by then."""

P = ParamSpec("P")
T = TypeVar("T")

_SOMEBODY = Asker()


class Passwords:
    """Hashes and checks passwords, a few at a time, in a fair order."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Makes the hash that unknown users are checked against, which costs the time of one login."""
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._free = THREADS
        self._queue: FairQueue[asyncio.Future[None]] = FairQueue(MAX_WAITING)
        self._nobody = self._hasher.hash("nobody has this password")

    @property
    def waiting(self) -> int:
        """How many wait for a thread."""
        return len(self._queue)

    async def hash(self, password: str, asker: Asker = _SOMEBODY) -> str:
        """Hash for storing."""
        return await self._run(asker, self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str, asker: Asker = _SOMEBODY) -> bool:
        """Whether the password fits; with no stored hash it takes the same time and does not."""
        fits = await self._run(asker, self._check, stored or self._nobody, password)
        return fits and stored is not None

    def hash_now(self, password: str) -> str:
        """Hash for storing, for callers without a loop (command line)."""
        return self._hasher.hash(password)

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, asker: Asker, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._turn(asker):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, partial(work, *args, **kwargs))

    @asynccontextmanager
    async def _turn(self, asker: Asker) -> AsyncIterator[None]:
        """Have a thread; raises Problem too_many when that takes too long."""
        if self._free:
            self._free -= 1
            self._queue.count(asker)
        else:
            await self._wait(asker)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, asker: Asker) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        gone = self._queue.add(asker, turn)
        if gone is not None and not gone.done():
            gone.set_exception(_too_many())
        mine = False
        try:
            async with time_limit(PATIENCE):
                await turn
            mine = True
        except TimeoutError:
            raise _too_many() from None
        finally:
            if not mine:
                self._give_up(turn)

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        self._queue.leave(turn)
        # It may have come in the very moment in which its waiter was cancelled.
        if turn.done() and not turn.cancelled() and turn.exception() is None:
            self._pass_on()

    def _pass_on(self) -> None:
        """The thread goes to whose turn it is, or back."""
        while (turn := self._queue.take()) is not None:
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _too_many() -> Problem:
    return Problem("too_many", "too many logins at once", retry_after=5)
