"""Forecasts are made one at a time and remembered for a while."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consoles.forecasts import KEPT_FOR, Forecaster, Question, pace_of
from consoles.problems import Problem
from dialer.model.campaign import CampaignSettings, DialMode
from pacing import Pace
from pacing.simulator import Outlook

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ASKED = Question(1, (1, 1), Pace("predictive", 0.02), 15, 0.03, 10.0, 60, 10.0)
QUICK, SLOW = {"idle": 4.0}, {"idle": 40.0}


async def said(question: Question, content: dict[str, Any]) -> Outlook:
    """An outlook of this question alone, as long to think about as a turn of the loop."""
    await asyncio.sleep(0)
    idle = content["idle"] + question.agents / 100 + (question.pace.mode == "progressive")
    return Outlook(0.02, 0.001, 0.8, 0.01, idle, 1.0, 60.0, 20.0, 300.0)


async def test_the_same_question_gets_the_same_answer_for_half_a_minute() -> None:
    forecaster = Forecaster(said)
    [first] = await forecaster.outlooks([ASKED], QUICK, NOW)
    [again] = await forecaster.outlooks([ASKED], SLOW, NOW + KEPT_FOR - timedelta(seconds=1))
    [later] = await forecaster.outlooks([ASKED], SLOW, NOW + KEPT_FOR)
    assert again is first
    assert later != first


async def test_another_model_pace_or_number_of_agents_is_another_question() -> None:
    forecaster = Forecaster(said)
    others = [
        replace(ASKED, model=(1, 2)),
        replace(ASKED, agents=16),
        replace(ASKED, pace=Pace("progressive")),
    ]
    [first] = await forecaster.outlooks([ASKED], QUICK, NOW)
    answers = await forecaster.outlooks(others, SLOW, NOW)
    assert len({first, *answers}) == 4


async def test_who_would_wait_too_long_is_told_to_come_back() -> None:
    forecaster = Forecaster(said, wait=0.0)
    crowd = [replace(ASKED, agents=agents) for agents in range(1, 9)]
    outcomes = await asyncio.gather(
        *(forecaster.outlooks([question], QUICK, NOW) for question in crowd), return_exceptions=True
    )
    told = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert len(told) == 7
    assert {(problem.code, problem.retry_after) for problem in told} == {("busy", 2)}
    assert await forecaster.outlooks([replace(ASKED, agents=99)], QUICK, NOW)


@pytest.mark.parametrize("agents", [1, 5, 50, 200, 1000])
def test_larger_floors_are_simulated_for_less_time(agents: int) -> None:
    asked = replace(ASKED, agents=agents)
    larger = replace(ASKED, agents=2 * agents)
    assert asked.replications >= 2
    assert larger.minutes * larger.replications <= asked.minutes * asked.replications


def test_the_pace_is_what_the_supervisor_set() -> None:
    settings = CampaignSettings(mode=DialMode.POWER, calls_per_agent=2.0, boost=1.5, cancel_ringing=False)
    assert pace_of(settings) == Pace("power", 0.025, 2.0, 1.5, False)
