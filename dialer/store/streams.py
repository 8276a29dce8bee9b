"""A capped Redis stream: a reader that reconnects for ever, and two kinds of client never to be mixed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError

from dialer.exceptions import says_closed
from dialer.store.command_wire import Fields

MAX_LENGTH = 10_000
"""Entries a stream keeps, about."""
MAX_BODY = 262_144
"""Characters of one entry's body; a longer one is dropped."""
AWAY = (RedisError, OSError, TimeoutError)
"""What Redis being away looks like."""

_ANSWER = 2.0
"""Seconds a command may take."""
_BLOCK = 2.0
"""Seconds one blocking read waits for news; the socket waits longer, or silence would be a failure."""
_BATCH = 500
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_START = "0-0"

log = structlog.get_logger(__name__)


class BackOff:
    """Pauses that double up to a limit, until something works again."""

    def __init__(self) -> None:
        self._pause = _FIRST_PAUSE

    async def wait(self) -> None:
        """Wait, longer than the last time."""
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def reset(self) -> None:
        """It works."""
        self._pause = _FIRST_PAUSE


def heed_cancellation() -> None:
    """Raise CancelledError when this task was asked to end.

    redis-py sends under asyncio.wait_for, which in Python 3.11 returns the result and forgets the
    cancellation when both come at once (cpython issue 86296). The task still knows that it was asked.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def quick_client(url: str) -> Redis:
    """For commands: answers within two seconds or fails; never sends anything twice by itself."""
    return _client(url, _ANSWER)


async def append(client: Redis, stream: str, fields: Fields) -> None:
    """Add an entry, and let go of the oldest when there are too many."""
    entry: dict[Any, Any] = {**fields}
    await client.xadd(stream, entry, maxlen=MAX_LENGTH, approximate=True)


def patient_client(url: str) -> Redis:
    """For blocking reads only."""
    return _client(url, _BLOCK + 3.0)


class _Mortal(AbstractConnection):
    """A connection that says it is lost when it is, also when uvloop closed it between two of our steps.

    Writing to a transport that is closed raises RuntimeError there; redis-py knows errors of the system only.
    """

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:
            if not says_closed(error):
                raise
            raise ConnectionLost(str(error)) from error


def _mortal(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same kind of connection (TCP, TLS, Unix socket), and mortal."""
    return type(f"Mortal{kind.__name__}", (_Mortal, kind), {})


def _client(url: str, timeout: float) -> Redis:
    client = _made(url, timeout)
    client.connection_pool.connection_class = _mortal(client.connection_pool.connection_class)
    return client


def _made(url: str, timeout: float) -> Redis:
    return Redis.from_url(
        url,
        decode_responses=True,
        encoding_errors="replace",
        protocol=2,
        socket_timeout=timeout,
        socket_connect_timeout=_ANSWER,
        retry=Retry(NoBackoff(), 0),
        max_connections=8,
    )


class StreamReader:
    """Entries of one stream from its end on, for ever, in order; what Redis loses stays lost."""

    def __init__(self, url: str, stream: str) -> None:
        self._client = patient_client(url)
        self._stream = stream
        self._last = ""

    async def start(self) -> None:
        """Fix where reading begins: everything added after this is read."""
        pause = BackOff()
        while not self._last:
            try:
                self._last = await self._newest()
            except AWAY as error:
                log.warning("bus.away", stream=self._stream, error=str(error))
                await pause.wait()

    async def entries(self) -> AsyncIterator[Fields]:
        """The fields of each entry."""
        await self.start()
        pause = BackOff()
        while True:
            try:
                batch = await self._read()
            except AWAY as error:
                log.warning("bus.away", stream=self._stream, error=str(error))
                await pause.wait()
                await self._look_back()
                continue
            heed_cancellation()
            pause.reset()
            for self._last, fields in batch:
                yield fields

    async def close(self) -> None:
        """Drop the connection."""
        await self._client.aclose()

    async def _read(self) -> list[tuple[str, Fields]]:
        found: Any = await self._client.xread(
            {self._stream: self._last}, count=_BATCH, block=int(_BLOCK * 1000)
        )
        return [entry for _, entries in found or () for entry in entries]

    async def _newest(self) -> str:
        newest = await self._client.xrevrange(self._stream, count=1)
        return str(newest[0][0]) if newest else _START

    async def _look_back(self) -> None:
        """After a restart with nothing kept, ids may begin below ours: read the new stream from its start."""
        try:
            newest = await self._newest()
        except AWAY:
            return
        if _key(newest) < _key(self._last):
            self._last = _START


def _key(entry_id: str) -> tuple[int, int]:
    millis, _, number = entry_id.partition("-")
    return int(millis), int(number or 0)
