"""All live connections of one web process, and the one reader of the engine's frames that feeds them."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from agent_ws.bus import BusClient
from agent_ws.closing import CloseCode
from agent_ws.commands import new_command
from agent_ws.connection import Connection
from agent_ws.floor import FloorPicture
from agent_ws.messages import CallbackRefused, Link, Ping, Refused
from agent_ws.metrics import LiveMetrics
from agent_ws.outbox import encode
from agent_ws.session import Close, Order, attach_order, detach_order, receive, tick
from agent_ws.unheard import Unheard
from dialer.exceptions import BusUnavailable
from dialer.model.commands import Attach, Dispose, FloorSnapshot
from dialer.ports import Clock, Command, Frame

ENGINE_SILENCE = timedelta(seconds=6)
"""The engine speaks every 2 s; after this it counts as dead."""
WATCH_EVERY = 0.5
"""Seconds between two looks at the engine's silence, and between two rounds of healing."""
MAX_CONNECTIONS = 2_000
MAX_PER_USER = 10
"""Pages of one user: nobody looks at more, and who opens thousands must not keep others out."""
MAX_PER_ADDRESS = 1_000
"""Pages of one address, behind which a whole floor may be; half of the server stays for all others."""
MAX_VIEWS = 10_000
"""Last views of agents kept for pages that connect."""

PromiseCheck = Callable[[int, Dispose], Awaitable[CallbackRefused | None]]
"""Agent and disposition → why the callback in it must not be promised; None = nothing known against it."""

_log = structlog.get_logger(__name__)


async def _anything(agent_id: int, said: Dispose) -> CallbackRefused | None:
    """Where nobody knows the rules: the engine's gate stays the last word."""
    return None


