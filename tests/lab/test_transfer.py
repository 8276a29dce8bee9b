"""An agent hands a person on, on a real call: the next hears them at once; one recording holds both."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dialer.ports import Command
from dialer.store.bus import RedisBusClient
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole, numbers

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEARD_WITHIN = 1.0
"""Seconds between the one agent and the other."""
TALKING = "SELECT id, agent_id, connected_at FROM attempts WHERE state = 'connected'"
FREE = """
SELECT agent_id AS id
FROM (SELECT DISTINCT ON (agent_id) * FROM agent_log ORDER BY agent_id, at DESC, id DESC) AS newest
WHERE state = 'ready'
"""
GAP = """
SELECT extract(epoch FROM (min(b.at) - a.at))::float8 AS gap FROM attempt_events a
JOIN attempt_events b ON b.attempt_id = a.attempt_id AND b.event = 'bridged' AND b.at >= a.at
WHERE a.attempt_id = $1 AND a.event = 'transferred' GROUP BY a.at
"""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "3", "--debtors", "2", "--tempo", "1", "--talk", "15", "--wrap", "1"]
    with Whole(*options, "--seed", "8") as running:
        running.login()
        running.set(mode="progressive", max_abandonment=0.1)
        running.mix("person=1")
        running.campaign("start")
        yield running


async def hand_on(whole: Whole, call: Any, to: int) -> None:
    """What a web process sends when the agent on the call presses the button."""
    body = {"call_id": str(call["id"]), "agent_id": to}
    bus = RedisBusClient(whole.env["CADENCIA_REDIS_URL"])
    try:
        await bus.send(Command("agent.transfer", call["agent_id"], body=body))
    finally:
        await bus.close()


async def test_the_next_agent_hears_the_person_at_once_and_the_recording_goes_on(whole: Whole) -> None:
    async def talking() -> list[Any]:
        return await whole.rows(TALKING) if await whole.rows(FREE) else []

    call = (await eventually_async(talking, 120, whole.log))[0]
    (to, *_) = await whole.rows(FREE)
    await hand_on(whole, call, to["id"])

    async def handed_on() -> list[Any]:
        return await whole.rows(f"{TALKING} AND id = $1 AND agent_id = $2", call["id"], to["id"])

    await eventually_async(handed_on, 10, whole.log)
    (row,) = await whole.rows(GAP, call["id"])
    sys.stdout.write(f"\ntransfer to the next agent's voice: {row['gap']:.3f} s\n")
    assert row["gap"] <= HEARD_WITHIN

    async def both_said_what_came_of_it() -> bool:
        said = await whole.rows("SELECT agent_id FROM call_dispositions WHERE attempt_id = $1", call["id"])
        return {one["agent_id"] for one in said} == {call["agent_id"], to["id"]}

    await eventually_async(both_said_what_came_of_it, 60, whole.log)

    async def recorded() -> list[Any]:
        return await whole.rows(
            "SELECT status, duration_ms FROM recordings WHERE attempt_id = $1", call["id"]
        )

    (recording,) = await eventually_async(recorded, 60, whole.log)
    (ended,) = await whole.rows("SELECT ended_at, connected_at FROM attempts WHERE id = $1", call["id"])
    spoken = (ended["ended_at"] - ended["connected_at"]).total_seconds()
    assert recording["status"] == "archived"
    assert recording["duration_ms"] / 1000 >= spoken - 1
    assert max(numbers(whole.truth()).values()) == 1
