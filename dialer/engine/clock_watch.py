"""Watches the wall clock: legal hours are judged by it, and it may be set while we live.

Our own clock never jumps, so that no wait of a person does. The machine's and the database's are compared
with it: where both agree that the time is another, ours follows in one step, with all that it measures.
Where they disagree with each other nobody knows what the time is, and nobody is called.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from dialer.engine.inputs import ClockIn, Input
from dialer.engine.mail import Mailbox
from dialer.engine.shift import shifted
from dialer.engine.state import FloorState
from dialer.exceptions import StoreUnavailable
from dialer.ports import LiveStore, WallClock

log = structlog.get_logger("engine")

EVERY = 2.0
"""Seconds between two comparisons."""
BOUND = timedelta(seconds=2)
"""By which two clocks may differ; more is a clock that was set, or one that is wrong."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Three clocks at one instant."""

    ours: datetime
    machine: datetime
    database: datetime
    doubt: timedelta = timedelta(0)
    """Half of the time that it took to ask the database."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do about them."""

    step: timedelta = timedelta(0)
    """By which ours must be set."""
    in_doubt: str = ""
    """Why nobody knows the time; empty = it is known."""


def judge(reading: Reading) -> Judgement:
    """Follow the machine where the database agrees with it; doubt where it does not."""
    apart = abs(reading.machine - reading.database)
    if apart > BOUND + reading.doubt:
        return Judgement(in_doubt=f"this machine and the database differ by {apart.total_seconds():.0f} s")
    step = reading.machine - reading.ours
    return Judgement(step) if abs(step) > BOUND else Judgement()


class ClockWatch:
    """Compares, tells the engine, and sets our clock together with the engine's state between two turns."""

    def __init__(self, clock: WallClock, store: LiveStore, mail: Mailbox, *, every: float = EVERY) -> None:
        self._clock, self._store, self._mail, self._every = clock, store, mail, every
        self._told: ClockIn | None = None
        self._step = timedelta(0)
        self.steps = 0
        """How often our clock was set."""
        self.moved = timedelta(0)
        """By how much in all: who waits for an answer across a step moves it by the difference."""

    async def run(self) -> None:
        """Compare for ever. A step is taken at the second look: what was being placed is back by then."""
        before = timedelta(0)
        while True:
            judgement = await self._look()
            if judgement is not None:
                again = judgement.step and abs(judgement.step - before) <= BOUND
                self._step, before = judgement.step if again else timedelta(0), judgement.step
                why = judgement.in_doubt or ("the clock was set" if judgement.step and not again else "")
                await self._tell(ClockIn(why))
            await asyncio.sleep(self._every)

    async def _look(self) -> Judgement | None:
        asked_at = self._clock.now()
        try:
            database = await self._store.clock()
        except StoreUnavailable:
            return None
        took = self._clock.now() - asked_at
        return judge(Reading(self._clock.now(), self._clock.wall(), database + took / 2, took / 2))

    async def _tell(self, news: ClockIn) -> None:
        if news != self._told:
            self._told = news
            log.warning("clock.watched", in_doubt=news.in_doubt)
            await self._mail.put(news)

    def set_if_due(self, state: FloorState, inputs: list[Input]) -> timedelta:
        """Between two turns: our clock, what waits and what is known move as one. The step, or none."""
        step, self._step = self._step, timedelta(0)
        if step:
            self._clock.shift(step)
            self._mail.shift(step)
            shifted(state, step)
            inputs[:] = [shifted(item, step) for item in inputs]
            self.steps += 1
            self.moved += step
        return step
