"""Odd telephones and the whole product: what became of their calls stands in the books as it was."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = pytest.mark.asyncio(loop_scope="module")

TALKED = "SELECT count(*) AS n FROM attempts WHERE state = 'ended' AND connected_at IS NOT NULL"
OPEN = "SELECT count(*) AS n FROM attempts WHERE state <> 'ended'"
ENDED = """
SELECT a.number, a.outcome, array_agg(c.kind ORDER BY c.at) AS ledger,
       extract(epoch FROM a.ended_at - a.connected_at)::float AS seconds,
       EXISTS (SELECT 1 FROM alarms m WHERE m.kind = 'one_way_audio' AND m.subject = a.id::text) AS alarmed
FROM attempts a JOIN contacts c ON c.attempt_id = a.id
WHERE a.state = 'ended' AND a.connected_at IS NOT NULL GROUP BY a.id
"""
UNANSWERED = """
SELECT a.number, a.outcome, a.answered_at, array_agg(c.kind ORDER BY c.at) AS ledger,
       EXISTS (SELECT 1 FROM alarms m
               WHERE m.kind = 'answered_as_given_up' AND m.subject = a.id::text) AS alarmed
FROM attempts a JOIN contacts c ON c.attempt_id = a.id
WHERE a.state = 'ended' AND a.connected_at IS NULL GROUP BY a.id
"""
LIMIT = 120.0
KNOWN = 7.0
"""Seconds of a conversation after which its silence is known, with room for a slow machine."""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "4", "--debtors", "60", "--tempo", "0.3", "--talk", "8", "--wrap", "1", "--drawn"]
    with Whole(*options, "--mode", "progressive", "--seed", "7") as running:
        running.login()
        running.set(ring_limit=15, screening="off")
        yield running


async def _count(whole: Whole, sql: str) -> int:
    return int((await whole.rows(sql))[0]["n"])


async def _talks(whole: Whole, mix: str, wanted: int) -> list[Any]:
    """So many conversations with people at such telephones."""
    whole.mix(mix)
    before = await _count(whole, TALKED)
    whole.campaign("start")

    async def enough() -> bool:
        return await _count(whole, TALKED) >= before + wanted

    async def over() -> bool:
        return await _count(whole, OPEN) == 0

    await eventually_async(enough, LIMIT, whole.log)
    whole.campaign("pause")
    await eventually_async(over, LIMIT, whole.log)
    name = mix.split("=")[0]
    mine = {call.number for call in whole.truth() if call.behaviour == name}
    return [row for row in await whole.rows(ENDED) if row["number"] in mine]


async def test_whoever_was_never_heard_was_not_spoken_to(whole: Whole) -> None:
    # A bot may hang up sooner: three seconds of silence and the second of a count are needed to know.
    found = [row for row in await _talks(whole, "mute=1", 8) if row["seconds"] > KNOWN]
    assert len(found) >= 2
    assert {row["outcome"] for row in found} == {"one_way_audio"}
    assert all(row["alarmed"] for row in found)
    assert all(row["ledger"] == ["attempt", "unheard"] for row in found)


@pytest.mark.parametrize("name", ["telephone", "vad"])
async def test_who_listens_was_spoken_to_whether_the_line_sends_silence_or_nothing(
    whole: Whole, name: str
) -> None:
    found = await _talks(whole, f"{name}=1", 3)
    assert len(found) >= 3
    assert {row["outcome"] for row in found} == {"conversation"}
    assert not any(row["alarmed"] for row in found)


async def test_who_picked_up_as_our_ring_limit_ended_was_abandoned(whole: Whole) -> None:
    """Their 200 crosses our CANCEL: Asterisk hangs up on them, and only its signalling knows."""
    whole.mix("late-answer=1")
    whole.campaign("start")

    def crossed() -> set[str]:
        return {call.number for call in whole.truth() if call.answered and call.behaviour == "late-answer"}

    async def enough() -> bool:
        return len(crossed()) >= 3

    async def over() -> bool:
        return await _count(whole, OPEN) == 0

    await eventually_async(enough, LIMIT, whole.log)
    whole.campaign("pause")
    await eventually_async(over, LIMIT, whole.log)
    found = {row["number"]: row for row in await whole.rows(UNANSWERED)}
    for number in crossed():
        row = found[number]
        assert (row["outcome"], row["ledger"]) == ("abandoned", ["attempt", "abandoned"])
        assert row["answered_at"] is not None
        assert row["alarmed"]
