"""Call progress on real calls: every answer ends as what it is, and nobody pays for a dead detector."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soundfile as sf

from dialer.call_progress.announcement_files import recording, save
from dialer.call_progress.announcements import enrol
from dialer.call_progress.heard import HeardOutcome
from sip_lab.behaviours import BY_NAME
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = [pytest.mark.alone, pytest.mark.asyncio(loop_scope="module")]

NETWORK = (
    "busy=1,busy-tone=2,congestion-tone=1,off=2,intercept=1,answered-busy=2,answered-sit=2,fax=1,"
    "fax-calling=1"
)
ANSWERS = "person=5,silent=2,business=1,music-ring=2,voicemail-now=5,pausey-voicemail=1,unallocated=1"
"""Two mixes: Asterisk's expressions are not deep enough for all of it at once."""
LEAVING = "voicemail-now=1"
CALLS, MESSAGES, KILLED = 55, 3, 40
ENDED = "SELECT count(*) AS n FROM attempts WHERE state = 'ended'"
OPEN = "SELECT count(*) AS n FROM attempts WHERE state <> 'ended'"
LEFT = "SELECT count(*) AS n FROM attempts WHERE outcome = 'message_left'"
ATTEMPTS = """
SELECT a.number, a.outcome, a.verdict, a.reason, a.connected_at, a.answered_at, a.placed_at, a.ended_at,
       v.verdict AS heard, v.stage, v.cause, v.p, v.audio, v.audited
FROM attempts a LEFT JOIN call_verdicts v ON v.attempt_id = a.id AND v.stage <> 'late'
WHERE a.state = 'ended' AND a.placed_at > $1
"""
NOW = "SELECT clock_timestamp() AS now"
LIMIT = 150

EXPECTED = {
    "busy": {"busy"},
    "busy-tone": {"busy"},
    "answered-busy": {"busy"},
    "congestion-tone": {"congestion"},
    "off": {"unreachable"},
    "intercept": {"intercept"},
    "answered-sit": {"intercept"},
    "unallocated": {"unallocated"},
    "fax": {"fax"},
    "fax-calling": {"fax"},
}
"""Behaviours that are no person and no machine → outcomes they may have."""
PEOPLE = {"person", "silent", "business", "music-ring"}


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "12", "--debtors", "900", "--tempo", "0.45", "--talk", "3", "--wrap", "1", "--drawn"]
    with Whole(*options, "--mode", "progressive", "--seed", "5") as running:
        running.login()
        running.set(ring_limit=15, max_lines=60, max_cps=20, audit_share=0.0)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(whole: Whole) -> list[tuple[str, Any]]:
    """The campaign, after an operator taught the detector one announcement: (behaviour, attempt)."""
    (voice,) = Path(whole.lab["voices"]).glob("es/off.wav")
    save(
        Path(whole.env["CADENCIA_ANNOUNCEMENTS"]), enrol("off-es", HeardOutcome.UNREACHABLE, recording(voice))
    )
    await eventually_async(lambda: _knows_announcements(whole), 30, whole.log)
    started = (await whole.rows(NOW))[0]["now"]
    whole.mix(NETWORK)
    whole.campaign("start")
    await _until(whole, ENDED, CALLS)
    whole.mix(ANSWERS)
    await _until(whole, ENDED, 2 * CALLS)
    return await _settled(whole, started)


async def _knows_announcements(whole: Whole) -> bool:
    port = whole.env["CADENCIA_PROGRESS_METRICS_PORT"]
    return "dialer_progress_announcements 1.0" in whole.http.get(f"http://127.0.0.1:{port}/metrics").text


async def _until(whole: Whole, sql: str, count: int) -> None:
    async def there() -> bool:
        return int((await whole.rows(sql))[0]["n"]) >= count

    await eventually_async(there, LIMIT, whole.log)


async def _settled(whole: Whole, since: object) -> list[tuple[str, Any]]:
    """Pause, let the calls end, and tell what each of them was."""
    whole.campaign("pause")

    async def over() -> bool:
        return int((await whole.rows(OPEN))[0]["n"]) == 0

    await eventually_async(over, 90, whole.log)
    behaviours = {call.number: call.behaviour for call in whole.truth()}
    return [(behaviours[row["number"]], row) for row in await whole.rows(ATTEMPTS, since)]


