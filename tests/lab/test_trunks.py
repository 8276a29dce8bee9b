"""Trunks that break real calls: they rest, people are not charged, a spare one takes over, calling resumes.

Each scene begins with a trunk that works and a campaign that is paused; rests are the product's own.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from dialer.model.breaker import FEWEST_FAILED, FEWEST_REFUSED, FIRST_REST, WINDOW
from sip_lab.telephones.habits import RETRY_AFTER
from sip_lab.truth import CallTruth
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = pytest.mark.asyncio(loop_scope="module")

IN_FLIGHT = 12
"""Calls that may be under way when the trunk breaks: four agents, three calls each."""
LATE = 3.0
"""Seconds after the end of a rest within which the call that tries is there, however busy the machine."""
EXACT = 0.3
"""Seconds by which the truth and the engine may differ about an instant."""
LIMIT = 60.0
ENDED = """
SELECT a.number, a.outcome, a.reason, a.trunk, a.agent_id, l.attempts, l.status,
       CASE WHEN isfinite(l.next_at) THEN l.next_at - a.ended_at END AS rest, f.status AS phone,
       array(SELECT c.kind FROM contacts c WHERE c.attempt_id = a.id ORDER BY c.kind) AS ledger,
       is_suppressed(a.number, now()) AS silenced
FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN phones f ON f.id = a.phone_id
WHERE a.state = 'ended' AND a.placed_at >= $1
"""
OPEN = "SELECT 1 FROM attempts WHERE state <> 'ended'"
NOW = "SELECT now() AS now"
AT_WORK = "SELECT count(DISTINCT agent_id) AS n FROM agent_log WHERE state = 'ready'"
DEAD = "SELECT 1 FROM phones WHERE status = 'dead'"


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "4", "--debtors", "400", "--tempo", "0.25", "--talk", "3", "--wrap", "1", "--drawn"]
    with Whole(*options, "--mode", "power", "--seed", "5") as running:
        running.login()
        running.set(ring_limit=15, calls_per_agent=3.0, screening="off", max_abandonment=0.1)
        running.mix("busy=1")
        running.cadencia("trunks", "set", "backup", "--prefix", "00")
        yield running


@dataclass
class Scene:
    """What happened since its beginning."""

    whole: Whole
    since: Any

    def calls(self, trunk: str = "carrier") -> list[CallTruth]:
        """What reached a trunk, in order."""
        at = self.since.timestamp()
        return [call for call in self.whole.truth() if call.invited >= at and call.trunk == trunk]

    def most(self) -> int:
        """Calls that may fail on it until it rests: as many as got through of late, and those under way."""
        at = self.since.timestamp()
        through = [
            c
            for c in self.whole.truth()
            if c.trunk == "carrier" and at - WINDOW.total_seconds() < c.invited < at
        ]
        return max(FEWEST_FAILED, len(through)) + IN_FLIGHT

    async def ended(self) -> list[Any]:
        """What our books say."""
        return await self.whole.rows(ENDED, self.since)

    def alarms(self, kind: str) -> list[dict[str, Any]]:
        """What the supervisor's page lists."""
        page = self.whole.http.get("/api/v1/alarms").raise_for_status().json()
        return [
            one for one in page["items"] if one["kind"] == kind and one["last_at"] >= self.since.isoformat()
        ]

    async def until(self, count: int, behaviour: str, trunk: str = "carrier") -> list[CallTruth]:
        """So many calls on a trunk were treated so."""

        async def there() -> list[CallTruth]:
            found = [call for call in self.calls(trunk) if call.behaviour == behaviour]
            return found if len(found) >= count else []

        return await eventually_async(there, LIMIT, self.whole.log)

    async def rests(self) -> dict[str, Any]:
        """A trunk broke; its alarm, once all calls are over."""

        async def alarmed() -> list[dict[str, Any]]:
            return self.alarms("trunk_open")

        (alarm,) = await eventually_async(alarmed, LIMIT, self.whole.log)
        await self.settles()
        return alarm

    async def settles(self) -> None:
        """No call is under way."""

        async def over() -> bool:
            return not await self.whole.rows(OPEN)

        await eventually_async(over, LIMIT, self.whole.log)


@pytest_asyncio.fixture(loop_scope="module")
async def scene(whole: Whole) -> AsyncIterator[Scene]:
    """The campaign runs; afterwards it is paused, and nothing is under way."""

    async def at_work() -> bool:
        return int((await whole.rows(AT_WORK))[0]["n"]) == 4

    await eventually_async(at_work, LIMIT, whole.log)
    playing = Scene(whole, (await whole.rows(NOW))[0]["now"])
    yield playing
    whole.campaign("pause")
    for trunk in ("carrier", "backup"):
        whole.trunk(f"{trunk}=works")
    await playing.settles()


