"""The QA desk: search, listen, comment, grade."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from consoles.recordings import NEWEST
from consoles.sql import SQL
from tests.integration.consoles.desk import SOUND, Desk


def searches(desk: Desk) -> list[tuple[dict[str, str], int]]:
    """Query and how many recordings it finds."""
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    return [
        ({}, 1),
        ({"agent_id": str(desk.known.users["ana"])}, 1),
        ({"agent_id": str(desk.known.users["bea"])}, 0),
        ({"campaign_id": str(desk.known.campaign)}, 1),
        ({"from": (now - hour).isoformat(), "to": now.isoformat()}, 1),
        ({"from": now.isoformat()}, 0),
        ({"min_seconds": "61", "max_seconds": "61"}, 1),
        ({"min_seconds": "62"}, 0),
        ({"disposition": "promise", "outcome": "conversation"}, 1),
        ({"disposition": "callback"}, 0),
        ({"q": "muñoz"}, 1),
        ({"q": "0111"}, 1),
        ({"q": "600 11 12 22"}, 1),
        ({"q": "600 11 12 23"}, 0),
        ({"q": "c-1"}, 1),
        ({"q": "%"}, 0),
    ]


async def test_search_finds_by_everything(desk: Desk) -> None:
    async with desk.user("quim") as client:
        for query, found in searches(desk):
            answer = await client.get("/recordings", params=query)
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["items"]) == found, query
        row = (await client.get("/recordings")).json()["items"][0]
        assert row["masked_number"] == "+346•••••222"
        assert row["disposition"] == "promise"
        assert (await client.get("/recordings", params={"nonsense": "1"})).status_code == 422


async def _archived_out_of_order(desk: Desk) -> list[UUID]:
    """Six calls of three instants, archived in an order of their own; as the list should have them."""
    now = datetime.now(UTC)
    hours = [2, 5, 1, 5, 2, 5]
    made = []
    for hour in hours:
        attempt = await desk.pool.fetchval(_CALL, uuid4(), desk.known.attempt, now - timedelta(hours=hour))
        recording = await desk.pool.fetchval(_RECORDING, attempt)
        made.append((-hour, recording, attempt))
    return [attempt for _, _, attempt in sorted(made, reverse=True)]


_CALL = """
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
        screened, placed_at, ended_at, outcome, gate)
    SELECT $1, campaign_id, lead_id, person_id, phone_id, number, state, version, limits, screened, $3,
        $3, outcome, gate FROM attempts WHERE id = $2
    RETURNING id"""
_RECORDING = "INSERT INTO recordings (attempt_id, status) VALUES ($1, 'missing') RETURNING id"


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_the_newest_call_comes_first_whenever_it_was_archived(desk: Desk, limit: int) -> None:
    expected = [str(desk.known.attempt), *map(str, await _archived_out_of_order(desk))]
    seen: list[str] = []
    query = {"limit": str(limit)}
    async with desk.user("quim") as client:
        while True:
            page = (await client.get("/recordings", params=query)).json()
            seen += [row["attempt_id"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            assert len(page["items"]) == limit
            query["cursor"] = page["next_cursor"]
    assert seen == expected


@pytest.mark.parametrize("cursor", ["", "1", "x-1", "-1-1", "1-2-3", "9" * 18 + "-1", "1-" + "9" * 19])
async def test_a_cursor_of_somebody_elses_making_is_refused(desk: Desk, cursor: str) -> None:
    async with desk.user("quim") as client:
        assert (await client.get("/recordings", params={"cursor": cursor})).status_code == 422
        extreme = await client.get("/recordings", params={"cursor": "9" * 17 + "-" + "9" * 18})
        assert len(extreme.json()["items"]) == 1


async def test_the_first_page_reads_no_more_calls_than_it_shows(desk: Desk) -> None:
    """Of many calls an index gives the newest."""
    await desk.pool.execute(_MANY, desk.known.attempt)
    await desk.pool.execute(
        "INSERT INTO recordings (attempt_id, status) SELECT id, 'missing' FROM attempts WHERE id <> $1",
        desk.known.attempt,
    )
    await desk.pool.execute("ANALYZE attempts, recordings")
    start = (NEWEST.placed_at, NEWEST.recording_id)
    rows = await desk.pool.fetch(f"EXPLAIN {SQL['recordings']}", *start, *(None,) * 10, 51, [])
    assert any("attempts_time" in row[0] for row in rows), "\n".join(row[0] for row in rows)


_MANY = """
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
        screened, placed_at, ended_at, outcome, gate)
    SELECT gen_random_uuid(), campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
        screened, placed_at - n * interval '1 minute', ended_at, outcome, gate
    FROM attempts, generate_series(1, 5000) n WHERE id = $1"""


async def test_a_recording_is_shown_with_everything_about_it(desk: Desk) -> None:
    async with desk.user("quim") as client:
        whole = (await client.get(f"/recordings/{desk.known.recording}")).json()
        assert whole["peaks"]["left"] == [0.1, 0.5]
        assert whole["marks"] == [{"at": whole["marks"][0]["at"], "kind": "paused", "offset_ms": 10_000}]
        assert whole["dispositions"][0]["promise_on"] == "2026-12-01"
        assert whole["call"]["routing"] == {"level": 3}
        assert whole["events"][0]["event"] == "placed"
        assert (await client.get("/recordings/999")).status_code == 404


_OVER = """
    INSERT INTO attempt_events (attempt_id, version, at, event, from_state, to_state, detail)
    VALUES ($1, 2, now(), 'transferred', 'connected', 'waiting',
        jsonb_build_object('handover', jsonb_build_object('by', $2::bigint, 'note', 'espera su nómina')))"""


async def test_the_timeline_names_who_handed_the_person_over(desk: Desk) -> None:
    await desk.pool.execute(_OVER, desk.known.attempt, desk.known.users["ana"])
    name = await desk.pool.fetchval("SELECT name FROM users WHERE id = $1", desk.known.users["ana"])
    async with desk.user("quim") as client:
        first, over = (await client.get(f"/recordings/{desk.known.recording}")).json()["events"]
        assert (first["handed_over_by"], over["handed_over_by"]) == ("", name)
        assert over["detail"]["handover"]["note"] == "espera su nómina"


async def test_sound_by_ranges_makes_one_line_in_the_listening_log(desk: Desk) -> None:
    path = f"/recordings/{desk.known.recording}/audio"
    async with desk.user("quim") as client:
        whole = await client.get(path)
        assert whole.content == SOUND
        assert whole.headers["content-type"] == "audio/ogg"
        part = await client.get(path, headers={"Range": "bytes=100-199"})
        assert part.status_code == 206
        assert part.content == SOUND[100:200]
        assert (await client.get(path, headers={"Range": "bytes=99999999-"})).status_code == 416
    assert await desk.pool.fetchval("SELECT count(*) FROM listening_log") == 1


@pytest.mark.parametrize("path", ["../../secret", "/etc/passwd", "", "missing.opus"])
async def test_nothing_outside_the_archive_is_served(desk: Desk, path: str) -> None:
    (desk.settings.recordings_archive.parent / "secret").write_text("secret")
    await desk.pool.execute("UPDATE recordings SET path = $1", path)
    async with desk.user("quim") as client:
        answer = await client.get(f"/recordings/{desk.known.recording}/audio")
        assert answer.status_code == 404


async def test_comments_are_made_and_taken_back_by_their_author_only(desk: Desk) -> None:
    path = f"/recordings/{desk.known.recording}/comments"
    async with desk.user("quim") as client, desk.user("sol") as other:
        made = await client.post(path, json={"offset_ms": 5000, "body": "  buen saludo "})
        assert made.status_code == 201, made.text
        assert made.json()["body"] == "buen saludo"
        comment = f"{path}/{made.json()['id']}"
        assert (await other.delete(comment)).status_code == 404
        assert (await client.get("/recordings")).json()["items"][0]["comments"] == 1
        assert (await client.delete(comment)).status_code == 204
        assert (
            await client.post("/recordings/999/comments", json={"offset_ms": 0, "body": "x"})
        ).status_code == 404


async def test_a_call_is_graded_once_by_each_grader(desk: Desk) -> None:
    path = f"/recordings/{desk.known.recording}/evaluations"
    async with desk.user("quim") as client, desk.user("sol") as other:
        card = (await client.get("/scorecards")).json()["items"][0]
        answers = {item["code"]: 100 for item in card["items"]}
        body = {"scorecard_id": card["id"], "answers": answers | {"greeting": 50, "solution": None}}
        graded = await client.post(path, json=body)
        assert graded.status_code == 201, graded.text
        assert graded.json()["score"] == 94.44
        assert (await client.post(path, json=body)).json()["code"] == "conflict"
        failed = await other.post(
            path, json={"scorecard_id": card["id"], "answers": answers | {"identity": 0}}
        )
        assert (failed.json()["score"], failed.json()["failed"]) == (0, True)
        bad = await other.post(path, json={"scorecard_id": card["id"], "answers": {"greeting": 1}})
        assert bad.status_code == 422


async def test_agents_may_not_listen(desk: Desk) -> None:
    async with desk.user("ana") as client:
        assert (await client.get(f"/recordings/{desk.known.recording}/audio")).status_code == 403
        assert (await client.get("/recordings")).status_code == 403
