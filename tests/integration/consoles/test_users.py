"""Accounts, forced states, reference data, alarms, own history."""

from dialer.model.commands import body_of
from journal.events import SettingsChanged
from tests.integration.consoles.desk import PASSWORD, Desk

NEW = {"login": "carla", "name": "Carla", "role": "agent", "password": PASSWORD, "skills": {"es": 80}}


async def test_an_admin_makes_and_changes_an_agent(desk: Desk) -> None:
    async with desk.user("root") as client:
        made = await client.post("/users", json={**NEW, "campaigns": [desk.known.campaign]})
        assert made.status_code == 201, made.text
        user = made.json()
        assert (user["endpoint"], user["skills"], user["campaigns"]) == ("carla", {"es": 80}, [1])
        assert (await client.post("/users", json=NEW)).json()["code"] == "conflict"
        path = f"/users/{user['id']}"
        changed = await client.patch(path, json={"skills": {"es": 90, "en": 50}, "campaigns": []})
        assert (changed.json()["skills"], changed.json()["campaigns"]) == ({"en": 50, "es": 90}, [])
        assert (await client.patch(path, json={"campaigns": [999]})).json()["code"] == "conflict"
        assert (await client.patch("/users/999", json={"name": "x"})).status_code == 404
        assert {"users", "agents", "agent_skills"} <= {one.what for one in await desk.told(SettingsChanged)}
        assert "password" not in made.text


async def test_a_deactivated_user_is_out_at_once(desk: Desk) -> None:
    async with desk.user("root") as admin, desk.user("ana") as ana:
        path = f"/users/{desk.known.users['ana']}"
        assert (await admin.patch(path, json={"active": False})).status_code == 200
        assert (await ana.get("/session")).status_code == 401
        again = await ana.post("/session", json={"login": "ana", "password": PASSWORD})
        assert again.status_code == 401
        me = f"/users/{desk.known.users['root']}"
        assert (await admin.patch(me, json={"active": False})).json()["code"] == "conflict"


async def test_only_admins_make_users(desk: Desk) -> None:
    async with desk.user("sol") as client:
        assert (await client.post("/users", json=NEW)).status_code == 403
        assert len((await client.get("/users")).json()["items"]) == 5


async def test_a_supervisor_forces_an_agent(desk: Desk) -> None:
    agent = desk.known.users["ana"]
    async with desk.user("sol") as client:
        assert (await client.post(f"/agents/{agent}/pause")).status_code == 202
        assert (await client.post(f"/agents/{agent}/log_out")).status_code == 202
        assert (await client.post("/agents/999/pause")).status_code == 404
        desk.bus.up = False
        assert (await client.post(f"/agents/{agent}/pause")).json()["code"] == "unavailable"
    assert [body_of(c.request) for c in desk.bus.sent] == [{"agent_id": agent}] * 2
    rows = await desk.pool.fetch("SELECT action, after->>'asked' AS asked FROM audit ORDER BY id")
    assert [row["action"] for row in rows] == [
        "agent.force_pause",
        "agent.force_log_out",
        "agent.force_pause",
    ]
    assert [row["asked"] for row in rows[:2]] == [command.id for command in desk.bus.sent]
    assert rows[2]["asked"], "what never reached the bus was asked for all the same"


async def test_nobody_is_forced_without_a_trace(desk: Desk) -> None:
    agent = desk.known.users["ana"]
    await desk.pool.execute("ALTER TABLE audit ADD CHECK (action <> 'agent.force_pause')")
    async with desk.user("sol") as client:
        assert (await client.post(f"/agents/{agent}/pause")).status_code >= 400
    assert desk.bus.sent == []


async def test_reference_data_comes_in_both_languages(desk: Desk) -> None:
    async with desk.user("ana") as client:
        codes = (await client.get("/codes")).json()
        assert {"promise", "callback"} <= {d["code"] for d in codes["dispositions"]}
        assert "none" not in {d["code"] for d in codes["dispositions"]}
        assert all(p["label_es"] and p["label_en"] for p in codes["pause_codes"])
        assert "default-strict" in {p["name"] for p in codes["rule_packs"]}
        history = (await client.get("/agent/history")).json()["items"]
        assert history[0]["talk_seconds"] == 61
        assert (await client.get("/directory")).status_code == 403
    async with desk.user("quim") as client:
        names = [a["name"] for a in (await client.get("/directory")).json()["agents"]]
        assert names == ["Ana", "Bea"]


async def test_alarms_are_acknowledged_once(desk: Desk) -> None:
    await desk.pool.execute(
        "INSERT INTO alarms (kind, subject) SELECT 'k', 's' || n FROM generate_series(1, 3) n"
    )
    async with desk.user("sol") as client:
        page = (await client.get("/alarms", params={"limit": 2})).json()
        assert [a["subject"] for a in page["items"]] == ["s3", "s2"]
        rest = (await client.get("/alarms", params={"cursor": page["next_cursor"]})).json()
        assert [a["subject"] for a in rest["items"]] == ["s1"]
        assert rest["next_cursor"] is None
        for _ in range(2):
            assert (await client.post(f"/alarms/{page['items'][0]['id']}/acknowledge")).status_code == 204
        assert len((await client.get("/alarms")).json()["items"]) == 2
        assert (await client.post("/alarms/999/acknowledge")).status_code == 404


async def test_what_lasts_stands_before_what_is_over_however_old_and_pages_show_each_once(desk: Desk) -> None:
    put = """INSERT INTO alarms (kind, subject, at, last_at, ended_at)
        SELECT 'k', 's' || n, now() - n * interval '1 minute', now() - n * interval '1 minute', $2
        FROM generate_series($1::int, $1 + $3 - 1) n"""
    now = await desk.pool.fetchval("SELECT now()")
    await desk.pool.execute(put, 900, None, 1)
    await desk.pool.execute(put, 1, now, 60)
    async with desk.user("sol") as client:
        page = (await client.get("/alarms", params={"over": True})).json()
        rest = (await client.get("/alarms", params={"over": True, "cursor": page["next_cursor"]})).json()
        shown = [one["subject"] for one in (*page["items"], *rest["items"])]
        assert shown == ["s900", *(f"s{n}" for n in range(1, 61))]
        assert rest["next_cursor"] is None
        assert [one["subject"] for one in (await client.get("/alarms")).json()["items"]] == ["s900"]
        for wrong in ("7", "2.1.1", "1.1.9999999999999999999", "x"):
            assert (await client.get("/alarms", params={"cursor": wrong})).status_code == 422, wrong