async def test_404_for_a_while_kills_nobody_and_one_call_at_a_time_finds_out_when_it_is_over(
    whole: Whole, scene: Scene
) -> None:
    whole.trunk("carrier=unallocated")
    whole.campaign("start")
    alarm = await scene.rests()
    assert alarm["subject"] == "carrier"
    assert alarm["detail"].startswith(f"SIP 404: {FEWEST_REFUSED} of {FEWEST_REFUSED}; rests until ")
    refused = scene.calls()
    assert FEWEST_REFUSED <= len(refused) < FEWEST_REFUSED + IN_FLIGHT
    (*_, first_try) = await scene.until(len(refused) + 1, "unallocated")
    assert first_try.invited - (refused[-1].ended or 0) >= FIRST_REST.total_seconds() - EXACT
    whole.trunk("carrier=works")
    tried = await scene.until(2, "busy")
    rest = tried[0].invited - (first_try.ended or 0)
    assert 2 * FIRST_REST.total_seconds() - EXACT <= rest <= 2 * FIRST_REST.total_seconds() + LATE
    assert tried[1].invited > (tried[0].ended or 0)  # one call tries it, and only then all others follow
    assert sum(call.behaviour == "unallocated" for call in scene.calls()) == len(refused) + 1
    whole.campaign("pause")
    await scene.settles()
    rows = [row for row in await scene.ended() if row["outcome"] == "unallocated"]
    assert len(rows) == len(refused) + 1
    assert {row["phone"] for row in rows} == {"unknown"}
    assert {row["status"] for row in rows} == {"open"}
    assert all(timedelta(hours=23) < row["rest"] < timedelta(hours=25) for row in rows)
    assert not await whole.rows(DEAD)


async def test_503_to_all_is_charged_to_nobody_and_the_carriers_retry_after_is_heeded(
    whole: Whole, scene: Scene
) -> None:
    whole.trunk("carrier=overloaded")
    whole.campaign("start")
    alarm = await scene.rests()
    assert alarm["detail"].startswith("SIP 503: ")
    broken = scene.calls()
    assert FEWEST_FAILED <= len(broken) <= scene.most()
    whole.trunk("carrier=works")
    rows = await scene.ended()
    assert {(row["outcome"], row["reason"]) for row in rows} <= {
        ("congestion", "SIP 503"),
        ("cancelled", "every trunk rests"),
    }
    assert {row["status"] for row in rows} == {"open"}  # given back
    assert {row["attempts"] for row in rows} == {0}
    assert all(row["ledger"] == ["attempt", "failed"] for row in rows)
    assert all(row["rest"] >= timedelta(minutes=14) for row in rows)
    tried = await scene.until(2, "busy")
    rest = tried[0].invited - (broken[-1].ended or 0)
    assert RETRY_AFTER - EXACT <= rest <= RETRY_AFTER + LATE


async def test_while_one_trunk_rests_calls_go_out_on_the_next_in_its_own_form(
    whole: Whole, scene: Scene
) -> None:
    whole.set(spare_trunks=["backup"])
    whole.trunk("carrier=congestion")
    whole.campaign("start")
    taken_over = await scene.until(IN_FLIGHT, "busy", "backup")
    broken = scene.calls()
    assert FEWEST_FAILED <= len(broken) <= scene.most()
    assert taken_over[0].invited - broken[-1].invited < LATE
    assert all(call.dialled == f"00{call.number[1:]}" for call in taken_over)
    assert all(call.dialled == call.number for call in broken)
    assert [alarm["subject"] for alarm in scene.alarms("trunk_open")] == ["carrier"]
    whole.trunk("carrier=works")
    await scene.until(1, "busy")
    whole.campaign("pause")
    await scene.settles()
    came = {call.number: call.trunk for call in (*scene.calls(), *scene.calls("backup"))}
    placed = {row["number"]: row["trunk"] for row in await scene.ended() if row["outcome"] != "cancelled"}
    assert placed == came


async def test_what_a_single_call_is_told_is_an_outcome_of_its_own(whole: Whole, scene: Scene) -> None:
    whole.mix("rejected=2,unwanted=2,blocked=1")
    whole.campaign("start")
    for behaviour in ("rejected", "unwanted", "blocked"):
        await scene.until(2, behaviour)
    whole.campaign("pause")
    await scene.settles()
    told = {call.number: call.behaviour for call in scene.calls()}
    rows = await scene.ended()
    assert {(told[row["number"]], row["outcome"]) for row in rows} == {
        ("rejected", "declined"),
        ("unwanted", "unwanted"),
        ("blocked", "caller_blocked"),
    }
    assert {row["outcome"] for row in rows if row["silenced"]} == {"unwanted"}
    assert all(row["silenced"] for row in rows if row["outcome"] == "unwanted")
    failed = {row["outcome"] for row in rows if "failed" in row["ledger"]}
    assert failed == {"caller_blocked"}  # it rang at nobody's
    (alarm,) = scene.alarms("caller_id_blocked")
    assert alarm["subject"] == "+34910000000"
    assert not scene.alarms("trunk_open")


async def test_who_answers_without_a_codec_in_common_was_not_spoken_to(whole: Whole, scene: Scene) -> None:
    whole.mix("no-codec=1,busy=3")
    whole.campaign("start")
    await scene.until(2, "no-codec")
    whole.campaign("pause")
    await scene.settles()
    answered = {call.number for call in scene.calls() if call.behaviour == "no-codec" and call.answered}
    rows = [row for row in await scene.ended() if row["number"] in answered]
    assert len(rows) == len(answered) >= 2
    assert {row["agent_id"] for row in rows} == {None}
    assert {row["phone"] for row in rows} == {"unknown"}  # 488 is our fault, not the number's
    assert {row["outcome"] for row in rows} == {"no_media"}
    assert all(row["ledger"] == ["attempt"] for row in rows)
    assert {row["attempts"] for row in rows} == {1}  # it rang: their caps count it, and it rests a day
    assert all(row["rest"] >= timedelta(hours=23.9) for row in rows)
