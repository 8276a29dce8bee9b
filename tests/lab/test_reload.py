"""A browser reloaded in mid-call, a lost websocket, hold and a pause of the recording: the call goes on."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from dialer.cli.demo import PASSWORD
from recordings.measure import RIGHT, levels
from tests.lab.browser_agent import BrowserAgent, voice
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIVE = "SELECT id, state, agent_id FROM attempts WHERE state = 'connected'"
ONE = "SELECT state, outcome, version, connected_at, ended_at FROM attempts WHERE id = $1"
EVENTS = "SELECT event FROM attempt_events WHERE attempt_id = $1 ORDER BY version"
MARKS = "SELECT kind FROM recording_marks WHERE attempt_id = $1 ORDER BY at"
RECORDED = "SELECT path, duration_ms FROM recordings WHERE attempt_id = $1 AND status = 'archived'"


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    with Whole(
        "--bots", "0", "--debtors", "30", "--tempo", "0.3", "--screening", "off", "--seed", "5"
    ) as running:
        running.login()
        running.set(ring_limit=15)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ana(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BrowserAgent]:
    microphone = voice(tmp_path_factory.mktemp("mic") / "microphone.wav")
    async with BrowserAgent(whole.web, "ana", PASSWORD, microphone) as ana:
        await ana.starts_shift()
        whole.campaign("start")
        yield ana


async def _connected(whole: Whole) -> Any:
    """A call that has just been joined."""
    rows = await eventually_async(lambda: whole.rows(LIVE), 120, whole.log)
    return rows[0]["id"]


async def test_a_reload_keeps_the_person_on_the_line(whole: Whole, ana: BrowserAgent) -> None:
    call_id = await _patient(whole, ana)
    await ana.page.reload()
    await ana.page.wait_for_selector("[data-test=state][data-state=on_call]", timeout=20_000)
    await ana.page.wait_for_selector("[data-test=leg][data-leg=up][data-phone=leg_up]", timeout=20_000)
    row = (await whole.rows(ONE, call_id))[0]
    assert row["state"] == "connected", [dict(event) for event in await whole.rows(EVENTS, call_id)]
    await _hears_again(ana)
    await ana.page.keyboard.press("F9")
    await ana.page.wait_for_selector("[data-test=state][data-state=wrap_up]", timeout=10_000)
    row = (await whole.rows(ONE, call_id))[0]
    assert row["outcome"] == "conversation"
    recorded = (await eventually_async(lambda: whole.rows(RECORDED, call_id), 60, whole.log))[0]
    seconds = (row["ended_at"] - row["connected_at"]).total_seconds()
    heard = levels(whole.archive / recorded["path"], RIGHT)
    assert heard.active() > 0.25 * seconds, "the agent was not heard after the reload"
    await _disposes(ana)


async def test_a_pause_of_the_recording_is_silent_in_the_file(whole: Whole, ana: BrowserAgent) -> None:
    call_id = await _patient(whole, ana)
    await ana.page.click("[data-test=pause-recording]")
    await ana.page.wait_for_selector("[data-test=recording][data-recording=paused]", timeout=5_000)
    await ana.page.wait_for_timeout(2_500)
    await ana.page.click("[data-test=pause-recording]")
    await ana.page.wait_for_selector("[data-test=recording][data-recording=on]", timeout=5_000)
    await ana.page.keyboard.press("F9")
    await ana.page.wait_for_selector("[data-test=state][data-state=wrap_up]", timeout=10_000)
    assert [mark["kind"] for mark in await whole.rows(MARKS, call_id)] == ["paused", "resumed"]
    recorded = (await eventually_async(lambda: whole.rows(RECORDED, call_id), 60, whole.log))[0]
    loud = levels(whole.archive / recorded["path"], RIGHT)
    assert _longest_silence(loud.dbfs, loud.frame) > 1.8
    await _disposes(ana)


async def _patient(whole: Whole, ana: BrowserAgent) -> Any:
    """Work through the list until a person is on the line who stays."""
    while True:
        call_id = await _connected(whole)
        number = (await whole.rows("SELECT number FROM attempts WHERE id = $1", call_id))[0]["number"]
        if any(call.number == number and call.behaviour == "patient" for call in whole.truth()):
            await ana.page.wait_for_selector("[data-test=state][data-state=on_call]", timeout=10_000)
            return call_id
        await ana.takes_a_call(seconds=0.5, limit=20)


async def _hears_again(ana: BrowserAgent) -> None:
    """Audio arrives in the new page (the badge is made from what getStats() counts) and may be played."""
    await ana.page.wait_for_selector("[data-test=quality]", timeout=20_000)
    assert await ana.page.query_selector("[data-test=phone-problem]") is None


async def _disposes(ana: BrowserAgent) -> None:
    await ana.page.keyboard.press("Alt+3")
    await ana.page.keyboard.press("Control+Enter")
    await ana.page.wait_for_selector("[data-test=state]:not([data-state=wrap_up])", timeout=10_000)


def _longest_silence(dbfs: Any, frame: float) -> float:
    longest = run = 0
    for level in dbfs:
        run = run + 1 if level < -60 else 0
        longest = max(longest, run)
    return longest * frame
