"""Lists, callbacks, rule packs, caller ids, skills and flags, as the pages ask for them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from journal.events import PersonChanged, SettingsChanged
from portfolio.rule_packs import pack_text
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk


async def test_a_list_is_changed_while_it_works(desk: Desk) -> None:
    async with desk.user("sol") as client:
        (one,) = (await client.get(f"/campaigns/{desk.known.campaign}/lists")).json()["items"]
        assert (one["name"], one["settings"]["weight"], one["leads"]) == ("one", 1, {"open": 1})
        path = f"/lists/{one['id']}"
        wish = {"weight": 3, "priority": 2, "daily_attempts": 100, "fresh_share": 0.25}
        changed = await client.patch(path, json=wish)
        assert changed.status_code == 200, changed.text
        assert changed.json()["settings"] == {
            "status": "active", "priority": 2, "weight": 3, "order_by": "due", "fresh_share": 0.25,
            "daily_attempts": 100, "daily_conversations": None,
        }  # fmt: skip
        again = await client.patch(path, json={"daily_attempts": None, "status": "paused"})
        assert again.json()["settings"]["daily_attempts"] is None
        assert (await client.patch(path, json={"weight": None})).status_code == 422
        assert (await client.patch(path, json={"weight": 0})).status_code == 422
        assert (await client.patch("/lists/999", json={"weight": 2})).status_code == 404
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
    assert "list_paused" in [hold["rule"] for hold in why["leads"][0]["holds"]]
    audit = await desk.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'list.change'")
    assert audit == 2
    assert SettingsChanged("lists") in await desk.told(SettingsChanged)


async def test_a_new_order_gives_every_lead_its_place(desk: Desk) -> None:
    await _five_who_owe(desk)
    async with desk.user("sol") as client:
        (one,) = (await client.get(f"/campaigns/{desk.known.campaign}/lists")).json()["items"]
        up, down = [0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]
        for order, wanted in (("balance", down), ("oldest", up), ("newest", down)):
            await client.patch(f"/lists/{one['id']}", json={"order_by": order})

            async def sorted_so(wanted: list[int] = wanted) -> bool:
                rows = await desk.pool.fetch(
                    "SELECT coalesce((SELECT d.balance_minor / 100 FROM debts d"
                    " WHERE d.person_id = l.person_id), 0)::int AS owes FROM leads l ORDER BY sort, id"
                )
                return [row["owes"] for row in rows] == wanted

            await eventually(sorted_so)


async def _five_who_owe(desk: Desk) -> None:
    for owes in range(1, 6):
        person = await desk.pool.fetchval("INSERT INTO persons (name) VALUES ($1) RETURNING id", f"P{owes}")
        await desk.pool.execute(
            "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
            " VALUES ($1, '1', 'B', 'EUR', $2)",
            person,
            owes * 100,
        )
        await desk.pool.execute(
            "INSERT INTO leads (list_id, campaign_id, person_id) SELECT id, campaign_id, $1 FROM lists",
            person,
        )


async def test_what_holds_leads_back(desk: Desk) -> None:
    await desk.pool.execute(
        "UPDATE leads SET held_by = 'attempts_per_day', next_at = now() + interval '3 hours'"
    )
    async with desk.user("sol") as client:
        path = f"/campaigns/{desk.known.campaign}/held"
        (held,) = (await client.get(path)).json()["items"]
        assert (held["rule"], held["status"], held["leads"]) == ("attempts_per_day", "open", 1)
        (person,) = (await client.get(f"{path}/attempts_per_day")).json()["items"]
        assert person["name"] == "Marta Muñoz"
        assert (await client.get(f"{path}/Robert'); DROP")).status_code == 422
        assert (await client.get("/campaigns/999/held")).status_code == 404


async def test_callbacks_are_moved_and_withdrawn(desk: Desk) -> None:
    await desk.pool.execute('UPDATE campaigns SET settings = \'{"rule_pack": "lab-open"}\'')
    at = datetime.now(UTC) + timedelta(hours=2)
    await desk.pool.execute(
        "INSERT INTO callbacks (lead_id, campaign_id, person_id, agent_id, at, open_at, made_at)"
        " SELECT id, campaign_id, person_id, $1, at, at + interval '15 minutes', now()"
        " FROM leads, (SELECT $2::timestamptz AS at) AS later",
        desk.known.users["ana"],
        at,
    )
    async with desk.user("ana") as mine, desk.user("bea") as other, desk.user("sol") as client:
        (one,) = (await mine.get("/callbacks")).json()["items"]
        assert (one["agent"], one["person"]) == ("Ana", "Marta Muñoz")
        assert (await other.get("/callbacks")).json()["items"] == []
        later = at + timedelta(hours=1)
        path = f"/callbacks/{one['id']}"
        body = {"at": later.isoformat(), "agent_id": desk.known.users["bea"]}
        assert (await mine.patch(path, json=body)).status_code == 403
        assert (await client.patch(path, json=body)).status_code == 204
        (moved,) = (await other.get("/callbacks")).json()["items"]
        assert datetime.fromisoformat(moved["open_at"]) == later + timedelta(minutes=15)
        assert (await client.patch(path, json={"at": "2020-01-01T00:00:00Z"})).status_code == 422
        assert (await client.patch(path, json={"at": later.isoformat(), "agent_id": 999})).status_code == 422
        assert (await client.post(f"{path}/withdraw", json={"reason": "pidió otra cosa"})).status_code == 204
        assert (await client.post(f"{path}/withdraw", json={})).status_code == 404
    row = await desk.pool.fetchrow("SELECT urgent, next_at > now() AS rests FROM leads")
    assert row is not None
    assert (row["urgent"], row["rests"]) == (False, True)


async def test_rule_packs_are_read_rule_by_rule(desk: Desk) -> None:
    async with desk.user("quim") as client:
        packs = {row["name"]: row for row in (await client.get("/rule-packs")).json()["items"]}
        assert packs["default-strict"]["campaigns"] == 1
        assert not packs["co-collections"]["own"]
        pack = (await client.get("/rule-packs/co-collections")).json()
        assert {rule["part"] for rule in pack["rules"]} >= {"hours", "cap", "silence", "conduct", "caller_id"}
        assert all(rule["source"] and rule["dated"] for rule in pack["rules"])
        assert pack["consent_required"] == ["email", "sms", "voice", "whatsapp"]
        assert (await client.get("/rule-packs/none-such")).status_code == 404


async def test_a_pack_of_ones_own_is_tried_published_and_in_force(desk: Desk) -> None:
    mine = pack_text("lab-open").replace("name: lab-open", "name: casa").replace("most: 1", "most: 0")
    good = pack_text("lab-open").replace("name: lab-open", "name: casa")
    async with desk.user("root") as client:
        found = (await client.post("/rule-packs/check", json={"body": mine})).json()
        assert any("got attempts_per_day" in problem for problem in found["problems"])
        assert (await client.post("/rule-packs", json={"body": mine})).status_code == 422
        assert (await client.post("/rule-packs", json={"body": good})).status_code == 201
        assert (await client.post("/rule-packs", json={"body": good})).json()["code"] == "conflict"
        names = {row["name"]: row["own"] for row in (await client.get("/rule-packs")).json()["items"]}
        assert names["casa"]
        path = f"/campaigns/{desk.known.campaign}"
        etag = (await client.get(path)).headers["ETag"]
        changed = await client.patch(
            path, json={"settings": {"rule_pack": "casa"}}, headers={"If-Match": etag}
        )
        assert changed.status_code == 200, changed.text
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
    assert why["leads"][0]["numbers"][0]["gate"]["pack"] == "casa"


@pytest.mark.parametrize(
    "body",
    ["x", "[]", "a: [", "name: casa", "!!python/object/apply:os.system ['true']", "a: &a [*a]", "\x00"],
)
async def test_what_is_no_pack(desk: Desk, body: str) -> None:
    async with desk.user("root") as client:
        found = (await client.post("/rule-packs/check", json={"body": body})).json()
        assert found["problems"]
        assert (await client.post("/rule-packs", json={"body": body})).status_code == 422


async def test_a_pack_of_the_product_keeps_its_name(desk: Desk) -> None:
    async with desk.user("root") as client:
        answer = await client.post("/rule-packs", json={"body": pack_text("es-collections")})
        assert answer.status_code == 422


async def test_caller_ids(desk: Desk) -> None:
    async with desk.user("sol") as client:
        path = "/caller-ids/+34910000000"
        body = {"label": "Central", "registry": "REDECO 12", "ends_on": "2030-01-01"}
        assert (await client.put(path, json=body)).status_code == 204
        (one,) = (await client.get("/caller-ids")).json()["items"]
        assert (one["number"], one["registry"], one["starts_on"]) == ("+34910000000", "REDECO 12", None)
        backwards = {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}
        assert (await client.put(path, json=backwards)).status_code == 422
        assert (await client.put("/caller-ids/910000000", json=body)).status_code == 422
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 404


async def test_skills_change_live(desk: Desk) -> None:
    ana = desk.known.users["ana"]
    async with desk.user("sol") as client:
        assert (await client.put(f"/agents/{ana}/skills", json={"skills": {"catala": 80}})).status_code == 204
        rows = {row["id"]: row for row in (await client.get("/agents/skills")).json()["items"]}
        assert rows[ana]["skills"] == {"catala": 80}
        campaign = f"/campaigns/{desk.known.campaign}"
        assert (await client.put(f"{campaign}/skills", json={"skills": {"catala": 50}})).status_code == 204
        assert (await client.get(campaign)).json()["required_skills"] == {"catala": 50}
        assert (
            await client.put(f"/agents/{ana}/skills", json={"skills": {"catala": 101}})
        ).status_code == 422
        assert (await client.put("/agents/999/skills", json={"skills": {}})).status_code == 404
        assert (await client.put("/campaigns/999/skills", json={"skills": {}})).status_code == 404
    told = {one.what for one in await desk.told(SettingsChanged)}
    assert told == {"agent_skills", "campaign_skills"}


async def test_who_needs_care_leaves_the_dialer_and_waits_for_the_trained(desk: Desk) -> None:
    care = await desk.pool.fetchval(
        "INSERT INTO campaigns (code, name, trunk, caller_id, settings)"
        " VALUES ('cuidado', 'Cuidado', 'lab', '+34910000000', $1::text::jsonb) RETURNING id",
        json.dumps({"care": True, "mode": "preview"}),
    )
    person = desk.known.person
    async with desk.user("ana") as agent, desk.user("sol") as client:
        raise_it = {"raised": True, "reason": "lo cuenta llorando"}
        assert (await agent.put(f"/persons/{person}/flags/vulnerable", json=raise_it)).status_code == 204
        lower_it = {"raised": False, "reason": "fue un error"}
        assert (await agent.put(f"/persons/{person}/flags/vulnerable", json=lower_it)).status_code == 403
        rows = await desk.pool.fetch("SELECT campaign_id, status, held_by FROM leads ORDER BY id")
        assert [tuple(row) for row in rows] == [
            (desk.known.campaign, "withdrawn", "care"),
            (care, "open", ""),
        ]
        assert [(one.person_id, one.what) for one in await desk.told(PersonChanged)] == [(person, "flag")]
        assert (await client.put(f"/persons/{person}/flags/vulnerable", json=lower_it)).status_code == 204
        assert (await client.put(f"/persons/{person}/flags/rich", json=raise_it)).status_code == 422
        assert (await client.put("/persons/999/flags/vulnerable", json=raise_it)).status_code == 404


async def test_consent_and_wishes_are_heeded_by_the_gate(desk: Desk) -> None:
    person = desk.known.person
    async with desk.user("sol") as client:
        said = {"channel": "voice", "state": "refused", "source": "por teléfono"}
        assert (await client.post(f"/persons/{person}/consents", json=said)).status_code == 204
        hours = {"preferred": [[1020, 1080]]}
        assert (await client.put(f"/persons/{person}/hours", json=hours)).status_code == 204
        why = (await client.get(f"/persons/{person}/why")).json()
        assert (why["refused"], why["preferred"]) == (["voice"], [[1020, 1080]])
        rules = [refusal["rule"] for refusal in why["leads"][0]["numbers"][0]["gate"]["detail"]]
        assert "channel_refused" in rules
        again = {"channel": "voice", "state": "granted"}
        assert (await client.post(f"/persons/{person}/consents", json=again)).status_code == 204
        why = (await client.get(f"/persons/{person}/why")).json()
        assert (why["granted"], why["refused"]) == (["voice"], [])
        assert (
            await client.put(f"/persons/{person}/hours", json={"preferred": [[90, 30]]})
        ).status_code == 422
