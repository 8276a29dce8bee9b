"""Bare AMI calls at a given rate: originate, answer, talk, hang up. The limit for calls per second."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from bench.bare import BareAmi, Event
from bench.figures import percentile
from bench.floor import Lab
from bench.waiting import until

_TAIL = 5.0
"""Seconds the last calls may take to end."""


@dataclass(slots=True)
class _Call:
    sent: float
    answered: float | None = None
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class BareStep:
    """One rate, and what became of it."""

    rate: float
    placed: int
    done: int
    per_second: float
    """Calls ended in each second of the step's window."""
    answer_p99: float
    """Seconds from sending the action to the answer."""


class BareCaller:
    """One manager session that places calls open loop."""

    def __init__(self, lab: Lab, talk: float) -> None:
        self._trunk, self._talk = lab.facts["trunk"], talk
        self._lab = lab
        self._calls: dict[str, _Call] = {}
        self._ami: BareAmi | None = None
        self._loop = asyncio.get_running_loop()
        self._count = 0

    async def open(self) -> None:
        """Log in."""
        self._ami = await BareAmi.connect(self._lab.facts["pbx"], self._message)

    def close(self) -> None:
        """Drop the session."""
        if self._ami is not None:
            self._ami.close()

    async def step(self, rate: float, seconds: float, numbers: Iterator[str]) -> BareStep:
        """Place calls at a rate for a time, and wait for their end."""
        self._calls.clear()
        began = time.monotonic()
        for index in range(round(rate * seconds)):
            await asyncio.sleep(began + index / rate - time.monotonic())
            self._place(next(numbers))
        end = time.monotonic()
        await self._all_ended()
        window = (began + self._talk + 0.5, end)
        ended = [c.ended for c in self._calls.values() if c.answered is not None and c.ended is not None]
        inside = sum(window[0] <= at < window[1] for at in ended)
        answers = [call.answered - call.sent for call in self._calls.values() if call.answered is not None]
        return BareStep(
            rate, len(self._calls), len(ended), inside / (window[1] - window[0]), percentile(answers, 0.99)
        )

    def _place(self, number: str) -> None:
        assert self._ami is not None
        self._count += 1
        name = f"bench-call-{self._count:06d}"
        self._calls[name] = _Call(time.monotonic())
        self._ami.originate(name, f"PJSIP/{number}@{self._trunk}", "cadencia-customer")

    async def _all_ended(self) -> None:
        async def ended() -> bool:
            return all(call.ended is not None for call in self._calls.values())

        with suppress(TimeoutError):  # those that are left count as not done
            await until(ended, self._talk + _TAIL)

    def _message(self, event: Event) -> None:
        call = self._calls.get(event.get("Uniqueid", ""))
        if call is None or self._ami is None:
            return
        if event.get("Event") == "Newstate" and event.get("ChannelState") == "6":
            call.answered = time.monotonic()
            self._loop.call_later(self._talk, self._hang_up, event["Uniqueid"])
        elif event.get("Event") == "Hangup":
            call.ended = time.monotonic()

    def _hang_up(self, name: str) -> None:
        if self._ami is not None:
            self._ami.send("Hangup", Channel=name, Cause="16")
