"""The life of the link: connect, log in, watch, lose, wait, connect again. Nothing is ever sent twice."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panoramisk.actions import Action
from panoramisk.message import Message

from dialer.ami import actions
from dialer.ami.backoff import Backoff
from dialer.ami.feed import Feed
from dialer.ami.instants import Instants, stamp_of
from dialer.ami.stats import LinkStats
from dialer.ami.wire import OneConnection, Order
from dialer.exceptions import ActionFailed, LinkUnavailable
from dialer.model.facts import LinkDown, LinkUp
from dialer.time_limit import time_limit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the PBX is and who we are there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the link; seconds unless said otherwise."""

    ping: float = 2.0
    """Between pings, and for each answer; two misses in a row end the link."""
    action: float = 5.0
    """For the answer to any action."""
    login: float = 10.0
    """From connect to logged in and fully booted."""
    pending: int = 10_000
    """Unanswered orders; more are not sent."""
    unsent_bytes: int = 4 * 1024 * 1024
    """Bytes the peer has not taken; more means it is frozen."""
    early: int = 10_000
    """Events between login and LinkUp."""


MISSES = 2
CLOSED = "closed by us"
NOT_BOOTED = "no FullyBooted in time: the PBX still boots, is frozen, or our account may not read `system`"


class Link:
    """One session after another until closed. `run` owns everything; all methods are for the same loop."""

    def __init__(
        self, account: Account, feed: Feed, stats: LinkStats, *, limits: Limits, backoff: Backoff
    ) -> None:
        self._account = account
        self._feed = feed
        self._stats = stats
        self._limits = limits
        self._backoff = backoff
        self._closing = asyncio.Event()
        self._now: OneConnection | None = None
        self._entering: OneConnection | None = None
        self._early: list[Message] = []
        self.instants = Instants()
        """How to read the timestamps of events."""

    @property
    def pending_actions(self) -> int:
        """Actions without an answer yet."""
        return len(self._now.pending) if self._now is not None else 0

    async def run(self) -> None:
        """Keep the link until `close`; returns then, or is cancelled."""
        while not self._closing.is_set():
            await self._session()
            if not self._closing.is_set():
                await self._rest(self._backoff.next())

    def close(self) -> None:
        """End the session; none follows."""
        self._closing.set()
        for connection in (self._now, self._entering):
            if connection is not None:
                connection.abort(CLOSED)

    def order(self, headers: actions.Headers, answered: Callable[[bool, str], None]) -> bool:
        """Write an action now; False when it was not, because there is no link or it takes no more.

        `answered(done, words)` is called once, in the order of the wire, or not at all if the answer is lost.
        """
        connection = self._now
        if connection is None or connection.lost.done() or len(connection.pending) >= self._limits.pending:
            self._stats.unsent_orders += 1
            return False
        self._stats.orders += 1
        order = Order(headers, answered, sent_at=asyncio.get_running_loop().time())
        connection.send_action(order)
        if connection.unsent_bytes > self._limits.unsent_bytes:
            connection.abort("the PBX does not read")
        return True

    async def ask(self, headers: actions.Headers) -> list[Message]:
        """The answer, with its list if it has one; raises LinkUnavailable or ActionFailed."""
        if self._now is None:
            raise LinkUnavailable("there is no link to the PBX")
        return await self._answer(self._now, headers)

    async def _session(self) -> None:
        """One connection from its first to its last byte."""
        connection = OneConnection(self._account.host, self._account.port, self._event)
        self._entering = connection
        self._early.clear()
        up = False
        try:
            async with time_limit(self._limits.login):
                started = await self._enter(connection)
            up = True
            self._raise_up(connection, started)
            await self._watch(connection)
        except (OSError, TimeoutError, ActionFailed, LinkUnavailable) as error:
            self._stats.failed_connects += 1
            _log.warning("AMI link not established: %s", str(error) or NOT_BOOTED)
        finally:
            self._now = self._entering = None
            self._stats.up = False
            connection.abort("the session is over")
            if up:
                self._feed.put(LinkDown(connection.lost.result()))

    async def _enter(self, connection: OneConnection) -> str:
        """Connect and log in; the identity of the PBX process."""
        await connection.open()
        if connection.lost.done():
            raise LinkUnavailable(connection.lost.result())
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        try:
            await self._answer(connection, actions.login(self._account.user, self._account.secret))
        except ActionFailed:
            self._stats.refused_logins += 1
            raise
        await self._wait_for_boot(connection)
        self.instants.forget()
        self.instants.measured(stamp_of(connection.booted.result()), asked_at, loop.time())
        status = (await self._answer(connection, actions.question("CoreStatus")))[0]
        return f"{status.corestartupdate} {status.corestartuptime}"

    async def _wait_for_boot(self, connection: OneConnection) -> None:
        """Before FullyBooted the PBX knows no trunks; it says so to every login that may read `system`."""
        await asyncio.wait({connection.booted, connection.lost}, return_when=asyncio.FIRST_COMPLETED)
        if connection.lost.done():
            raise LinkUnavailable(connection.lost.result())

    def _raise_up(self, connection: OneConnection, started: str) -> None:
        """From here on events flow; those that came before LinkUp follow it."""
        self._now = connection
        self._stats.up = True
        self._stats.connects += 1
        self._backoff.reset()
        self._feed.put(LinkUp(started, connection.uptime))
        for message in self._early:
            self._feed.put(message)
        self._early.clear()

    def _event(self, message: Message) -> None:
        """Queue; what comes before LinkUp waits for it."""
        self._stats.events += 1
        if self._now is not None:
            self._feed.put(message)
        elif len(self._early) < self._limits.early:
            self._early.append(message)

    async def _watch(self, connection: OneConnection) -> None:
        """Ping until the connection is lost; ends it after two misses in a row."""
        misses = 0
        while not connection.lost.done():
            if misses == 0:
                await asyncio.wait({connection.lost}, timeout=self._limits.ping)
            self._drop_unanswered(connection)
            if connection.lost.done():
                break
            misses = 0 if await self._ping(connection) else misses + 1
            if misses >= MISSES:
                connection.abort(f"{misses} pings without an answer")
        if not self._closing.is_set():
            self._stats.losses += 1
            _log.warning("AMI link lost: %s", connection.lost.result())

    async def _ping(self, connection: OneConnection) -> bool:
        """Whether it was answered; its answer tells what the PBX's clock shows."""
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        try:
            (pong, *_) = await self._answer(connection, actions.question("Ping"), self._limits.ping)
            self.instants.measured(stamp_of(str(pong.get("timestamp", ""))), asked_at, loop.time())
        except (LinkUnavailable, ActionFailed):
            self._stats.missed_pings += 1
            return False
        return True

    def _drop_unanswered(self, connection: OneConnection) -> None:
        """Orders whose answer is overdue leave the table; what became of them shows in the snapshot."""
        oldest = asyncio.get_running_loop().time() - self._limits.action
        pending = connection.pending.items()
        overdue = [key for key, item in pending if isinstance(item, Order) and item.sent_at < oldest]
        for key in overdue:
            connection.forget(key)
        self._stats.action_timeouts += len(overdue)

    async def _answer(
        self, connection: OneConnection, headers: actions.Headers, limit: float | None = None
    ) -> list[Message]:
        action = Action(headers)
        future: asyncio.Future[Message | list[Message]] = connection.send_action(action)
        either: set[asyncio.Future[Any]] = {future, connection.lost}
        try:
            await asyncio.wait(
                either,
                timeout=self._limits.action if limit is None else limit,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            connection.forget(action.id)
        return self._judged(connection, headers, future)

    def _judged(
        self, connection: OneConnection, headers: actions.Headers, future: asyncio.Future[Any]
    ) -> list[Message]:
        name = headers["Action"]
        if not future.done():
            if connection.lost.done():
                raise LinkUnavailable(f"{name}: {connection.lost.result()}")
            self._stats.action_timeouts += 1
            raise LinkUnavailable(f"{name}: no answer in time")
        answer = future.result()
        messages = answer if isinstance(answer, list) else [answer]
        if not messages[0].success:
            raise ActionFailed(f"{name}: {messages[0].message or 'refused'}")
        return messages

    async def _rest(self, delay: float) -> None:
        """Wait before the next try; `close` ends the wait."""
        try:
            async with time_limit(delay):
                await self._closing.wait()
        except TimeoutError:
            pass
