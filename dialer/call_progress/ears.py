"""The engine's side of the detector: the port Ears over a TCP link that comes back by itself."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import structlog

from dialer.call_progress import control
from dialer.call_progress.lines import said
from dialer.model.facts import EarsDown, EarsUp, HeardFact
from dialer.ports import ListenOrder
from dialer.time_limit import time_limit

log = structlog.get_logger("ears")

MOST_FACTS = 20_000


@dataclass(frozen=True, slots=True)
class EarsLimits:
    """Seconds."""

    connect: float = 2.0
    ping: float = 1.0
    patience: float = 2.0
    """Without a word from the detector it is down…"""
    second_look: float = 0.3
    """… unless there is one now: it may be we who were away."""
    lag: float = 0.5
    """By which the detector may be behind the audio."""
    retry_first: float = 0.2
    retry_last: float = 3.0


class DetectorEars:
    """ports.Ears. `run` keeps the link and has an owner in the wiring; it connects once it has begun."""

    def __init__(self, host: str, port: int, secret: str, *, limits: EarsLimits | None = None) -> None:
        self._host, self._port, self._secret = host, port, secret
        self._limits = limits or EarsLimits()
        self._writer: asyncio.StreamWriter | None = None
        self._facts: deque[HeardFact] = deque(maxlen=MOST_FACTS)
        self._there, self._begun = asyncio.Event(), asyncio.Event()
        self._name, self._epoch = uuid4().hex, 0
        self._heard_at = 0.0
        self.up = False

    # --- the port ---

    def begin(self, epoch: int) -> None:
        """See ports.Ears."""
        self._epoch = epoch
        self._begun.set()
        if self._writer is not None:
            # The link is another epoch's; the next one says the new one.
            self._writer.transport.abort()

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
        """Keep the link until cancelled, from `begin` on: a spare engine leaves the detector alone."""
        await self._begun.wait()
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
            async with time_limit(limits.connect):
                reader, writer = await asyncio.open_connection(
                    self._host, self._port, limit=control.LONGEST_LINE
                )
        except (OSError, TimeoutError) as error:
            return f"no connection: {str(error) or 'too slow'}"
        self._writer = writer
        try:
            self._send(control.Hello(control.VERSION, self._secret, self._epoch, self._name))
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
                text = await self._line(reader)
                word = control.answer(text) if text else None
            except TimeoutError:
                return "it does not answer"
            except (OSError, ValueError) as error:
                return f"broken link: {error}"
            if word is None:
                return "it ended the connection"
            if isinstance(word, control.Pong):
                if word.lag > self._limits.lag:
                    return f"too slow: {word.lag:.1f} s behind"
                self._is_up()
            else:
                self._tell(word)

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        """The next line; raises TimeoutError of a detector that says nothing."""
        try:
            async with time_limit(self._limits.patience):
                text = await reader.readline()
        except TimeoutError:
            async with time_limit(self._limits.second_look):
                text = await reader.readline()
        self._heard_at = asyncio.get_running_loop().time()
        return text

    def _send(self, order: control.Order) -> None:
        if self._writer is not None:
            said(self._writer, order)

    def _is_up(self) -> None:
        if not self.up:
            self.up = True
            log.info("ears.up")
            self._tell(EarsUp())

    def _down(self, reason: str) -> None:
        if self.up:
            self.up = False
            log.warning("ears.down", reason=reason)
            self._tell(EarsDown(reason, asyncio.get_running_loop().time() - self._heard_at))

    def _tell(self, fact: HeardFact) -> None:
        self._facts.append(fact)
        self._there.set()
