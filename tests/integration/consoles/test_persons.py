"""Find somebody, ask why, and stop calling."""

import re

from consoles.sql import SQL
from journal.events import NumbersSuppressed, PersonChanged
from tests.integration.consoles.desk import NUMBER, Desk


async def test_a_person_is_found_by_number_or_outside_id_and_shown_masked(desk: Desk) -> None:
    async with desk.user("sol") as client:
        for text in ("C-1", NUMBER, "+34 600 111-222", "0034600111222", "34600111222", "600 11 12 22"):
            items = (await client.get("/persons", params={"q": text})).json()["items"]
            assert [p["name"] for p in items] == ["Marta Muñoz"], text
            assert items[0]["phones"][0]["masked_number"] == "+346•••••222"
        await desk.pool.execute("UPDATE phones SET number = '+5491123450001' WHERE number = $1", NUMBER)
        for text in ("011 15-2345-0001", "(011) 2345-0001", "0054 11 2345 0001", "11 2345 0001"):
            items = (await client.get("/persons", params={"q": text})).json()["items"]
            assert [p["name"] for p in items] == ["Marta Muñoz"], text
        assert (await client.get("/persons", params={"q": "600111222\x00"})).status_code == 422
        assert (await client.get("/persons", params={"q": "nobody"})).json()["items"] == []


async def test_why_tells_the_gate_now_and_then(desk: Desk) -> None:
    async with desk.user("quim") as client:
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
        assert why["leads"][0]["numbers"][0]["gate"]["verdict"] in ("permitted", "refused")
        assert why["attempts"][0]["gate"] == {"verdict": "permitted"}
        assert (await client.get("/persons/999/why")).json()["code"] == "not_found"


async def test_stop_is_written_and_told_to_the_engine(desk: Desk) -> None:
    path = f"/persons/{desk.known.person}/stop"
    async with desk.user("sol") as client:
        assert (await client.post(path, json={"reason": "lo pide"})).status_code == 204
        assert (await client.post(path, json={"reason": ""})).status_code == 422
        assert (await client.post("/persons/999/stop", json={"reason": "x"})).status_code == 404
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
    assert why["stop_reason"] == "lo pide"
    assert [(one.person_id, one.what) for one in await desk.told(PersonChanged)] == [
        (desk.known.person, "stop")
    ]
    row = await desk.pool.fetchrow("SELECT actor_id, after FROM audit WHERE action = 'person.stop'")
    assert row is not None
    assert row["actor_id"] == desk.known.users["sol"]
    assert row["after"]["leads_withdrawn"] == 1


async def test_an_agent_may_stop_only_the_person_of_the_last_call(desk: Desk) -> None:
    path = f"/persons/{desk.known.person}/stop"
    async with desk.user("bea") as stranger:
        assert (await stranger.post(path, json={"reason": "x"})).status_code == 403
    async with desk.user("ana") as client:
        assert (await client.post(path, json={"reason": "x"})).status_code == 204


_READ = re.compile(r"(?:actual.* rows=|Removed by Filter: )(\d+)")
"""Rows of one step of a plan that was run."""


async def test_a_search_reads_whom_it_finds_not_everybody(desk: Desk) -> None:
    """By outside id, by number, and by one text that is the id of one person and the number of another."""
    crowd = (
        "INSERT INTO persons (external_id, name) SELECT 'X' || n, 'Luis' FROM generate_series(1, 20000) AS n"
    )
    await desk.pool.execute(crowd)
    await desk.pool.execute(
        "INSERT INTO phones (person_id, number) SELECT id, '+349' || lpad(id::text, 8, '0') FROM persons"
    )
    await desk.pool.execute("UPDATE persons SET external_id = '34600111222' WHERE external_id = 'X7'")
    await desk.pool.execute("ANALYZE persons, phones")
    plan = await desk.pool.fetch(
        f"EXPLAIN ANALYZE {SQL['find_persons']}", "34600111222", ["+34600111222"], 50, None
    )
    read = [int(n) for row in plan for n in _READ.findall(row[0])]
    assert 1 <= max(read) <= 10, plan
    async with desk.user("sol") as client:
        both = (await client.get("/persons", params={"q": "34600111222"})).json()["items"]
        one = (await client.get("/persons", params={"q": "X8"})).json()["items"]
    assert [(p["external_id"], p["name"]) for p in both] == [("C-1", "Marta Muñoz"), ("34600111222", "Luis")]
    assert [p["external_id"] for p in one] == ["X8"]


async def test_a_supervisor_revives_a_dead_number_and_nobody_else(desk: Desk) -> None:
    phone = await desk.pool.fetchval(
        "UPDATE phones SET status = 'dead', refused_on = '2026-11-23', refused_trunk = 'carrier'"
        " WHERE person_id = $1 RETURNING id",
        desk.known.person,
    )
    path = f"/persons/{desk.known.person}/phones/{phone}/revive"
    for login in ("ana", "quim"):
        async with desk.user(login) as client:
            assert (await client.post(path, json={"reason": "x"})).status_code == 403
    async with desk.user("sol") as client:
        (dead,) = (await client.get(f"/persons/{desk.known.person}/why")).json()["phones"]
        assert (dead["status"], dead["refused_on"]) == ("dead", "2026-11-23")
        assert dead["refused_trunk"] == "carrier"
        assert (await client.post(path, json={"reason": ""})).status_code == 422
        elsewhere = path.replace(f"/phones/{phone}", "/phones/999999")
        assert (await client.post(elsewhere, json={"reason": "x"})).status_code == 404
        assert (await client.post(path, json={"reason": "lo confirma"})).json() == {"leads": 0}
        assert (await client.post(path, json={"reason": "otra vez"})).json()["code"] == "conflict"
        (alive,) = (await client.get(f"/persons/{desk.known.person}/why")).json()["phones"]
        assert (alive["status"], alive["refused_on"]) == ("unknown", None)
        assert alive["revived_at"] is not None
    row = await desk.pool.fetchrow("SELECT actor_id, reason FROM audit WHERE action = 'phone.revive'")
    assert row is not None
    assert tuple(row) == (desk.known.users["sol"], "lo confirma")


async def test_a_consent_that_is_taken_back_is_told_to_the_engine(desk: Desk) -> None:
    path = f"/persons/{desk.known.person}/consents"
    async with desk.user("sol") as client:
        for state in ("granted", "withdrawn"):
            said = {"channel": "voice", "state": state, "source": "teléfono"}
            assert (await client.post(path, json=said)).status_code == 204
    assert [one.what for one in await desk.told(PersonChanged)] == ["refusal"]


async def test_a_number_that_is_never_called_again_is_told_to_the_engine(desk: Desk) -> None:
    await desk.pool.execute("INSERT INTO do_not_call (number, reason) VALUES ('+34612000000', 'x')")
    assert await desk.told(NumbersSuppressed) == [NumbersSuppressed(freed=False)]
