"""The detector on odd lines: who begins like a person and is none, and who sends nothing in silence."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = [pytest.mark.alone, pytest.mark.asyncio(loop_scope="module")]

LISTEN_ON = 25.0
"""Seconds; the greetings here beep seven to eleven seconds after the word that an agent gets them for."""
HEARD_OUT = 3.0
"""Seconds before the end of listening on until which a beep must come: the ear waits one to be sure, and the
machine that runs all this may be busy."""
CALLS, MOST_SILENT = 14, 4
DEAD_AIR = 2.0
"""Seconds from the end of a greeting to the agent that are promised; an idle agent takes less than half."""
BUSY = 2.0
"""More seconds that a single call may take while others use this machine. It was 7 to 9 in all."""
ENDED = "SELECT count(*) AS n FROM attempts WHERE state = 'ended' AND connected_at IS NOT NULL"
OPEN = "SELECT count(*) AS n FROM attempts WHERE state <> 'ended'"
ATTEMPTS = """
SELECT a.number, a.outcome, a.verdict, a.reason, a.connected_at, a.ended_at,
       ARRAY(SELECT kind FROM contacts c WHERE c.attempt_id = a.id ORDER BY c.id) AS kinds,
       (SELECT v.verdict FROM call_verdicts v WHERE v.attempt_id = a.id AND v.stage = 'late') AS late
FROM attempts a WHERE a.connected_at IS NOT NULL
"""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "6", "--debtors", "300", "--tempo", "0.45", "--talk", "40", "--wrap", "1", "--drawn"]
    with Whole(*options, "--mode", "progressive", "--seed", "7") as running:
        running.login()
        running.set(audit_share=0.0, listen_on=LISTEN_ON)
        yield running


async def test_the_beep_frees_the_agent_and_nobody_was_spoken_to(whole: Whole) -> None:
    whole.mix("pausey-voicemail=1")
    whole.campaign("start")

    async def enough() -> bool:
        return int((await whole.rows(ENDED))[0]["n"]) >= CALLS

    await eventually_async(enough, 150, whole.log)
    whole.campaign("pause")

    async def over() -> bool:
        return int((await whole.rows(OPEN))[0]["n"]) == 0

    await eventually_async(over, 90, whole.log)
    beeps = {call.number: call.beeped for call in whole.truth()}
    found = [row for row in await whole.rows(ATTEMPTS) if _beeped_in_time(row, beeps.get(row["number"]))]
    assert len(found) >= CALLS // 2
    assert [
        (row["outcome"], row["late"], row["reason"]) for row in found if row["outcome"] != "machine"
    ] == []
    assert {tuple(row["kinds"]) for row in found} == {("attempt", "machine")}
    late = [(row["ended_at"] - row["connected_at"]).total_seconds() for row in found]
    assert max(late) < LISTEN_ON


SOONEST = """
SELECT a.number, a.answered_at, a.connected_at, a.verdict FROM attempts a
WHERE a.connected_at IS NOT NULL AND a.placed_at > $1
"""


async def _joined(whole: Whole, name: str) -> list[tuple[float, float, float]]:
    """Answer, end of the greeting and join of calls to such a telephone, while agents are idle."""
    whole.mix(f"{name}=1")
    since = (await whole.rows("SELECT clock_timestamp() AS now"))[0]["now"]
    whole.campaign("start")

    async def enough() -> bool:
        return len(await whole.rows(SOONEST, since)) >= MOST_SILENT

    await eventually_async(enough, 90, whole.log)
    whole.campaign("pause")
    calls = {call.number: call for call in whole.truth() if call.behaviour == name}
    rows = [row for row in await whole.rows(SOONEST, since) if row["number"] in calls]
    return [
        (
            row["answered_at"].timestamp(),
            calls[row["number"]].greeted or row["answered_at"].timestamp(),
            row["connected_at"].timestamp(),
        )
        for row in rows
    ]


async def test_who_sends_nothing_in_silence_has_an_agent_as_soon_as_promised(whole: Whole) -> None:
    waits = sorted(joined - greeted for _, greeted, joined in await _joined(whole, "vad"))
    assert len(waits) >= MOST_SILENT
    assert waits[len(waits) // 2] < DEAD_AIR
    assert waits[-1] < DEAD_AIR + BUSY


async def test_who_never_sends_a_packet_is_dead_air_and_has_an_agent(whole: Whole) -> None:
    """Nothing begins, so the answer counts: unclear after 1.5 s."""
    waits = sorted(joined - answered for answered, _, joined in await _joined(whole, "mute"))
    assert len(waits) >= MOST_SILENT
    assert waits[len(waits) // 2] < 1.5 + DEAD_AIR
    assert waits[-1] < 1.5 + DEAD_AIR + BUSY


def _beeped_in_time(row: Any, beeped: float | None) -> bool:
    """Whether an agent had it when it beeped, and the ears were still there."""
    if beeped is None or row["verdict"] != "unsure":
        return False
    after: float = beeped - row["connected_at"].timestamp()
    return 0.0 < after < LISTEN_ON - HEARD_OUT
