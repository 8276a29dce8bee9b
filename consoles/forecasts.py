"""What a campaign would come to under other settings: one simulation at a time, remembered for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from consoles.problems import Problem
from dialer.model.campaign import CampaignSettings
from pacing import Pace
from pacing.simulator import Outlook, whatif

WAIT = 5.0
"""Seconds a forecast waits for the one before it."""
KEPT_FOR = timedelta(seconds=30)
MAX_KEPT = 64
AGENT_MINUTES = 12_000.0
"""Simulated minutes of all agents together that one answer may take: somebody waits for it."""
LONG, SHORT = 60.0, 30.0
"""Simulated minutes of one replication: of most floors, and of those of more than BIG agents."""
BIG = 100
FEWEST, MOST = 4, 24
"""Replications of one answer."""


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

    @property
    def minutes(self) -> float:
        """Simulated minutes of one replication."""
        return LONG if self.agents <= BIG else SHORT

    @property
    def replications(self) -> int:
        """As many as the budget allows."""
        return int(min(MOST, max(FEWEST, AGENT_MINUTES // (self.agents * self.minutes))))


def pace_of(settings: CampaignSettings) -> Pace:
    """What the pacing takes from the settings."""
    return Pace(
        mode=settings.mode.value,
        target=settings.target_abandonment,
        calls_per_agent=settings.calls_per_agent,
        boost=settings.boost,
        cancel=settings.cancel_ringing,
    )


class Forecaster:
    """Answers questions in a thread and remembers: two supervisors often look at the same campaign."""

    def __init__(self, *, wait: float = WAIT) -> None:
        """Nothing is known yet."""
        self._wait = wait
        self._turn = asyncio.Semaphore(1)
        self._kept: OrderedDict[Question, tuple[Outlook, datetime]] = OrderedDict()

    async def outlooks(
        self, questions: Sequence[Question], content: dict[str, Any], now: datetime
    ) -> list[Outlook]:
        """An outlook for each question, by the model of `content`; Problem 'busy' after too long a wait."""
        if self._missing(questions, now):
            await self._take_turn()
            missing = self._missing(questions, now)
            # The turn ends with the thread, not with the request: nobody can stop a thread.
            future = asyncio.get_running_loop().run_in_executor(None, _answer, missing, content)
            future.add_done_callback(lambda _: self._turn.release())
            for question, outlook in zip(missing, await asyncio.shield(future), strict=True):
                self._keep(question, outlook, now)
        return [self._kept[question][0] for question in questions]

    def _missing(self, questions: Sequence[Question], now: datetime) -> list[Question]:
        fresh = {question for question, (_, at) in self._kept.items() if now - at < KEPT_FOR}
        return [question for question in dict.fromkeys(questions) if question not in fresh]

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(self._wait):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Problem("busy", "another forecast is being made", retry_after=2) from error

    def _keep(self, question: Question, outlook: Outlook, now: datetime) -> None:
        self._kept[question] = (outlook, now)
        self._kept.move_to_end(question)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


def _answer(questions: list[Question], content: dict[str, Any]) -> list[Outlook]:
    """Every question under the same seed: what differs between two is the settings, not chance."""
    return [
        whatif(
            content,
            question.pace,
            agents=question.agents,
            limit=question.limit,
            calls_per_agent=question.calls_per_agent,
            lines=question.lines,
            cps=question.cps,
            minutes=question.minutes,
            replications=question.replications,
        )
        for question in questions
    ]
