"""A supervisor changes a campaign while another does too."""

import pytest

from journal.events import SettingsChanged
from portfolio.rule_packs import pack_text
from tests.integration.consoles.desk import Desk


async def test_a_change_makes_a_version_tells_the_engine_and_can_be_undone(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}"
    async with desk.user("sol") as client:
        first = await client.get(path)
        assert first.headers["etag"] == '"1"'
        assert first.json()["leads"] == {"open": 1, "in_call": 0, "done": 0, "withdrawn": 0}
        change = {"settings": {"mode": "predictive", "calls_per_agent": 2.5}, "reason": "más ritmo"}
        changed = await client.patch(path, json=change, headers={"If-Match": first.headers["etag"]})
        assert changed.status_code == 200, changed.text
        assert changed.json()["settings"]["calls_per_agent"] == 2.5
        assert changed.headers["etag"] == '"2"'
        undone = (await client.post(f"{path}/undo")).json()
        assert undone["settings"]["calls_per_agent"] == 1.5
        assert undone["settings_version"] == 3
        versions = (await client.get(f"{path}/versions")).json()["items"]
        assert [v["version"] for v in versions] == [3, 2, 1]
        assert versions[1]["author"] == "Sol"
        assert versions[1]["reason"] == "más ritmo"
    assert await desk.told(SettingsChanged) == [SettingsChanged("campaigns", 1)] * 2
    audit = await desk.pool.fetch("SELECT action, undo_of, reason FROM audit ORDER BY id")
    assert [row["action"] for row in audit] == ["campaign.settings", "campaign.undo"]
    assert audit[1]["undo_of"] is not None


async def test_a_stale_or_missing_version_is_refused(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}"
    change = {"settings": {"calls_per_agent": 2}}
    async with desk.user("sol") as client:
        assert (await client.patch(path, json=change)).status_code == 428
        assert (await client.patch(path, json=change, headers={"If-Match": '"7"'})).status_code == 412
        assert (await client.patch(path, json=change, headers={"If-Match": '"1"'})).status_code == 200
        assert (await client.patch(path, json=change, headers={"If-Match": '"1"'})).status_code == 412
        assert (await client.post(f"{path}/stop", headers={"If-Match": '"1"'})).status_code == 412


async def test_settings_out_of_bounds_are_told_by_field(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}"
    async with desk.user("sol") as client:
        for settings in ({"max_abandonment": 0.5}, {"ring_limit": 5}, {"nonsense": 1}, {"rule_pack": "none"}):
            answer = await client.patch(path, json={"settings": settings}, headers={"If-Match": '"1"'})
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["loc"][:2] == ["body", "settings"]
            assert answer.json()["errors"][0]["loc"][2] == next(iter(settings))


async def test_start_pause_and_stop(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}"
    async with desk.user("sol") as client:
        states = [
            (await client.post(f"{path}/{verb}")).json() for verb in ("start", "start", "pause", "stop")
        ]
        assert [s["status"] for s in states] == ["running", "running", "paused", "stopped"]
        assert [s["settings_version"] for s in states] == [2, 2, 3, 4]
        assert (await client.post(f"{path}/undo")).json()["code"] == "conflict"


async def test_a_change_is_told_though_the_bus_is_away(desk: Desk) -> None:
    desk.bus.up = False
    async with desk.user("sol") as client:
        answer = await client.post(f"/campaigns/{desk.known.campaign}/start")
        assert answer.json()["status"] == "running"
    assert await desk.told(SettingsChanged) == [SettingsChanged("campaigns", desk.known.campaign)]


async def test_agents_may_not_touch_campaigns(desk: Desk) -> None:
    async with desk.user("ana") as client:
        assert (await client.get("/campaigns")).status_code == 403
        assert (await client.post("/campaigns/1/start")).status_code == 403
    async with desk.user("root") as client:
        assert (await client.get("/campaigns")).status_code == 200


@pytest.mark.usefixtures("outside_the_laboratory")
async def test_a_pack_for_the_laboratory_is_chosen_started_and_published_nowhere_else(desk: Desk) -> None:
    """Each refusal has its own code, which the screens put into words."""
    path = f"/campaigns/{desk.known.campaign}"
    lab, own = {"settings": {"rule_pack": "lab-open"}}, pack_text("lab-open").replace("lab-open", "casa")
    async with desk.user("root") as client:
        chosen = await client.patch(path, json=lab, headers={"If-Match": '"1"'})
        assert (chosen.status_code, chosen.json()["code"]) == (409, "lab_only")
        stored = 'UPDATE campaigns SET settings = settings || \'{"rule_pack": "lab-open"}\''
        await desk.pool.execute(stored)
        started = await client.post(f"{path}/start")
        assert (started.status_code, started.json()["code"]) == (409, "lab_only")
        assert (await client.post(f"{path}/stop")).status_code == 200
        published = await client.post("/rule-packs", json={"body": own})
        assert published.status_code == 422
        assert "laboratory" in published.json()["detail"]
        packs = {row["name"]: row["usable"] for row in (await client.get("/rule-packs")).json()["items"]}
        assert (packs["lab-open"], packs["default-strict"]) == (False, True)
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
        assert "rule_pack_lab_only" in [hold["rule"] for hold in why["leads"][0]["holds"]]
