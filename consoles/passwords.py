"""Passwords by argon2, in few threads: a rush of logins at the start of a shift must not stop the loop."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from consoles.problems import Problem

MIN_LENGTH = 8
MAX_LENGTH = 256
THREADS = max(2, min(4, os.cpu_count() or 2))
"""Each needs 64 MiB while it works."""
MAX_WAITING = 256
"""Logins that may wait for a thread; more are told to come back."""

P = ParamSpec("P")
T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Makes the hash that unknown users are checked against, which costs the time of one login."""
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Hash for storing."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits; with no stored hash it takes the same time and does not."""
        fits = await self._run(self._check, stored or self._nobody, password)
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

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._waiting >= MAX_WAITING:
            raise Problem("too_many", "too many logins at once", retry_after=5)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, partial(work, *args, **kwargs))
        finally:
            self._waiting -= 1
