"""The engine's side of the detector: the port Ears over a TCP link that comes back by itself."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from dialer.call_progress import control
from dialer.model.facts import EarsDown, EarsUp, HeardFact
from dialer.ports import ListenOrder

log = structlog.get_logger("ears")

MOST_FACTS = 20_000
MOST_UNSENT = 1_000_000
"""Bytes of orders that may wait for the network; a detector that reads no more is down."""


@dataclass(frozen=True, slots=True)
class EarsLimits:
    """Seconds."""

    connect: float = 2.0
    ping: float = 1.0
    patience: float = 2.0
    """Without a word from the detector it is down."""
    lag: float = 0.5
    """By which the detector may be behind the audio."""
    retry_first: float = 0.2
    retry_last: float = 3.0


class DetectorEars:
    """ports.Ears. `run` keeps the link and has an owner in the wiring."""

    def __init__(self, host: str, port: int, secret: str, *, limits: EarsLimits | None = None) -> None:
        self._host, self._port, self._secret = host, port, secret
        self._limits = limits or EarsLimits()
        self._writer: asyncio.StreamWriter | None = None
        self._facts: deque[HeardFact] = deque(maxlen=MOST_FACTS)
        self._there = asyncio.Event()
        self.up = False

    # --- the port ---

    def listen(self, order: ListenOrder) -> None:
        """See ports.Ears; void without a detector, as are all orders."""
        self._send(order)

    def answered(self, channel_id: str, ring: float) -> None:
        """See ports.Ears."""
        self._send(control.Answered(channel_id, ring))

    def handed_over(self, channel_id: str) -> None:
        """See ports.Ears."""
        self._send(control.HandedOver(channel_id))

    def forget(self, channel_id: str) -> None:
        """See ports.Ears."""
        self._send(control.Forget(channel_id))

    async def next_heard(self) -> Sequence[HeardFact]:
        """See ports.Ears."""
        while not self._facts:
            self._there.clear()
            await self._there.wait()
        found = tuple(self._facts)
        self._facts.clear()
        return found

    # --- the link ---

    async def run(self) -> None:
        """Keep the link until cancelled."""
        pause = self._limits.retry_first
        while True:
            reason = await self._one_link()
            pause = self._limits.retry_first if self.up else min(pause * 2, self._limits.retry_last)
            self._down(reason)
            await asyncio.sleep(pause)

    async def _one_link(self) -> str:
        """One connection, from its begin to its end; why it ended."""
        limits = self._limits
        try:
            async with asyncio.timeout(limits.connect):
                reader, writer = await asyncio.open_connection(
                    self._host, self._port, limit=control.LONGEST_LINE
                )
        except (OSError, TimeoutError) as error:
            return f"no connection: {str(error) or 'too slow'}"
        self._writer = writer
        try:
            self._send(control.Hello(control.VERSION, self._secret))
            async with asyncio.TaskGroup() as tasks:
                pings = tasks.create_task(self._ping())
                reason = await self._read(reader)
                pings.cancel()
            return reason
        finally:
            self._writer = None
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _ping(self) -> None:
        number = 0
        while True:
            number += 1
            self._send(control.Ping(number))
            await asyncio.sleep(self._limits.ping)

    async def _read(self, reader: asyncio.StreamReader) -> str:
        """Words of the detector until it is silent, slow or gone."""
        while True:
            try:
                async with asyncio.timeout(self._limits.patience):
                    text = await reader.readline()
                said = control.answer(text) if text else None
            except TimeoutError:
                return "it does not answer"
            except (OSError, ValueError) as error:
                return f"broken link: {error}"
            if said is None:
                return "it ended the connection"
            if isinstance(said, control.Pong):
                if said.lag > self._limits.lag:
                    return f"too slow: {said.lag:.1f} s behind"
                self._is_up()
            else:
                self._tell(said)

    def _send(self, order: control.Order) -> None:
        writer = self._writer
        if writer is None:
            return
        if writer.transport.get_write_buffer_size() > MOST_UNSENT:
            writer.transport.abort()
            return
        writer.write(control.line(order))

    def _is_up(self) -> None:
        if not self.up:
            self.up = True
            log.info("ears.up")
            self._tell(EarsUp())

    def _down(self, reason: str) -> None:
        if self.up:
            self.up = False
            log.warning("ears.down", reason=reason)
            self._tell(EarsDown(reason))

    def _tell(self, fact: HeardFact) -> None:
        self._facts.append(fact)
        self._there.set()


class ControlServer:
    """The detector's side: obeys one engine at a time, and tells it what was heard."""

    def __init__(
        self,
        secret: str,
        *,
        obey: Callable[[control.Order], None],
        pong: Callable[[int], control.Pong],
        unsent: deque[HeardFact],
        wake: asyncio.Event,
    ) -> None:
        self._secret, self._obey, self._pong = secret, obey, pong
        self._unsent, self._wake = unsent, wake
        self._engine: asyncio.StreamWriter | None = None
        self.refused = 0

    async def run(self, host: str, port: int, ready: Callable[[int], None]) -> None:
        """Serve until cancelled; `ready` is told the port."""
        server = await asyncio.start_server(self._serve, host, port, limit=control.LONGEST_LINE, backlog=16)
        ready(server.sockets[0].getsockname()[1])
        async with server:
            await self._tell()

    async def _tell(self) -> None:
        """What was heard goes to the engine that is there; without one it waits, bounded."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._engine is not None and self._unsent:
                fact = self._unsent.popleft()
                assert not isinstance(fact, EarsUp | EarsDown)
                self._engine.write(control.line(fact))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError, ValueError):
            self.refused += 1
        finally:
            if self._engine is writer:
                self._engine = None
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(2.0):
            hello = control.order(await reader.readline())
        known = isinstance(hello, control.Hello) and hello.version == control.VERSION
        if not known or not isinstance(hello, control.Hello) or hello.secret != self._secret:
            raise control.BadLine("no engine of ours")
        if self._engine is not None:
            # The newest engine counts: an older one is dead or has lost its lease.
            self._engine.transport.abort()
        self._engine = writer
        self._wake.set()
        while text := await reader.readline():
            order = control.order(text)
            if isinstance(order, control.Ping):
                writer.write(control.line(self._pong(order.number)))
            else:
                self._obey(order)
