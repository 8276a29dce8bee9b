"""A seeded campaign of 200 numbers, 4 bots and a person in Chromium, held against the carrier's truth."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import pytest_asyncio

from dialer.cli.demo import PASSWORD
from recordings.measure import LEFT, RIGHT, active_seconds
from sip_lab.behaviours import BY_NAME
from sip_lab.truth import CallTruth
from tests.lab.browser_agent import BrowserAgent, voice
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole, numbers

pytestmark = [pytest.mark.alone, pytest.mark.asyncio(loop_scope="module")]

NUMBERS = 200
ATTEMPTS = """
SELECT a.id, a.number, a.state, a.outcome, a.agent_id, a.verdict, a.reason, a.answered_at, a.connected_at,
       a.ended_at, a.verdict_at, r.status, r.path, r.duration_ms, g.endpoint
FROM attempts a LEFT JOIN recordings r ON r.attempt_id = a.id LEFT JOIN agents g ON g.id = a.agent_id
"""
UNCALLED = """
SELECT count(*) AS n FROM leads l WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.lead_id = l.id)
"""
OPEN = "SELECT 1 FROM attempts WHERE state <> 'ended'"
UNRECORDED = """
SELECT a.id FROM attempts a LEFT JOIN recordings r ON r.attempt_id = a.id
WHERE a.answered_at IS NOT NULL AND r.id IS NULL
"""
EVENTS = "SELECT attempt_id, count(*) AS n, max(version) AS last FROM attempt_events GROUP BY attempt_id"

NEVER_FOR_AGENTS = {"busy", "no-answer", "rejected", "unallocated", "congestion", "intercept"}


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "4", "--debtors", str(NUMBERS), "--tempo", "0.25", "--talk", "4", "--wrap", "1"]
    with Whole(*options, "--seed", "11") as running:
        running.login()
        running.set(ring_limit=15, mode="power", calls_per_agent=3.0, max_abandonment=0.1)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The campaign run to its end; names that the person in the browser spoke to."""
    microphone = voice(tmp_path_factory.mktemp("mic") / "microphone.wav")
    names: list[str] = []
    async with BrowserAgent(whole.web, "ana", PASSWORD, microphone) as ana:
        await ana.starts_shift()
        whole.campaign("start")
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(_works(ana, names), name="ana")
            await eventually_async(lambda: _all_called(whole), 600, whole.log)
            working.cancel()
        assert not ana.errors
    await eventually_async(lambda: _none(whole, OPEN), 90, whole.log)
    await eventually_async(lambda: _none(whole, UNRECORDED), 60, whole.log)
    return names


async def _works(ana: BrowserAgent, names: list[str]) -> None:
    while True:
        names.append(await ana.takes_a_call(seconds=4, limit=300))


async def _all_called(whole: Whole) -> bool:
    return int((await whole.rows(UNCALLED))[0]["n"]) == 0


async def _none(whole: Whole, sql: str) -> bool:
    return not await whole.rows(sql)


async def test_every_number_was_rung_once_and_the_three_books_agree(whole: Whole, played: list[str]) -> None:
    attempts = {row["number"]: row for row in await whole.rows(ATTEMPTS)}
    calls = {call.number: call for call in whole.truth()}
    assert len(attempts) == NUMBERS
    assert set(calls) == set(attempts)
    assert set(numbers(whole.truth()).values()) == {1}
    for number, call in calls.items():
        row = attempts[number]
        assert row["state"] == "ended"
        assert (row["answered_at"] is not None) == (call.answered is not None), (number, call, dict(row))
        assert (row["status"] == "archived") or not _long_enough(row), dict(row)
    for events in await whole.rows(EVENTS):
        assert events["n"] == events["last"]


def _long_enough(row: Any) -> bool:
    answered, ended = row["answered_at"], row["ended_at"]
    return answered is not None and (ended - answered).total_seconds() > 1.0


async def test_no_busy_no_answer_tone_or_rejected_call_reached_an_agent(
    whole: Whole, played: list[str]
) -> None:
    spoke = {row["number"] for row in await whole.rows(ATTEMPTS) if row["connected_at"] is not None}
    reached = [call.behaviour for call in whole.truth() if call.number in spoke]
    assert NEVER_FOR_AGENTS.isdisjoint(reached)


async def test_every_person_is_connected_or_gets_the_message_but_for_the_errors_of_amd(
    whole: Whole, played: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row["number"]: row for row in await whole.rows(ATTEMPTS)}
    people = [call for call in whole.truth() if _stayed_on_the_line(call)]
    wrong = [call for call in people if rows[call.number]["outcome"] == "machine"]
    served = Counter(rows[call.number]["outcome"] for call in people)
    lines = [f"people who stayed on the line: {dict(served)}; AMD() took {len(wrong)} for machines:"]
    lines += [f"  {call.behaviour:10s} {rows[call.number]['reason']}" for call in wrong]
    machines = [c for c in whole.truth() if c.answered and not BY_NAME[c.behaviour].live]
    connected = [c for c in machines if rows[c.number]["connected_at"] is not None]
    lines += [f"machines and faxes answered: {len(machines)}; AMD() let {len(connected)} through"]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert len(people) > 30
    assert set(served) <= {"conversation", "abandoned", "machine", "hung_up_early", "unserved"}
    for call in people:
        if rows[call.number]["outcome"] in ("hung_up_early", "unserved"):
            assert call.hung_up_by != "caller", call


def _stayed_on_the_line(call: CallTruth) -> bool:
    return call.answered is not None and BY_NAME[call.behaviour].live and call.behaviour != "quitter"


async def test_recordings_have_speech_on_both_sides(whole: Whole, played: list[str]) -> None:
    spoken = [row for row in await whole.rows(ATTEMPTS) if _conversation(row)]
    talkers = {call.number: call.behaviour for call in whole.truth()}
    assert spoken
    for row in spoken:
        path = whole.archive / row["path"]
        assert active_seconds(path, RIGHT) > 0.3, dict(row)
        if talkers[row["number"]] != "silent":
            assert active_seconds(path, LEFT) > 0.3, dict(row)
    by_hand = [row for row in spoken if row["endpoint"].startswith("web-")]
    assert by_hand, "nobody reached the person in the browser"


def _conversation(row: Any) -> bool:
    if row["connected_at"] is None or row["status"] != "archived":
        return False
    return bool((row["ended_at"] - row["connected_at"]).total_seconds() > 2.5)


async def test_the_browser_showed_who_was_on_the_line(whole: Whole, played: list[str]) -> None:
    assert played
    known = await whole.rows("SELECT name FROM persons")
    names: Sequence[str] = [row["name"] for row in known]
    assert set(played) <= set(names)
