"""People call us, on real calls: known by their number, queued, told how it stands, called back in turn."""

import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from tests.lab.carrier_calls import calls_in
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = pytest.mark.asyncio(loop_scope="module")

JOINED_WITHIN = 1.0
"""Seconds from the end of the greeting to the agent's voice, with an agent free."""
SILENCE = 100.0
"""Root mean square below which nobody hears anything."""
LATEST = "SELECT * FROM attempts WHERE direction = 'inbound' AND number = $1 ORDER BY placed_at DESC LIMIT 1"
TO_AGENT = """
SELECT extract(epoch FROM (b.at - h.at))::float8 AS gap FROM attempt_events h
JOIN attempt_events b ON b.attempt_id = h.attempt_id AND b.event = 'bridged'
WHERE h.attempt_id = $1 AND h.event = 'human'
"""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    # A talk is drawn around its mean: the agent must never be the one who ends a call of these.
    options = ["--bots", "1", "--debtors", "4", "--tempo", "1", "--talk", "900", "--wrap", "1"]
    with Whole(*options, "--drawn", "--mode", "progressive", "--seed", "8") as running:
        running.login()
        running.mix("person=1")
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def nobody_is_due(whole: Whole) -> None:
    """The campaign runs and dials nobody by itself."""
    await whole.rows("UPDATE leads SET next_at = now() + interval '1 day'")
    whole.campaign("start")


def loudness(path: Path) -> list[float]:
    """Root mean square of every second, of 32 768."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)
        rate = file.getframerate()
    return [float(np.sqrt(np.mean(samples[at : at + rate] ** 2))) for at in range(0, samples.size, rate)]


async def numbers(whole: Whole) -> list[str]:
    rows = await whole.rows("SELECT number FROM phones ORDER BY id")
    return [row["number"] for row in rows]


async def when(whole: Whole, caller: str, **wanted: Any) -> Any:
    """The newest call of this person, once it is as wanted."""

    async def there() -> Any:
        rows = await whole.rows(LATEST, caller)
        return rows if rows and all(rows[0][name] == value for name, value in wanted.items()) else []

    return (await eventually_async(there, 60, whole.log))[0]


async def nobody_on_the_line(whole: Whole) -> None:
    """Until everybody has hung up: the one agent is free again."""

    async def quiet() -> list[Any]:
        return await whole.rows("SELECT 1 WHERE NOT EXISTS (SELECT FROM attempts WHERE ended_at IS NULL)")

    await eventually_async(quiet, 90, whole.log)


async def test_who_calls_back_is_known_joined_and_recorded(whole: Whole) -> None:
    (caller, *_) = await numbers(whole)
    calls_in(whole, caller, patience=14)
    call = await when(whole, caller, state="connected")
    (owner,) = await whole.rows("SELECT person_id FROM phones WHERE number = $1", caller)
    assert call["person_id"] == owner["person_id"]
    (row,) = await whole.rows(TO_AGENT, call["id"])
    sys.stdout.write(f"\nend of the greeting to the agent's voice: {row['gap']:.3f} s\n")
    assert row["gap"] <= JOINED_WITHIN
    ended = await when(whole, caller, state="ended")
    assert ended["outcome"] == "conversation"

    async def recorded() -> list[Any]:
        return await whole.rows("SELECT status FROM recordings WHERE attempt_id = $1", call["id"])

    assert (await eventually_async(recorded, 60, whole.log))[0]["status"] == "archived"
    (kinds,) = await whole.rows(
        "SELECT array_agg(kind) AS kinds FROM contacts WHERE attempt_id = $1", call["id"]
    )
    assert kinds["kinds"] == ["conversation"]


async def test_who_waits_hears_the_queue_and_may_be_called_back_in_their_turn(whole: Whole) -> None:
    """One agent is busy with one person; the next one presses the key that is offered."""
    await nobody_on_the_line(whole)
    _, busy, caller, *_ = await numbers(whole)
    whole.set(inbound_offer=0)
    calls_in(whole, busy, patience=70)
    await when(whole, busy, state="connected")
    calls_in(whole, caller, patience=60, key="1", after=25)
    call = await when(whole, caller, state="ended")
    assert call["outcome"] == "callback_taken"

    async def called_back() -> list[Any]:
        return await whole.rows(
            "SELECT connected_at FROM attempts WHERE direction = 'outbound' AND person_id = $1"
            " AND reserved_for IS NOT NULL AND state = 'connected'",
            call["person_id"],
        )

    await eventually_async(called_back, 90, whole.log)
    heard = Path(whole.lab["carrier"]["heard_dir"]) / f"calls-in-{caller.lstrip('+')}-in.wav"
    assert min(loudness(heard)[:20]) >= 0
    assert np.median(loudness(heard)[:25]) > SILENCE
    (callback,) = await whole.rows("SELECT status FROM callbacks WHERE person_id = $1", call["person_id"])
    assert callback["status"] == "called"


async def test_a_stranger_is_taken_in_too(whole: Whole) -> None:
    calls_in(whole, "34699999999", patience=12)
    call = await when(whole, "+34699999999", state="ended")
    (person,) = await whole.rows("SELECT name FROM persons WHERE id = $1", call["person_id"])
    assert person["name"] == "Sin identificar"


async def test_a_caller_survives_the_engine(whole: Whole) -> None:
    """Killed while somebody waits: the same call is still in the queue and gets the agent."""
    _, busy, _, caller, *_ = await numbers(whole)
    await nobody_on_the_line(whole)
    calls_in(whole, busy, patience=20)
    await when(whole, busy, state="connected")
    calls_in(whole, caller, patience=60)
    waiting = await when(whole, caller, state="waiting")
    whole.kill(whole.pid("engine"))
    joined = await when(whole, caller, state="connected")
    assert joined["id"] == waiting["id"]
