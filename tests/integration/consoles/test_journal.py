"""What could not be followed is seen, tried anew, or put away, by who may."""

from tests.integration.consoles.desk import Desk

LETTER = """
    INSERT INTO journal_letters (follower, fact_id, at, kind, version, person_id, data, tries, error,
        next_at, dead_at)
    VALUES ('leads', 7, now(), 'call.disposed', 1, 1, '{"code": "promise"}', 5, 'ValueError: x',
        now(), now()) RETURNING id"""


async def test_a_dead_letter_is_seen_and_tried_anew(desk: Desk) -> None:
    letter = await desk.pool.fetchval(LETTER)
    await desk.pool.execute("SELECT raise_alarm('journal_dead_letter', 'leads', 'x', now())")
    async with desk.user("sol") as client:
        (seen,) = (await client.get("/journal")).json()["letters"]
        assert (seen["id"], seen["error"], seen["data"]) == (letter, "ValueError: x", {"code": "promise"})
        assert seen["dead_at"] is not None
        assert (await client.post(f"/journal/letters/{letter}/retry")).status_code == 204
        (again,) = (await client.get("/journal")).json()["letters"]
        assert (again["dead_at"], again["tries"]) == (None, 1)
        assert (await client.post("/journal/letters/999/retry")).status_code == 404
    assert await desk.pool.fetchval("SELECT ended_at IS NOT NULL FROM alarms")


async def test_a_letter_is_put_away_with_a_reason(desk: Desk) -> None:
    path = f"/journal/letters/{await desk.pool.fetchval(LETTER)}/discard"
    async with desk.user("sol") as client:
        assert (await client.post(path, json={"reason": ""})).status_code == 422
        assert (await client.post(path, json={"reason": "la persona ya no existe"})).status_code == 204
        assert (await client.post(path, json={"reason": "otra vez"})).status_code == 404
        assert (await client.get("/journal")).json()["letters"] == []
    row = await desk.pool.fetchrow("SELECT actor_id, reason FROM audit WHERE action = 'journal.discard'")
    assert row is not None
    assert (row["actor_id"], row["reason"]) == (desk.known.users["sol"], "la persona ya no existe")


async def test_agents_see_nothing_of_it(desk: Desk) -> None:
    async with desk.user("ana") as client:
        assert (await client.get("/journal")).status_code == 403
        assert (await client.post("/journal/letters/1/retry")).status_code == 403
