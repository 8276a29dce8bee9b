"""kill -9 of the engine, of the pbx and of Redis, each in mid-campaign."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole, numbers

OPEN = "SELECT id, number, state FROM attempts WHERE state <> 'ended'"
BY_NUMBER = "SELECT number, count(*) AS n FROM attempts GROUP BY number"
ANSWERED_UNRECORDED = """
SELECT a.id FROM attempts a LEFT JOIN recordings r ON r.attempt_id = a.id
WHERE a.answered_at IS NOT NULL AND r.id IS NULL
"""
AFTER = "SELECT count(*) AS n FROM attempts WHERE connected_at > $1"
NOW = "SELECT now() AS now"


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "6", "--debtors", "400", "--tempo", "0.3", "--talk", "5", "--wrap", "1"]
    with Whole(*options, "--screening", "off", "--seed", "7") as running:
        running.login()
        running.set(ring_limit=15, mode="power", calls_per_agent=2.0, max_abandonment=0.1)
        running.campaign("start")
        yield running


VICTIMS: dict[str, Callable[[Whole], int]] = {
    "engine": lambda whole: whole.pid("engine"),
    "pbx": lambda whole: int(whole.lab["pbx"]["pid"]),
    "valkey": lambda whole: int(whole.lab["valkey"]["pid"]),
}


@pytest.mark.parametrize("victim", VICTIMS)
async def test_it_goes_on_by_itself(whole: Whole, victim: str) -> None:
    await _until(whole, _in_mid_campaign)
    before = (await whole.rows(NOW))[0]["now"]
    whole.kill(VICTIMS[victim](whole))

    async def speaks_again(running: Whole) -> bool:
        rows = await running.rows(AFTER, before)
        return int(rows[0]["n"]) >= 4

    await _until(whole, speaks_again, limit=90)
    await _nobody_was_rung_twice_for_one_attempt(whole)


async def test_nothing_is_lost_in_the_end(whole: Whole) -> None:
    whole.campaign("pause")
    await _until(whole, _nothing_open, limit=90)
    await _nobody_was_rung_twice_for_one_attempt(whole)
    await _until(whole, _every_answer_has_its_recording, limit=60)
    assert not [call for call in whole.truth() if call.ended is None and call.answered is not None]
    books = {row["number"] for row in await whole.rows(BY_NUMBER)}
    assert {call.number for call in whole.truth()} <= books


async def _until(whole: Whole, ask: Callable[[Whole], Any], limit: float = 60) -> None:
    await eventually_async(lambda: ask(whole), limit, whole.log)


async def _in_mid_campaign(whole: Whole) -> bool:
    states = [row["state"] for row in await whole.rows(OPEN)]
    return "connected" in states and bool({"dialing", "ringing"} & set(states))


async def _nothing_open(whole: Whole) -> bool:
    return not await whole.rows(OPEN)


async def _every_answer_has_its_recording(whole: Whole) -> bool:
    return not await whole.rows(ANSWERED_UNRECORDED)


async def _nobody_was_rung_twice_for_one_attempt(whole: Whole) -> None:
    # The carrier's truth first: what is dialled after that has been in the books before.
    rung = numbers(whole.truth())
    attempts = {row["number"]: int(row["n"]) for row in await whole.rows(BY_NUMBER)}
    assert {number: n for number, n in rung.items() if n > attempts.get(number, 0)} == {}