class Hub:
    """Frames in, messages to pages out; requests in, commands to the engine out."""

    def __init__(
        self,
        bus: BusClient,
        clock: Clock,
        metrics: LiveMetrics,
        *,
        max_connections: int = MAX_CONNECTIONS,
        promise: PromiseCheck = _anything,
    ) -> None:
        """Nothing happens before run()."""
        self._promise = promise
        self._bus, self._clock, self._metrics = bus, clock, metrics
        self._max = max_connections
        self._connections: set[Connection] = set()
        self._agents: dict[int, set[Connection]] = {}
        self._of_user: Counter[int] = Counter()
        self._at_address: Counter[str] = Counter()
        self._views: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._floor = FloorPicture()
        self._epoch: int | None = None
        self._heard_at: datetime | None = None
        self._engine_up = False
        self._reattach = False
        self._unheard = Unheard()
        self._healing = asyncio.Event()

    @property
    def engine_up(self) -> bool:
        """Whether the engine has been heard lately."""
        return self._engine_up

    def campaign_row(self, campaign_id: int) -> dict[str, Any] | None:
        """The last that was heard of a campaign's floor (messages.CampaignView); None = nothing yet."""
        return self._floor.rows["campaigns"].get(campaign_id)

    async def run(self) -> None:
        """Read frames, watch the engine, heal after losses; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read(), name="hub.read")
            tasks.create_task(self._watch(), name="hub.watch")
            tasks.create_task(self._heal(), name="hub.heal")

    # --- connections ---

    def join(self, connection: Connection) -> CloseCode | None:
        """Take a new connection and show it what is known; a code when there is no room for it."""
        refused = self._no_room(connection)
        if refused is not None:
            return refused
        self._connections.add(connection)
        self._count(connection, +1)
        self._metrics.clients.labels(connection.role).inc()
        connection.note(Link(engine=self._engine_up))
        if connection.session.agent:
            self._agents.setdefault(connection.session.user_id, set()).add(connection)
            self._show_view(connection)
        else:
            self._show_floor(connection)
        return None

    def _no_room(self, connection: Connection) -> CloseCode | None:
        limits = (
            ("user", self._of_user[connection.session.user_id], MAX_PER_USER, CloseCode.USER_FULL),
            ("address", self._at_address[connection.address], MAX_PER_ADDRESS, CloseCode.ADDRESS_FULL),
            ("server", len(self._connections), self._max, CloseCode.OVERLOADED),
        )
        for name, count, most, code in limits:
            if count >= most:
                self._metrics.turned_away.labels(name).inc()
                return code
        return None

    def _count(self, connection: Connection, by: int) -> None:
        keys: tuple[tuple[Counter[Any], int | str], ...] = (
            (self._of_user, connection.session.user_id),
            (self._at_address, connection.address),
        )
        for counts, key in keys:
            if key != "":
                counts[key] += by
                if not counts[key]:
                    del counts[key]

    async def leave(self, connection: Connection) -> None:
        """Forget a connection; the engine is told when an attached page is lost."""
        if connection in self._connections:
            self._connections.discard(connection)
            self._count(connection, -1)
        self._metrics.clients.labels(connection.role).dec()
        self._metrics.dropped.inc(connection.outbox.coalesced)
        user_id = connection.session.user_id
        mates = self._agents.get(user_id, set())
        mates.discard(connection)
        if not mates:
            self._agents.pop(user_id, None)
        order = detach_order(connection.session)
        if order is not None:
            self._forget_page(user_id)
            await self._send_quietly(self._command(connection, order))

    async def receive(self, connection: Connection, text: str) -> None:
        """Take one message of a page."""
        before = connection.session.page
        connection.session, effect = receive(connection.session, text, now=self._clock.now())
        match effect:
            case Order():
                if isinstance(effect.request, Attach):
                    self._take_over(connection, before)
                # Written at once: whoever takes the page over while its promise is judged has not said it.
                command = self._command(connection, effect)
                refused = await self._broken_promise(connection, effect)
                if refused is None:
                    await self._order(connection, command)
                else:
                    self._metrics.refused.labels(refused.reason).inc()
                    connection.note(refused)
            case Refused():
                self._metrics.refused.labels(effect.reason).inc()
                connection.note(effect)
            case Close():
                connection.close(effect.code)

    def tick(self, connection: Connection) -> bool:
        """Let time pass for a connection; True when it was pinged (then its login is due for a check)."""
        connection.session, effect = tick(connection.session, now=self._clock.now())
        match effect:
            case Ping():
                connection.note(effect)
                return True
            case Close():
                connection.close(effect.code)
        return False

    def close_login(self, login: bytes) -> None:
        """End all connections of a login session that ended."""
        for connection in self._connections:
            if connection.login == login:
                connection.close(CloseCode.UNAUTHENTICATED)

    def close_user(self, user_id: int, *, spare: bytes = b"") -> None:
        """End all connections of a user, but those of one login."""
        for connection in self._connections:
            if connection.session.user_id == user_id and connection.login != spare:
                connection.close(CloseCode.UNAUTHENTICATED)

    def close_all(self) -> None:
        """The server stops."""
        for connection in self._connections:
            connection.close(CloseCode.GOING_AWAY)

    async def send(self, command: Command) -> None:
        """Hand over a command of the HTTP API; raises BusUnavailable."""
        await self._bus.send(command)

    # --- requests ---

    def _take_over(self, connection: Connection, before: str) -> None:
        if before != connection.session.page:
            connection.confirmed = False
        for other in self._agents.get(connection.session.user_id, ()):
            if other is not connection and other.session.page:
                # Cleared first: a page that was taken over must not detach the page that took over.
                other.session = replace(other.session, page="")
                other.close(CloseCode.TAKEN_OVER)

    async def _broken_promise(self, connection: Connection, order: Order) -> CallbackRefused | None:
        """Asked before the engine is; this page's next request waits for the answer, nobody else's does."""
        said = order.request
        if not isinstance(said, Dispose) or said.callback_at is None:
            return None
        return await self._promise(connection.session.user_id, said)

    async def _order(self, connection: Connection, command: Command) -> None:
        request, attaches = command.kind.removeprefix("agent."), isinstance(command.request, Attach)
        if not attaches and self._epoch is not None and not self._engine_up:
            return self._refuse(connection, request, "engine away")
        try:
            await self._bus.send(command)
        except BusUnavailable:
            if attaches:
                self._reattach = True
                self._healing.set()
            return self._refuse(connection, request, "unavailable")
        if not attaches:
            self._unheard.sent(connection, request, self._clock.now())
        return None

    def _refuse(self, connection: Connection, request: str, reason: str) -> None:
        self._metrics.refused.labels(reason).inc()
        connection.note(Refused(request=request, reason=reason))

    def _refuse_unheard(self) -> None:
        """Nobody waits for an answer of an engine that is gone; it may have done it all the same."""
        for connection, request in self._unheard.lost():
            if connection in self._connections:
                self._refuse(connection, request, "engine away")

    def _command(self, connection: Connection, order: Order) -> Command:
        session = connection.session
        return new_command(order.request, session.user_id, page=session.page)

    async def _send_quietly(self, command: Command) -> bool:
        try:
            await self._bus.send(command)
        except BusUnavailable:
            _log.warning("command_not_sent", kind=command.kind, actor_id=command.actor_id)
            return False
        return True

    # --- frames ---

    async def _read(self) -> None:
        while True:
            async for frame in self._bus.frames():
                self._metrics.frames.labels(frame.kind).inc()
                try:
                    self._take(frame)
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    # A frame of another version must not end the reader that serves everybody.
                    self._metrics.bad_frames.inc()
                    _log.warning("bad_frame", kind=frame.kind, error=repr(error))
            await asyncio.sleep(WATCH_EVERY)

    def _take(self, frame: Frame) -> None:
        match frame.kind:
            case "engine":
                self._take_engine(frame.body)
            case "agent" if frame.agent_id is not None:
                self._take_agent(frame.agent_id, frame.body)
            case "refused" if frame.agent_id is not None:
                self._take_refused(frame.agent_id, frame.body)
            case "floor":
                self._take_floor(frame.body)

    def _take_engine(self, body: dict[str, Any]) -> None:
        epoch, up = int(body["epoch"]), bool(body["up"])
        self._heard_at = self._clock.now() if up else None
        if epoch != self._epoch:
            if self._epoch is not None:
                self._refuse_unheard()
            self._epoch = epoch
            self._lost_track()
        self._unheard.beaten(self._clock.now())
        self._set_engine(up)

    def _take_agent(self, agent_id: int, body: dict[str, Any]) -> None:
        page = str(body["page"])
        self._views[agent_id] = body
        self._views.move_to_end(agent_id)
        if len(self._views) > MAX_VIEWS:
            self._views.popitem(last=False)
        mates = self._agents.get(agent_id)
        if not mates:
            return
        text = encode({"type": "agent", **body})
        for connection in mates:
            connection.outbox.add_view(text)
            connection.wake()
            self._check_page(connection, page)

    def _check_page(self, connection: Connection, page: str) -> None:
        """Close a page that another process took over; a view from before the attachment proves nothing."""
        mine = connection.session.page
        if mine and page == mine:
            connection.confirmed = True
        elif mine and page and connection.confirmed:
            connection.session = replace(connection.session, page="")
            connection.close(CloseCode.TAKEN_OVER)

    def _take_refused(self, agent_id: int, body: dict[str, Any]) -> None:
        message = Refused(request=body["request"], reason=body["reason"], state=body.get("state", ""))
        self._metrics.refused.labels("engine").inc()
        for connection in self._agents.get(agent_id, ()):
            if not body.get("page") or body["page"] == connection.session.page:
                connection.note(message)

    def _take_floor(self, body: dict[str, Any]) -> None:
        if self._floor.missed(body):
            self._healing.set()
        if self._floor.stale(body) or not (self._floor.head or body["whole"]):
            return
        self._floor.lay(body)
        text = encode({"type": "floor", **body})
        for connection in self._supervisors():
            connection.outbox.add_floor(body, text)
            connection.wake()

    def _show_view(self, connection: Connection) -> None:
        body = self._views.get(connection.session.user_id)
        if body is not None:
            connection.outbox.add_view(encode({"type": "agent", **body}))
            connection.wake()

    def _show_floor(self, connection: Connection) -> None:
        if self._floor.whole:
            body = self._floor.body()
            connection.outbox.add_floor(body, encode({"type": "floor", **body}))
            connection.wake()
        self._healing.set()

    def _forget_page(self, agent_id: int) -> None:
        body = self._views.get(agent_id)
        if body is not None:
            self._views[agent_id] = {**body, "page": ""}

    def _supervisors(self) -> Iterator[Connection]:
        return (connection for connection in self._connections if not connection.session.agent)

    # --- the engine's life ---

    async def _watch(self) -> None:
        while True:
            silent = self._heard_at is None or self._clock.now() - self._heard_at >= ENGINE_SILENCE
            if silent:
                self._set_engine(False)
                if self._unheard.older_than(ENGINE_SILENCE, self._clock.now()):
                    self._refuse_unheard()
            await asyncio.sleep(WATCH_EVERY)

    def _set_engine(self, up: bool) -> None:
        if up == self._engine_up:
            return
        self._engine_up = up
        self._metrics.engine_up.set(up)
        _log.info("engine_heard" if up else "engine_silent", epoch=self._epoch)
        if up:
            self._lost_track()
        else:
            self._refuse_unheard()
        for connection in self._connections:
            connection.note(Link(engine=up))

    def _lost_track(self) -> None:
        """The engine may have lost our commands, and we its frames."""
        self._reattach = True
        self._floor.head = {}
        self._healing.set()

    async def _heal(self) -> None:
        """Attach again and ask for a whole floor, at most twice a second."""
        while True:
            await self._healing.wait()
            self._healing.clear()
            if not (await self._attach_again() and await self._ask_floor()):
                self._healing.set()
            await asyncio.sleep(WATCH_EVERY)

    async def _attach_again(self) -> bool:
        if not self._reattach:
            return True
        self._reattach = False
        for connection in list(self._connections):
            order = attach_order(connection.session)
            if order and not await self._send_quietly(self._command(connection, order)):
                self._reattach = True
                return False
        return True

    async def _ask_floor(self) -> bool:
        asker = next(self._supervisors(), None)
        if asker is None:
            return True
        return await self._send_quietly(new_command(FloorSnapshot(), asker.session.user_id))
