"""An agent hands a person on, on a real call: the next hears them at once; one recording holds both."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.buttons import bridges, presses
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole, numbers

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEARD_WITHIN = 1.0
"""Seconds between the one agent and the other."""
TALKING = "SELECT id, agent_id, connected_at FROM attempts WHERE state = 'connected'"
ON_THE_WAY = "SELECT id FROM attempts WHERE state NOT IN ('connected', 'ended')"
TRIES = 5
FREE = """
SELECT agent_id AS id
FROM (SELECT DISTINCT ON (agent_id) * FROM agent_log ORDER BY agent_id, at DESC, id DESC) AS newest
WHERE state = 'ready'
"""
EVENTS = "SELECT event FROM attempt_events WHERE attempt_id = $1 ORDER BY at, version"
GAP = """
SELECT extract(epoch FROM (min(b.at) - a.at))::float8 AS gap FROM attempt_events a
JOIN attempt_events b ON b.attempt_id = a.attempt_id AND b.event = 'bridged' AND b.at >= a.at
WHERE a.attempt_id = $1 AND a.event = 'transferred' GROUP BY a.at
"""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "3", "--debtors", "40", "--tempo", "1", "--talk", "40", "--wrap", "1"]
    with Whole(*options, "--seed", "8") as running:
        running.login()
        running.set(mode="progressive", max_abandonment=0.1)
        running.mix("patient=1")
        yield running


async def talking_with_somebody_free(whole: Whole) -> tuple[Any, int]:
    """A call that was just joined, and another agent who is free and whom no call can reach meanwhile."""

    async def found() -> list[Any]:
        return await whole.rows(f"{TALKING} ORDER BY connected_at DESC") if await whole.rows(FREE) else []

    async def nobody_on_the_way() -> bool:
        return not await whole.rows(ON_THE_WAY)

    for _ in range(TRIES):
        whole.campaign("start")
        await eventually_async(found, 120, whole.log)
        whole.campaign("pause")
        await eventually_async(nobody_on_the_way, 60, whole.log)
        free, talking = await whole.rows(FREE), await found()
        if free and talking:
            return talking[0], free[0]["id"]
    raise AssertionError(f"everybody was given a call, {TRIES} times: {whole.log()}")


async def test_the_next_agent_hears_the_person_at_once_and_the_recording_goes_on(whole: Whole) -> None:
    call, to = await talking_with_somebody_free(whole)
    await presses(whole, call, "transfer", agent_id=to)

    async def handed_on() -> list[Any]:
        return await whole.rows(f"{TALKING} AND id = $1 AND agent_id = $2", call["id"], to)

    await eventually_async(handed_on, 10, whole.log)
    (row,) = await whole.rows(GAP, call["id"])
    sys.stdout.write(f"\ntransfer to the next agent's voice: {row['gap']:.3f} s\n")
    assert row["gap"] <= HEARD_WITHIN

    async def both_said_what_came_of_it() -> bool:
        said = await whole.rows("SELECT agent_id FROM call_dispositions WHERE attempt_id = $1", call["id"])
        return {one["agent_id"] for one in said} == {call["agent_id"], to}

    await eventually_async(both_said_what_came_of_it, 120, whole.log)

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


async def test_a_colleague_is_asked_then_three_speak_then_the_person_goes_over(whole: Whole) -> None:
    """By the PBX: two agents in one bridge, the person in none; all in one; the person with the second."""
    call, to = await talking_with_somebody_free(whole)
    one, two = (f"leg-{agent:06d}" for agent in (call["agent_id"], to))
    person = str(call["id"])

    async def stand(who: set[str], alone: set[str]) -> bool:
        found = await bridges(whole, person, one, two)
        together = {found[name] for name in who}
        return len(together) == 1 and "" not in together and not any(found[name] for name in alone)

    await presses(whole, call, "consult", agent_id=to)
    await eventually_async(lambda: stand({one, two}, {person}), 10, whole.log)
    await presses(whole, call, "consult_join")
    await eventually_async(lambda: stand({person, one, two}, set()), 10, whole.log)
    await presses(whole, call, "consult_complete")
    await eventually_async(lambda: stand({person, two}, {one}), 10, whole.log)

    async def over() -> list[Any]:
        return await whole.rows(f"{TALKING} AND id = $1 AND agent_id = $2", call["id"], to)

    await eventually_async(over, 10, whole.log)
    events = await whole.rows(
        "SELECT event FROM attempt_events WHERE attempt_id = $1 ORDER BY at", call["id"]
    )
    assert [row["event"] for row in events][-3:] == ["bridged", "transferred", "bridged"]
