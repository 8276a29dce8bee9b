"""The demo as somebody who tries it sees it: honest bots, a world that goes on, nothing told to strangers."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import pytest
import pytest_asyncio

from sip_lab.behaviours import BY_NAME
from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole

pytestmark = [pytest.mark.alone, pytest.mark.asyncio(loop_scope="module")]

SAID = """
SELECT a.id, a.number, a.outcome, d.code, c.kind, v.audited
FROM attempts a JOIN call_verdicts v ON v.attempt_id = a.id AND v.stage = 'answer'
JOIN call_dispositions d ON d.attempt_id = a.id JOIN dispositions c USING (code)
WHERE a.direction = 'outbound' AND v.audited ORDER BY d.at
"""
SPOKEN = """
SELECT a.number, d.code, c.kind FROM attempts a
JOIN call_dispositions d ON d.attempt_id = a.id JOIN dispositions c USING (code)
WHERE a.direction = 'outbound' AND a.outcome = 'conversation' AND d.agent_id IS NOT NULL
"""
TALKS = ("right_party", "third_party")


class Lively(Whole):
    """A demo that goes on."""

    program: ClassVar = ("dialer", "demo", "--no-start", "--port", "0")


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "4", "--debtors", "90", "--campaigns", "2", "--talk", "8", "--wrap", "1"]
    with Lively(*options, "--drawn", "--mode", "progressive", "--seed", "11") as running:
        running.login()
        running.mix("person=3,voicemail-now=4,silent=1")
        running.set(audit_share=1.0, max_abandonment=0.1)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def it_runs(whole: Whole) -> None:
    """Both campaigns."""
    whole.campaign("start")
    whole.http.post("/api/v1/campaigns/2/start", json={"reason": "test"}).raise_for_status()


async def test_what_bots_say_of_whom_they_had_is_what_the_carrier_knows(whole: Whole) -> None:
    """Audited machines that somebody was joined to are disposed of as such, persons never."""

    async def enough() -> list[Any]:
        audited, spoken = await whole.rows(SAID), await whole.rows(SPOKEN)
        machines = [row for row in audited if row["code"] == "machine"]
        return audited if len(machines) >= 3 and len(spoken) >= 8 else []

    audited = await eventually_async(enough, 300, whole.log)
    people = {call.number for call in whole.truth() if BY_NAME[call.behaviour].live}
    spoken = await whole.rows(SPOKEN)
    assert [row for row in (*audited, *spoken) if row["kind"] in TALKS and row["number"] not in people] == []
    assert [row for row in (*audited, *spoken) if row["code"] == "machine" and row["number"] in people] == []
    assert [row for row in spoken if row["kind"] in TALKS]


async def test_a_postgres_that_dies_is_waited_for(whole: Whole) -> None:
    before = (await whole.rows("SELECT count(*) AS n FROM attempts"))[0]["n"]
    died = whole.lab["postgres"]["pid"]
    os.kill(died, signal.SIGKILL)

    async def goes_on() -> list[Any]:
        try:
            return await whole.rows("SELECT 1 FROM attempts HAVING count(*) > $1", before + 3)
        except (OSError, asyncpg.PostgresError):
            return []

    await eventually_async(goes_on, 120, whole.log)
    assert whole.lab["postgres"]["pid"] != died


async def test_no_stranger_on_the_machine_reads_a_secret(whole: Whole) -> None:
    state = whole.state / "demo"
    lab, accounts = whole.lab, json.loads((state / "bots.json").read_text())
    secrets = {lab["pbx"]["ami_secret"], lab["carrier"]["ami_secret"], accounts[0]["password"]}
    secrets |= {one["sip_password"] for one in lab["web_agents"]}
    secrets |= {value for key, value in whole.env.items() if "SECRET" in key}
    told = await asyncio.to_thread(_readable, state)
    assert told, "the laboratory's own files can be read"
    assert [path for path, text in told.items() if any(secret.encode() in text for secret in secrets)] == []


def _readable(folder: Path) -> dict[Path, bytes]:
    """Files that somebody else may read, with what they begin with."""
    found: dict[Path, bytes] = {}
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if os.lstat(Path(here, name)).st_mode & 0o001]
        for path in (Path(here, name) for name in files):
            if path.lstat().st_mode & 0o004 and path.is_file():
                found[path] = path.read_bytes()[:4_000_000]
    return found
