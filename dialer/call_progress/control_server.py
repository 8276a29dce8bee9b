"""The detector's side of the control link: obeys one engine, the newest, and tells it what was heard."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import structlog

from dialer.call_progress import control
from dialer.call_progress.lines import said
from dialer.model.facts import EarsDown, EarsUp, HeardFact
from dialer.time_limit import time_limit

log = structlog.get_logger("detector")

INTRODUCTION = 2.0
"""Seconds in which who connects must say who it is."""
PATIENCE = 5.0
"""Seconds without a word from an engine, which pings each second: then its link is dead."""
MOST_KEPT = 2_000
"""Facts kept for an engine that is away."""
FRESH = 2.0
"""Seconds in which a fact is news. The engine that lost its link took all its calls for unsure meanwhile."""


@dataclass(slots=True)
class Unsent:
    """What was heard and not told yet: bounded, and news for a moment only."""

    clock: Callable[[], float]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    lost: int = 0
    """Facts that nobody was told in time."""
    _kept: deque[tuple[float, HeardFact]] = field(default_factory=deque)

    def put(self, facts: Iterable[HeardFact]) -> None:
        """Something was heard."""
        for fact in facts:
            self._kept.append((self.clock(), fact))
            if len(self._kept) > MOST_KEPT:
                self._drop()
            self.wake.set()

    def told(self, tell: Callable[[HeardFact], bool]) -> None:
        """Tell all that is still news, in order, until `tell` fails."""
        for fact in self._fresh():
            if not tell(fact):
                return
            self._kept.popleft()

    def forget(self) -> None:
        """Whom it was meant for is not there any more."""
        self.lost += len(self._kept)
        self._kept.clear()

    def _fresh(self) -> Iterator[HeardFact]:
        """The oldest that is news, as often as the one before was taken."""
        while self._kept:
            at, fact = self._kept[0]
            if self.clock() - at > FRESH:
                self._drop()
            else:
                yield fact

    def _drop(self) -> None:
        self._kept.popleft()
        self.lost += 1


@dataclass(frozen=True, slots=True)
class Engine:
    """Who introduced itself."""

    epoch: int
    name: str

    def displaces(self, other: "Engine") -> bool:
        """Whether it may take the place of one that is alive: of an older, or of its own dead link."""
        return self.epoch > other.epoch or self == other


class ControlServer:
    """The port of the engine. One link counts; the others are closed."""

    def __init__(
        self,
        secret: str,
        *,
        obey: Callable[[control.Order], None],
        pong: Callable[[int], control.Pong],
        unsent: Unsent,
        patience: float = PATIENCE,
    ) -> None:
        self._secret, self._obey, self._pong = secret, obey, pong
        self._unsent, self._patience = unsent, patience
        self._engine: Engine | None = None
        """The last one that was obeyed."""
        self._link: asyncio.StreamWriter | None = None
        """To it, while it is there."""
        self.refused = 0

    @property
    def here(self) -> asyncio.StreamWriter | None:
        """The link to the engine that is there."""
        return self._link

    async def run(self, host: str, port: int, ready: Callable[[int], None]) -> None:
        """Serve until cancelled; `ready` is told the port."""
        server = await asyncio.start_server(self._serve, host, port, limit=control.LONGEST_LINE, backlog=16)
        ready(server.sockets[0].getsockname()[1])
        async with server:
            await self._tell()

    async def _tell(self) -> None:
        """What was heard goes to the engine that is there; without one it waits, for a moment."""
        while True:
            await self._unsent.wake.wait()
            self._unsent.wake.clear()
            self._unsent.told(self._told)

    def _told(self, fact: HeardFact) -> bool:
        assert not isinstance(fact, EarsUp | EarsDown)
        return self._link is not None and said(self._link, fact)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError, ValueError):
            self.refused += 1
        finally:
            if self._link is writer:
                self._link = None
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with time_limit(INTRODUCTION):
            hello = control.order(await reader.readline())
        engine = self._introduced(hello)
        if engine.epoch == control.LOOKS:
            said(writer, self._pong(0))
            await self._line(reader)  # until it has read that
            return
        self._accept(engine, writer)
        while text := await self._line(reader):
            order = control.order(text)
            if self._link is not writer:
                return
            if isinstance(order, control.Ping):
                said(writer, self._pong(order.number))
            else:
                self._obey(order)

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        async with time_limit(self._patience):
            return await reader.readline()

    def _introduced(self, hello: control.Order) -> Engine:
        known = isinstance(hello, control.Hello) and hello.version == control.VERSION
        if not known or not isinstance(hello, control.Hello) or hello.secret != self._secret:
            raise control.BadLine("no engine of ours")
        return Engine(hello.epoch, hello.engine)

    def _accept(self, engine: Engine, writer: asyncio.StreamWriter) -> None:
        """Let it take the place of an older one; what that one should have heard is no news for it."""
        if self._link is not None and self._engine is not None:
            if not engine.displaces(self._engine):
                log.warning("engine.refused", epoch=engine.epoch, obeyed=self._engine.epoch)
                raise control.BadLine("another engine is obeyed")
            self._link.transport.abort()
        if engine != self._engine:
            self._unsent.forget()
        self._engine, self._link = engine, writer
        self._unsent.wake.set()
