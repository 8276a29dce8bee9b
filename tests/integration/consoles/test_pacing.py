"""A supervisor asks what settings would come to, and why the pacing did what it did."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from dialer.ports import Frame
from journal.events import SettingsChanged
from pacing import Learner, Why
from tests.browser.scripted import campaign as floor_row
from tests.browser.scripted import window
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk

# What may be forecast is counted in seconds of this machine.
pytestmark = pytest.mark.alone

PREDICTIVE = {"mode": "predictive", "target_abandonment": 0.02}


async def ask(client: httpx.AsyncClient, desk: Desk, settings: dict[str, Any], **more: Any) -> httpx.Response:
    """The forecast of some settings."""
    return await client.post(
        f"/campaigns/{desk.known.campaign}/forecast", json={"settings": settings}, **more
    )


async def learned(desk: Desk, version: int, answer_rate: float) -> None:
    """The engine stored a model; where nothing was learned, a fifth of the calls is answered by persons."""
    known = Learner().model()
    await desk.pool.execute(
        "INSERT INTO pacing_models (campaign_id, epoch, version, at, content) "
        "VALUES ($1, 1, $2, now(), $3::text::jsonb)",
        desk.known.campaign,
        version,
        json.dumps(replace(known, version=version, human=known.human * (answer_rate / 0.2)).as_record()),
    )


async def hear_of_the_floor(desk: Desk, client: httpx.AsyncClient, **change: Any) -> None:
    """The engine tells of the floor."""
    body = {
        "epoch": 1,
        "seq": 1,
        "whole": True,
        "campaigns": [floor_row(desk.known.campaign, **change)],
        "agents": [],
    }

    async def heard() -> bool:
        desk.bus.publish(Frame("floor", body))
        return bool((await ask(client, desk, {})).json()["based_on"]["agents"] > 1)

    await eventually(heard)


async def test_a_forecast_stands_beside_the_present_and_changes_nothing(desk: Desk) -> None:
    async with desk.user("sol") as client:
        await hear_of_the_floor(desk, client, ready=12, connected=0, wrap_up=0)
        answer = await ask(client, desk, PREDICTIVE)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert said["now"]["abandonment"] == 0
        assert 0 <= said["then"]["abandonment"] <= 0.03
        assert said["then"]["idle_seconds"] < said["now"]["idle_seconds"]
        assert said["then"]["occupancy"] > said["now"]["occupancy"]
        assert said["settings_version"] == 1
        assert said["based_on"] == {"agents": 12, "calls_seen": 0, "answer_rate": None, "at": None}
        assert said["notes"] == ["nothing_learned"]
        assert (await client.get(f"/campaigns/{desk.known.campaign}")).json()["settings_version"] == 1
    assert await desk.pool.fetchval("SELECT count(*) FROM audit") == 0


@pytest.mark.parametrize(("abandoned", "may_spare"), [(20, True), (70, False)])
async def test_it_begins_where_the_campaigns_windows_stand(
    desk: Desk, abandoned: int, may_spare: bool
) -> None:
    day = [window("calendar_day", 2000, abandoned)]
    async with desk.user("sol") as client:
        await hear_of_the_floor(desk, client, ready=12, windows=day, settled=10_000, settled_live=2000)
        said = (await ask(client, desk, PREDICTIVE)).json()["then"]
        assert (0 < said["abandonment"] < 0.1) is may_spare
        assert (said["abandonment_pm"] > 0) is may_spare


async def test_it_is_made_for_the_agents_at_work_by_what_was_learned(desk: Desk) -> None:
    async with desk.user("sol") as client:
        known = {"answer_rate": 0.31, "calls_seen": 900.0}
        await hear_of_the_floor(desk, client, ready=4, connected=2, wrap_up=1, paused=3, learned=known)
        await learned(desk, 1, 0.2)
        await learned(desk, 2, 0.4)
        said = (await ask(client, desk, PREDICTIVE)).json()
        assert said["based_on"]["agents"] == 7
        assert said["based_on"]["answer_rate"] == 0.31
        assert said["based_on"]["at"] is not None
        assert said["notes"] == []
        quick = said["then"]["calls_per_minute"]
        await learned(desk, 3, 0.1)
        assert (await ask(client, desk, PREDICTIVE)).json()["then"]["calls_per_minute"] > quick


async def test_the_cap_of_the_rule_pack_holds_for_the_forecast_too(desk: Desk) -> None:
    async with desk.user("sol") as client:
        bold = {"mode": "predictive", "target_abandonment": 0.1, "max_abandonment": 0.1}
        capped = {"mode": "predictive", "target_abandonment": 0.03, "max_abandonment": 0.03}
        first, second = [(await ask(client, desk, one)).json()["then"] for one in (bold, capped)]
        assert first == second


@pytest.mark.parametrize("mode", ["manual", "preview"])
async def test_where_agents_start_the_calls_nothing_is_forecast(desk: Desk, mode: str) -> None:
    async with desk.user("sol") as client:
        said = (await ask(client, desk, {"mode": mode})).json()
        assert said["now"] is not None
        assert said["then"] is None
        assert "agents_start" in said["notes"]


async def test_a_forecast_is_checked_as_a_change_is(desk: Desk) -> None:
    async with desk.user("sol") as client:
        for settings in ({"boost": 9}, {"max_calls_per_agent": 0}, {"target_abandonment": 1}, {"wat": 1}):
            answer = await ask(client, desk, settings)
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["loc"][2] == next(iter(settings))
        assert (await ask(client, desk, {}, headers={"If-Match": '"7"'})).status_code == 412
        assert (await client.post("/campaigns/999/forecast", json={"settings": {}})).status_code == 404
    async with desk.user("ana") as client:
        assert (await ask(client, desk, {})).status_code == 403


async def test_the_new_settings_are_versioned_audited_and_undone(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}"
    new = {
        "mode": "power",
        "calls_per_agent": 2.0,
        "target_abandonment": 0.015,
        "max_calls_per_agent": 4.0,
        "boost": 1.5,
        "cancel_ringing": False,
        "weight": 3,
    }
    async with desk.user("sol") as client:
        before = (await client.get(path)).json()["settings"]
        stale = await client.patch(path, json={"settings": new}, headers={"If-Match": '"9"'})
        assert stale.json()["code"] == "version_mismatch"
        changed = await client.patch(path, json={"settings": new}, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
        assert {name: changed.json()["settings"][name] for name in new} == new
        undone = (await client.post(f"{path}/undo", json={"reason": "no rindió"})).json()
        assert undone["settings"] == before
        assert undone["settings_version"] == 3
    audit = await desk.pool.fetch("SELECT action, after::text, undo_of, reason FROM audit ORDER BY id")
    assert [row["action"] for row in audit] == ["campaign.settings", "campaign.undo"]
    assert json.loads(audit[0]["after"])["settings"]["boost"] == 1.5
    assert audit[1]["reason"] == "no rindió"
    assert len(await desk.told(SettingsChanged)) == 2


async def decide(
    desk: Desk,
    calls: int,
    reason: str,
    forecast: dict[str, float] | None,
    ago: int,
    why: Why | None = None,
) -> None:
    """The engine stored a decision; one from before the migration 0033 has no `why`."""
    await desk.pool.execute(
        "INSERT INTO pacing_decisions (campaign_id, at, calls, reason, inputs, forecast, cancel, why) "
        "VALUES ($1, now() - $2 * interval '1 second', $3, $4, '{\"ready\": 2}', $5::text::jsonb,"
        " array_fill(0, ARRAY[$6::int]), $7::text::jsonb)",
        desk.known.campaign,
        ago,
        calls,
        reason,
        json.dumps(forecast) if forecast else None,
        why.cancels if why is not None else 0,
        json.dumps(why.as_record()) if why is not None else None,
    )


async def test_decisions_say_what_was_expected_and_why(desk: Desk) -> None:
    expected = {"abandon_chance": 0.08, "price": 0.083, "live_soon": 1.4, "free_soon": 2.5}
    capped = Why("predictive", 2.0, 6, 0.0, calls=1, cancels=2, capped=True, held_by="line limit")
    power = Why("power", 4.0, 3, 2.5, calls=3, cancels=0, capped=False, held_by="")
    await decide(desk, 1, "a sentence", expected, 2, capped)
    await decide(desk, 3, "another", None, 3, power)
    old = "manual: agents start the calls; cancels 9; held to 0 by abandonment cap"
    await decide(desk, 0, old, None, 4)
    path = f"/campaigns/{desk.known.campaign}/decisions"
    async with desk.user("sol") as client:
        items = (await client.get(path)).json()["items"]
        assert [item["mode"] for item in items] == ["predictive", "power", ""]
        assert [item["capped"] for item in items] == [True, False, False]
        assert [item["cancelled"] for item in items] == [2, 0, 0]
        assert [item["why"] for item in items] == [capped.as_record(), power.as_record(), None]
        assert items[2]["reason"] == old
        assert items[0]["forecast"] == expected
        assert items[1]["forecast"] is None
        assert items[0]["inputs"] == {"ready": 2}
        short = (await client.get(path, params={"inputs": "false"})).json()["items"]
        assert [item["inputs"] for item in short] == [None] * 3
        assert (await client.get("/campaigns/999/decisions")).status_code == 404


async def test_what_was_expected_stands_beside_what_came(desk: Desk) -> None:
    chance = {"abandon_chance": 0.02, "price": 0.03, "live_soon": 1.0, "free_soon": 1.0}
    await decide(desk, 3, "predictive: 1 ready", chance, 300)
    await decide(desk, 1, "predictive: 1 ready", {**chance, "abandon_chance": 0.06}, 300 - 1)
    await desk.pool.execute(
        "UPDATE attempts SET placed_at = now() - interval '300 seconds', outcome = 'abandoned', "
        "connected_at = NULL, waiting_at = now() - interval '290 seconds', version = version + 1 "
        "WHERE id = $1",
        desk.known.attempt,
    )
    async with desk.user("sol") as client:
        path = f"/campaigns/{desk.known.campaign}/pacing"
        said = (await client.get(path, params={"minutes": 15})).json()
        assert (said["target"], said["limit"]) == (0.025, 0.03)
        minutes = said["minutes"]
        assert 15 <= len(minutes) <= 16
        assert sum(one["placed"] for one in minutes) == 1
        assert sum(one["live"] for one in minutes) == 1
        assert sum(one["abandoned"] for one in minutes) == 1
        assert sum(one["expected"] or 0 for one in minutes) == pytest.approx(0.12)
        assert minutes[0]["expected"] is None
        assert (await client.get(path, params={"minutes": 0})).status_code == 422
        assert (await client.get("/campaigns/999/pacing")).status_code == 404
