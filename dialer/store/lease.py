"""The right to be the only engine: a key in Redis that expires, and a number in Postgres that only grows."""

import asyncio
from typing import Protocol
from uuid import uuid4

import structlog

from dialer.exceptions import StoreUnavailable
from dialer.store.streams import AWAY, BackOff, heed_cancellation, quick_client
from dialer.time_limit import time_limit

KEY = "cadencia:lease"

_LONGEST_LOOK = 0.5
"""Seconds between two looks at a lease that somebody else holds."""

# 1 = still ours, 2 = it was gone (expired, or Redis came back empty) and is ours again, 0 = somebody else's.
_KEEP = """
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return 1
elseif holder then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 2
"""
_DROP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_OURS, _OURS_AGAIN = 1, 2

log = structlog.get_logger(__name__)


class Fences(Protocol):
    """Where the fence number stands; PostgresStore is one."""

    async def take_fence(self) -> int:
        """A new number, greater than any before; every older holder is refused from now on."""
        ...

    async def fence_now(self) -> int:
        """The newest number; 0 before the first."""
        ...


class RedisLease:
    """ports.Lease. Redis says who may, Postgres makes sure: without Redis still only one engine writes."""

    def __init__(self, url: str, fences: Fences, *, ttl: float) -> None:
        self._client = quick_client(url)
        self._fences = fences
        self._millis = int(ttl * 1000)
        self._look = min(ttl / 10, _LONGEST_LOOK)
        self._patience = ttl / 3
        self._holder = uuid4().hex
        self._fence = 0
        self._keep = self._client.register_script(_KEEP)
        self._drop = self._client.register_script(_DROP)

    async def acquire(self) -> int:
        """Wait until it is ours, through any absence of Redis or Postgres; returns the fence number."""
        pause = BackOff()
        while True:
            try:
                ours = await self._client.set(KEY, self._holder, nx=True, px=self._millis)
                heed_cancellation()
                if ours:
                    self._fence = await self._fences.take_fence()
                    return self._fence
                await asyncio.sleep(self._look)
                pause.reset()
            except (*AWAY, StoreUnavailable) as error:
                log.warning("lease.away", error=str(error))
                await self.release()
                await pause.wait()

    async def renew(self) -> bool:
        """Prolong; False while Redis does not answer or somebody else holds it."""
        held = await self._renewed()
        heed_cancellation()
        return held

    async def _renewed(self) -> bool:
        try:
            async with time_limit(self._patience):
                kept = await self._keep(keys=[KEY], args=[self._holder, self._millis])
                return kept == _OURS or (kept == _OURS_AGAIN and await self._still_newest())
        except (*AWAY, StoreUnavailable) as error:
            log.warning("lease.away", error=str(error))
            return False

    async def release(self) -> None:
        """Give it up; without Redis it expires by itself."""
        try:
            await self._drop(keys=[KEY], args=[self._holder])
        except AWAY as error:
            log.warning("lease.away", error=str(error))

    async def close(self) -> None:
        """Drop the connection."""
        await self._client.aclose()

    async def _still_newest(self) -> bool:
        """Whether nobody was the engine in between."""
        if self._fence and await self._fences.fence_now() == self._fence:
            return True
        await self.release()
        return False
