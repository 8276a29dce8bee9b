"""What a campaign would come to under other settings: one simulation at a time, remembered for a while."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from consoles.problems import Problem
from dialer.model.campaign import CampaignSettings
from dialer.time_limit import time_limit
from pacing import Pace
from pacing.simulator import Outlook, Standing

WAIT = 5.0
"""Seconds a forecast waits for the one before it."""
KEPT_FOR = timedelta(seconds=30)
MAX_KEPT = 64
LIMIT = 60.0
"""Seconds after which a forecast is given up."""
SIZES = ((20, 15.0, 4), (100, 12.0, 3), (300, 8.0, 2), (10_000, 5.0, 2))
"""(agents up to, simulated minutes of one replication, replications): somebody waits for the answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that an outlook depends on; the model stands for its version."""

    campaign_id: int
    model: tuple[int, int]
    """Epoch and version of the learned model; (0, 0) = nothing learned yet."""
    pace: Pace
    agents: int
    limit: float
    """Hard cap of abandonment, 0–1."""
    calls_per_agent: float
    lines: int
    cps: float
    standing: Standing | None = field(default=None, compare=False)
    """What stands in the campaign's windows; with every call it moves; as old as the answer."""

    @property
    def minutes(self) -> float:
        """Simulated minutes of one replication."""
        return self._size[1]

    @property
    def replications(self) -> int:
        """How often it is lived through."""
        return self._size[2]

    @property
    def _size(self) -> tuple[int, float, int]:
        return next((size for size in SIZES if self.agents <= size[0]), SIZES[-1])


Ask = Callable[[Question, dict[str, Any]], Awaitable[Outlook]]
"""(question, content of the learned model) → its outlook."""


def pace_of(settings: CampaignSettings) -> Pace:
    """What the pacing takes from the settings."""
    return Pace(
        mode=settings.mode.value,
        target=settings.target_abandonment,
        calls_per_agent=settings.calls_per_agent,
        boost=settings.boost,
        cancel=settings.cancel_ringing,
    )


async def ask_in_a_process(question: Question, content: dict[str, Any]) -> Outlook:
    """Simulate in a process of its own; all under the same seed, so that settings differ, not chance."""
    asked = {
        "content": content,
        "pace": asdict(question.pace),
        "bounds": {
            "limit": question.limit,
            "calls_per_agent": question.calls_per_agent,
            "lines": question.lines,
            "cps": question.cps,
        },
        "standing": asdict(question.standing) if question.standing is not None else None,
        "floor": {
            "agents": question.agents,
            "minutes": question.minutes,
            "replications": question.replications,
        },
    }
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "consoles.forecast_worker", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with time_limit(LIMIT):
            said, _ = await worker.communicate(orjson.dumps(asked))
    except TimeoutError as error:
        raise Problem("busy", "the forecast took too long", retry_after=30) from error
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode:
        raise Problem("busy", "the forecast failed", retry_after=30)
    return Outlook(**orjson.loads(said))


class Forecaster:
    """Answers one request at a time and remembers: two supervisors often look at the same campaign."""

    def __init__(self, ask: Ask = ask_in_a_process, *, wait: float = WAIT) -> None:
        """Nothing is known yet."""
        self._ask, self._wait = ask, wait
        self._turn = asyncio.Semaphore(1)
        self._kept: OrderedDict[Question, tuple[Outlook, datetime]] = OrderedDict()

    async def outlooks(
        self, questions: Sequence[Question], content: dict[str, Any], now: datetime
    ) -> list[Outlook]:
        """An outlook for each question, by the model of `content`; Problem 'busy' after too long a wait."""
        if self._missing(questions, now):
            await self._take_turn()
            try:
                missing = self._missing(questions, now)
                found = await asyncio.gather(*(self._ask(question, content) for question in missing))
                for question, outlook in zip(missing, found, strict=True):
                    self._keep(question, outlook, now)
            finally:
                self._turn.release()
        return [self._kept[question][0] for question in questions]

    def _missing(self, questions: Sequence[Question], now: datetime) -> list[Question]:
        fresh = {question for question, (_, at) in self._kept.items() if now - at < KEPT_FOR}
        return [question for question in dict.fromkeys(questions) if question not in fresh]

    async def _take_turn(self) -> None:
        try:
            async with time_limit(self._wait):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Problem("busy", "another forecast is being made", retry_after=2) from error

    def _keep(self, question: Question, outlook: Outlook, now: datetime) -> None:
        self._kept[question] = (outlook, now)
        self._kept.move_to_end(question)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
