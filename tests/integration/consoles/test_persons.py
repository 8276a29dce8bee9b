"""Find somebody, ask why, and stop calling."""

from dialer.model.commands import body_of
from tests.integration.consoles.desk import NUMBER, Desk


async def test_a_person_is_found_by_number_or_outside_id_and_shown_masked(desk: Desk) -> None:
    async with desk.user("sol") as client:
        for text in ("C-1", NUMBER, "+34 600 111-222", "0034600111222", "34600111222"):
            items = (await client.get("/persons", params={"q": text})).json()["items"]
            assert [p["name"] for p in items] == ["Marta Muñoz"], text
            assert items[0]["phones"][0]["masked_number"] == "+346•••••222"
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
        assert (await client.post(path, json={"reason": "lo pide"})).status_code == 202
        assert (await client.post(path, json={"reason": ""})).status_code == 422
        assert (await client.post("/persons/999/stop", json={"reason": "x"})).status_code == 404
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
    assert why["stop_reason"] == "lo pide"
    told = [body_of(c.request) for c in desk.bus.sent if c.kind == "person.changed"]
    news = {"person_id": desk.known.person, "reason": "lo pide", "flags": ["stopped"], "debts": []}
    assert told == [news]
    row = await desk.pool.fetchrow("SELECT actor_id, after FROM audit WHERE action = 'person.stop'")
    assert row is not None
    assert row["actor_id"] == desk.known.users["sol"]
    assert row["after"]["leads_withdrawn"] == 1


async def test_an_agent_may_stop_only_the_person_of_the_last_call(desk: Desk) -> None:
    path = f"/persons/{desk.known.person}/stop"
    async with desk.user("bea") as stranger:
        assert (await stranger.post(path, json={"reason": "x"})).status_code == 403
    async with desk.user("ana") as client:
        assert (await client.post(path, json={"reason": "x"})).status_code == 202
