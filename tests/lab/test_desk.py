"""The desk on real calls: one person calls twice; a phone is put down, fails or falls silent; a kill."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.lab.buttons import bridges, presses
from tests.lab.carrier_calls import calls_in, phones_end
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLS = "SELECT * FROM attempts WHERE direction = 'inbound' AND number = $1 ORDER BY placed_at"
EVENTS = "SELECT event, at FROM attempt_events WHERE attempt_id = $1 ORDER BY version"
LEGS = """
SELECT agent_id
FROM (SELECT DISTINCT ON (agent_id) * FROM agent_log ORDER BY agent_id, at DESC, id DESC) AS newest
WHERE state = $1
"""
AGENTS = 2


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", str(AGENTS), "--debtors", "8", "--tempo", "1", "--talk", "90", "--wrap", "1"]
    with Whole(*options, "--mode", "progressive", "--seed", "11") as running:
        running.login()
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def nobody_is_due(whole: Whole) -> None:
    """The campaign runs and dials nobody by itself."""
    await whole.rows("UPDATE leads SET next_at = now() + interval '1 day'")
    whole.campaign("start")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def all_are_free(whole: Whole) -> None:
    """Both agents wait for a person."""

    async def free() -> bool:
        return len(await whole.rows(LEGS, "ready")) == AGENTS

    await eventually_async(free, 120, whole.log)


async def number(whole: Whole, place: int) -> str:
    """A person of the list, each test its own."""
    rows = await whole.rows("SELECT number FROM phones ORDER BY id")
    found: str = rows[place]["number"]
    return found


async def calls(whole: Whole, caller: str, *states: str) -> list[Any]:
    """The calls of a person, once they stand like this, the oldest first."""

    async def there() -> list[Any]:
        rows = await whole.rows(CALLS, caller)
        return rows if tuple(row["state"] for row in rows) == states else []

    found: list[Any] = await eventually_async(there, 60, whole.log)
    return found


async def events(whole: Whole, call: Any) -> list[str]:
    """What happened to a call after it was joined first."""
    rows = [row["event"] for row in await whole.rows(EVENTS, call["id"])]
    return rows[rows.index("bridged") + 1 :]


async def comes_back(whole: Whole, call: Any) -> None:
    """The person lost the agent, and has one again, the same."""

    async def back() -> bool:
        return await events(whole, call) == ["agent_lost", "bridged"]

    await eventually_async(back, 60, whole.log)
    (now,) = await whole.rows("SELECT state, agent_id FROM attempts WHERE id = $1", call["id"])
    assert (now["state"], now["agent_id"]) == ("connected", call["agent_id"])


async def test_a_person_who_calls_twice_gets_one_agent_and_the_second_call_moves_up(whole: Whole) -> None:
    caller = await number(whole, 0)
    calls_in(whole, caller, patience=30)
    await calls(whole, caller, "connected")
    calls_in(whole, caller, patience=60)
    first, second = await calls(whole, caller, "connected", "waiting")
    assert len(await whole.rows(LEGS, "ready")) == AGENTS - 1
    _, later = await calls(whole, caller, "ended", "connected")
    (ended,) = await whole.rows("SELECT ended_at FROM attempts WHERE id = $1", first["id"])
    assert later["id"] == second["id"]
    assert later["connected_at"] >= ended["ended_at"]
    assert phones_end(whole, 16) == AGENTS


async def test_a_phone_that_is_put_down_ends_the_call_as_the_key_does(whole: Whole) -> None:
    caller = await number(whole, 1)
    calls_in(whole, caller, patience=90)
    (call,) = await calls(whole, caller, "connected")
    assert phones_end(whole, 16) == AGENTS
    (ended,) = await calls(whole, caller, "ended")
    assert (ended["outcome"], await events(whole, call)) == ("conversation", ["hung_up"])

    async def disposed() -> list[Any]:
        return await whole.rows("SELECT agent_id FROM call_dispositions WHERE attempt_id = $1", call["id"])

    (made,) = await eventually_async(disposed, 60, whole.log)
    assert made["agent_id"] == call["agent_id"]


async def test_a_phone_that_failed_brings_the_person_back_to_the_agent(whole: Whole) -> None:
    caller = await number(whole, 2)
    calls_in(whole, caller, patience=90)
    (call,) = await calls(whole, caller, "connected")
    assert phones_end(whole, 41) == AGENTS
    await comes_back(whole, call)
    phones_end(whole, 16)


async def test_a_phone_that_fell_silent_brings_the_person_back_to_the_agent(whole: Whole) -> None:
    """The carrier stands still for longer than an agent's phone may be silent (rtp_timeout): the leg ends."""
    caller = await number(whole, 3)
    calls_in(whole, caller, patience=90)
    (call,) = await calls(whole, caller, "connected")
    pid = whole.lab["carrier"]["pid"]
    os.kill(pid, signal.SIGSTOP)

    async def parted() -> bool:
        return "agent_lost" in await events(whole, call)

    try:
        await eventually_async(parted, 20, whole.log)
    finally:
        os.kill(pid, signal.SIGCONT)
    await comes_back(whole, call)
    phones_end(whole, 16)


async def test_three_on_the_line_survive_the_engine(whole: Whole) -> None:
    """The next engine knows the colleague for the third, and the person goes over when asked to."""
    caller = await number(whole, 4)
    calls_in(whole, caller, patience=120)
    (call,) = await calls(whole, caller, "connected")
    (free,) = await whole.rows(LEGS, "ready")
    one, two = (f"leg-{agent:06d}" for agent in (call["agent_id"], free["agent_id"]))
    person = str(call["id"])

    async def together(*who: str) -> bool:
        found = await bridges(whole, person, one, two)
        return len({found[name] for name in who}) == 1 and {name for name in found if found[name]} == set(who)

    await presses(whole, call, "consult", agent_id=free["agent_id"])
    await eventually_async(lambda: together(one, two), 10, whole.log)
    await presses(whole, call, "consult_join")
    await eventually_async(lambda: together(person, one, two), 10, whole.log)
    whole.kill(whole.pid("engine"))

    async def handed_over() -> list[Any]:
        # Until the next engine has looked at the lines, it refuses.
        await presses(whole, call, "consult_complete")
        return await whole.rows(
            "SELECT 1 FROM attempts WHERE id = $1 AND state = 'connected' AND agent_id = $2",
            call["id"],
            free["agent_id"],
        )

    await eventually_async(handed_over, 60, whole.log)
    await eventually_async(lambda: together(person, two), 10, whole.log)
    assert (await events(whole, call)) == ["transferred", "bridged"]
    phones_end(whole, 16)