async def test_what_is_no_person_ends_as_what_it_is(
    played: list[tuple[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for behaviour, row in played:
        table[behaviour][row["outcome"] + (" (connected)" if row["connected_at"] else "")] += 1
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(f"{name:18} {dict(table[name])}" for name in sorted(table)) + "\n")
    wrong = [
        (b, r["outcome"], r["reason"]) for b, r in played if b in EXPECTED and r["outcome"] not in EXPECTED[b]
    ]
    assert not wrong
    assert set(EXPECTED) <= set(table), "a behaviour was never drawn"


async def test_no_busy_line_tone_or_fax_was_ever_connected(played: list[tuple[str, Any]]) -> None:
    assert not [(b, r["reason"]) for b, r in played if b in EXPECTED and r["connected_at"]]


async def test_early_media_is_ended_by_us_and_never_answered(
    whole: Whole, played: list[tuple[str, Any]]
) -> None:
    early = [row for behaviour, row in played if behaviour in ("busy-tone", "congestion-tone", "off")]
    assert all(row["answered_at"] is None and row["stage"] == "early" for row in early)
    ended = {call.number: call.hung_up_by for call in whole.truth()}
    assert {ended[row["number"]] for row in early} == {"caller"}


async def test_people_are_people(played: list[tuple[str, Any]]) -> None:
    """All of them are heard on real lines, companies with their long greetings too."""
    taken = [
        (b, r["reason"]) for b, r in played if b in PEOPLE and r["outcome"] in ("machine", "fax", "busy")
    ]
    assert not taken
    silent = [row for behaviour, row in played if behaviour == "silent" and row["heard"]]
    assert all(row["heard"] in ("human", "unsure") for row in silent)


async def test_machines_are_recognised_or_found_out(played: list[tuple[str, Any]]) -> None:
    machines = [row for behaviour, row in played if behaviour == "voicemail-now"]
    recognised = [row for row in machines if row["outcome"] == "machine"]
    assert len(recognised) >= 0.7 * len(machines)


async def test_every_verdict_keeps_its_evidence(whole: Whole, played: list[tuple[str, Any]]) -> None:
    heard = [row for _, row in played if row["stage"] == "answer"]
    assert heard
    folder = Path(whole.env["CADENCIA_PROGRESS_AUDIO"])
    assert all((folder / row["audio"]).stat().st_size > 0 for row in heard)


async def test_a_message_is_left_after_the_beep_and_not_before(
    whole: Whole, played: list[tuple[str, Any]]
) -> None:
    whole.set(on_voicemail="leave_message")
    whole.mix(LEAVING)
    whole.campaign("start")
    await _until(whole, LEFT, MESSAGES)
    whole.campaign("pause")
    calls = {call.number: call for call in whole.truth()}
    rows = await whole.rows("SELECT number, ended_at FROM attempts WHERE outcome = 'message_left'")
    for row in rows[:MESSAGES]:
        assert calls[row["number"]].beeped is not None
        spoken, rate = sf.read(
            Path(whole.lab["carrier"]["heard_dir"]) / f"voicemail-{row['number'].lstrip('+')}-in.wav"
        )
        loud = np.flatnonzero(np.abs(spoken) > 0.02)
        assert loud.size > 2 * rate, "nothing was said after the beep"
        assert loud[-1] / rate < row["ended_at"].timestamp() - (calls[row["number"]].beeped or 0) + 0.5


async def test_a_detector_killed_in_mid_campaign_drops_nobody(
    whole: Whole, played: list[tuple[str, Any]]
) -> None:
    whole.set(on_voicemail="hang_up")
    whole.mix("patient=3,person=1")
    started = (await whole.rows(NOW))[0]["now"]
    before = int((await whole.rows(ENDED))[0]["n"])
    whole.campaign("start")
    await _until(whole, ENDED, before + 3)
    whole.kill(whole.pid("progress"))
    await _until(whole, ENDED, before + KILLED)
    found = await _settled(whole, started)
    answered = [(b, row) for b, row in found if row["answered_at"] is not None]
    assert len(answered) >= 10
    dropped = [
        (b, r["outcome"], r["reason"])
        for b, r in answered
        if r["outcome"] not in ("conversation", "abandoned", "hung_up_early", "unserved")
    ]
    assert not dropped
    assert all(BY_NAME[behaviour].live for behaviour, _ in answered)
    alarms = await whole.rows("SELECT count(*) AS n FROM alarms WHERE kind = 'detector_down'")
    assert alarms[0]["n"] >= 1
