"""Agents who call by hand, on real calls: whoever answers is joined to the agent who called, no other."""

from collections.abc import Iterator

import pytest

from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole, numbers

pytestmark = pytest.mark.asyncio(loop_scope="module")

ATTEMPTS = """
SELECT id, number, state, outcome, screened, reserved_for, agent_id,
    extract(epoch FROM connected_at - answered_at) AS wait
FROM attempts
"""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "3", "--debtors", "40", "--tempo", "0.25", "--talk", "2", "--wrap", "1"]
    with Whole(*options, "--seed", "5") as running:
        running.login()
        running.set(mode="preview", ring_limit=15)
        running.campaign("start")
        yield running


async def _spoken(whole: Whole, least: int) -> bool:
    rows = await whole.rows(ATTEMPTS)
    return len([row for row in rows if row["outcome"] == "conversation"]) >= least


async def test_every_call_is_its_agents_own_and_nobody_waits(whole: Whole) -> None:
    await eventually_async(lambda: _spoken(whole, 5), 240, whole.log)
    rows = await whole.rows(ATTEMPTS)
    assert all(row["reserved_for"] is not None and not row["screened"] for row in rows)
    talked = [row for row in rows if row["outcome"] == "conversation"]
    assert all(row["agent_id"] == row["reserved_for"] for row in talked)
    assert max(row["wait"] for row in talked) < 1.0
    assert not [row for row in rows if row["outcome"] == "abandoned"]
    open_now = [row for row in rows if row["state"] != "ended"]
    assert len({row["reserved_for"] for row in open_now}) == len(open_now)


async def test_a_killed_engine_calls_nobody_twice_and_the_cards_come_back(whole: Whole) -> None:
    before = len(await whole.rows(ATTEMPTS))
    whole.kill(whole.pid("engine"))

    async def goes_on() -> bool:
        return len(await whole.rows(ATTEMPTS)) >= before + 4

    await eventually_async(goes_on, 120, whole.log)
    assert max(numbers(whole.truth()).values()) == 1
    assert not await whole.rows("SELECT 1 FROM attempts WHERE reserved_for IS NULL")
