"""What a job is, and what may come of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Database = Pool | Connection

State = Literal["queued", "running", "done", "failed", "cancelled"]
File = Literal["upload", "rejects"]
"""What came with a job, and what it says that it could not take."""
PIECE = 1024 * 1024
"""Bytes of a piece of a file, at most."""
LONGEST_PAUSE = 300.0
"""Seconds before another try, at most."""


class QueueFull(Exception):
    """So many jobs of this kind wait that no more are taken."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job and its limits."""

    name: str
    at_once: int = 1
    """That run at the same time, in the whole database."""
    most_queued: int = 50
    most_tries: int = 5
    every: float | None = None
    """Seconds after which it is done again, without anybody asking; None = when it is asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker has taken."""

    id: int
    kind: str
    args: dict[str, Any]
    actor_id: int | None
    worker: str
    turn: int
    """How often it was taken: what is written about an earlier turn counts no more."""
    tries: int
    """Turns that count, this one included."""
    most_tries: int

    @property
    def last_try(self) -> bool:
        """Whether it is not tried again, whatever comes of this turn."""
        return self.tries >= self.most_tries


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job."""

    result: Mapping[str, Any] = field(default_factory=dict)
    """As JSON."""
    rejects: bytes = b""
    """What it could not take, as a file; empty = none."""


class Failed(Exception):
    """A job cannot be done; it is tried again when that may help. The reason names no person."""

    def __init__(self, reason: str, *, again: bool = False, outcome: Outcome | None = None) -> None:
        """`outcome`: what came of it all the same."""
        super().__init__(reason)
        self.reason, self.again, self.outcome = reason, again, outcome or Outcome()


class Work(Protocol):
    """What a handler is given."""

    @property
    def job(self) -> Job:
        """The job."""
        ...

    @property
    def pool(self) -> "Pool":
        """The worker's database."""
        ...

    def tell(self, progress: Mapping[str, Any]) -> None:
        """How far it is, as JSON; everybody sees it within a second."""
        ...

    def file(self, name: File = "upload") -> AsyncIterator[bytes]:
        """A file of the job, piece by piece."""
        ...


Handler: TypeAlias = Callable[[Work], Awaitable[Outcome]]
"""Does a job. It may be cancelled at any point, and must bear to be begun again; raises Failed."""


def pause_after(tries: int, first: float) -> float:
    """Seconds before the next try: twice as long each time."""
    return min(LONGEST_PAUSE, first * 2.0 ** (tries - 1))
