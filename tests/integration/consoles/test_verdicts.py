"""What answered: listed, heard, corrected, added up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.consoles.desk import Desk

VERDICT = """
    INSERT INTO call_verdicts (attempt_id, stage, campaign_id, at, source, verdict, cause, p, after, model,
        features, audio, audited)
    VALUES ($1, $2, $3, $4, 'progress', 'machine', 'talking', 0.97, 3.1, 'm1', '{"speech": 2.5}', $5, $6)
"""


async def heard(desk: Desk, stage: str = "answer", audio: str = "", audited: bool = False) -> str:
    """A machine verdict of the known call."""
    known = desk.known
    now = datetime.now(UTC)
    await desk.pool.execute(VERDICT, known.attempt, stage, known.campaign, now, audio, audited)
    return str(known.attempt)


async def test_a_verdict_is_listed_with_its_evidence_and_corrected_once_for_all(desk: Desk) -> None:
    attempt = await heard(desk)
    async with desk.user("quim") as client:
        (row,) = (await client.get("/verdicts", params={"verdict": "machine"})).json()["items"]
        assert (row["p"], row["features"], row["correction"]) == (pytest.approx(0.97), {"speech": 2.5}, None)
        assert "222" in row["masked_number"]
        assert (await client.get("/verdicts", params={"verdict": "fax"})).json()["items"] == []
        told = await client.post(f"/verdicts/{attempt}/answer/correction", json={"truth": "person"})
        assert told.status_code == 204, told.text
        (row,) = (await client.get("/verdicts", params={"attempt_id": attempt})).json()["items"]
        assert (row["correction"], row["corrected_by"] is not None) == ("person", True)
        assert (await client.get("/verdicts", params={"uncorrected": "true"})).json()["items"] == []
    assert await desk.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'verdict.corrected'") == 1


@pytest.mark.parametrize("truth", ["dog", "", None])
async def test_other_truths_and_other_calls_are_refused(desk: Desk, truth: str | None) -> None:
    attempt = await heard(desk)
    async with desk.user("quim") as client:
        wrong = await client.post(f"/verdicts/{attempt}/answer/correction", json={"truth": truth})
        assert wrong.status_code == 422
        none = await client.post(f"/verdicts/{attempt}/late/correction", json={"truth": "person"})
        assert none.status_code == 404


async def test_agents_hear_nothing_of_it(desk: Desk) -> None:
    attempt = await heard(desk)
    async with desk.user("ana") as client:
        for path in (
            "/verdicts",
            f"/verdicts/{attempt}/answer/audio",
            f"/campaigns/{desk.known.campaign}/progress",
        ):
            assert (await client.get(path)).status_code == 403


@pytest.mark.parametrize("place", ["", "no/such.flac", "../../etc/passwd"])
async def test_what_is_not_kept_cannot_be_heard(desk: Desk, place: str) -> None:
    attempt = await heard(desk, audio=place)
    async with desk.user("quim") as client:
        assert (await client.get(f"/verdicts/{attempt}/answer/audio")).status_code == 404
    assert Path(place).is_absolute() is False


async def test_the_report_tells_the_bound_of_the_audits(desk: Desk) -> None:
    attempt = await heard(desk, audited=True)
    async with desk.user("quim") as client:
        await client.post(f"/verdicts/{attempt}/answer/correction", json={"truth": "machine"})
        report = (await client.get(f"/campaigns/{desk.known.campaign}/progress")).json()
        assert (report["audited"], report["wrong"]) == (1, 0)
        assert report["upper_bound"] == pytest.approx(0.95, abs=1e-6)
        assert 0.0 < report["estimate"] < 0.03
        (count,) = report["counts"]
        assert (count["verdict"], count["count"], count["seconds"]) == ("machine", 1, pytest.approx(3.1))
        assert (await client.get("/campaigns/99999/progress")).status_code == 404
