"""What the web application is made of, and how a request gets at it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Protocol, TypeAlias

import asyncpg
import orjson
from fastapi import Depends, Path, Query
from starlette.requests import HTTPConnection

from agent_ws.bus import BusClient
from agent_ws.hub import Hub
from consoles.addresses import Network, address_of, networks
from consoles.forecasts import Ask, Forecaster, ask_in_a_process
from consoles.login_limits import LoginLimiter
from consoles.metrics import WebMetrics
from consoles.passwords import Passwords
from dialer.ports import WallClock
from dialer.settings import Settings

DATABASE_WAIT = 5.0
"""Seconds a request waits for a database connection."""
LOOKS_AT_ONCE = 4
"""Files that are looked at at once."""
FILES_AT_ONCE = 4
"""Files of imports that arrive at once."""

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)


class CheckLine(Protocol):
    """One line of the doctor, in the reader's language."""

    @property
    def name(self) -> str:
        """Stable code of the check."""
        ...

    @property
    def ok(self) -> bool:
        """Whether all is well with it."""
        ...

    @property
    def detail(self) -> str:
        """What was seen."""
        ...

    @property
    def cure(self) -> str:
        """What to do; empty when all is well."""
        ...


Doctor: TypeAlias = Callable[[Settings, str], Awaitable[Sequence[CheckLine]]]
"""Asks what may be asked while people work; it only reads, and ends within a quarter of a minute."""


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Given by the wiring; nothing here is opened or closed by the application."""

    settings: Settings
    pool: "asyncpg.Pool[asyncpg.Record]"
    bus: BusClient
    clock: WallClock
    passwords: Passwords = field(default_factory=Passwords)
    ask: Ask = ask_in_a_process
    """How a forecast is made."""
    doctor: Doctor | None = None
    """Given from above, as the doctor knows the whole installation; without one there are no lines of it."""
    watches: bool = True
    """Whether this server looks after the engine's silence and the law's duties itself, by its own clock."""


@dataclass(slots=True)
class Web:
    """What lives as long as the application: `request.app.state.web`."""

    deps: WebDeps
    metrics: WebMetrics
    hub: Hub
    limiter: LoginLimiter = field(default_factory=LoginLimiter)
    receiving: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, FILES_AT_ONCE))
    """Files of imports that arrive: each is up to 64 MB on this machine's disk until it is stored."""
    numbering: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One file of numbers at a time: each takes a connection of the pool for long."""
    looking: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, LOOKS_AT_ONCE))
    """Looks at files: short, in a process of their own, and without a connection."""
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One check of the installation at a time: each opens connections of its own."""
    forecaster: Forecaster = field(init=False)
    proxies: tuple[Network, ...] = field(init=False)
    """Whose X-Forwarded-For is believed."""

    def __post_init__(self) -> None:
        self.forecaster = Forecaster(self.deps.ask)
        self.proxies = networks(self.deps.settings.trusted_proxies)

    def address(self, connection: HTTPConnection) -> str:
        """Whom a request or websocket counts against."""
        return address_of(connection, self.proxies)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Connection]:
        """A connection of the pool, for routes that hold none all the time."""
        async with self.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            yield database

    def now(self) -> datetime:
        """Now, in UTC, as the machine's clock shows it: legal hours follow when that is set."""
        return self.deps.clock.wall()


def web_of(connection: HTTPConnection) -> Web:
    """The application's Web."""
    web = connection.app.state.web
    assert isinstance(web, Web)
    return web


async def _database(connection: HTTPConnection) -> AsyncIterator[Connection]:
    async with web_of(connection).database() as database:
        yield database


WebDep = Annotated[Web, Depends(web_of)]
Database = Annotated[Connection, Depends(_database, scope="function")]
"""A connection that goes back to the pool before the answer is sent: no slow reader holds one."""

MAX_ID = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=MAX_ID)]
Limit = Annotated[int, Query(ge=1, le=200)]


def from_json(text: str | None) -> Any:
    """Value of a jsonb column selected as text; None stays None."""
    return None if text is None else orjson.loads(text)


def to_json(value: Any) -> str:
    """Text for a jsonb parameter."""
    return orjson.dumps(value, default=str).decode()
