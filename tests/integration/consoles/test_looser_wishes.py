"""What waits for a second administrator is listed, agreed to and refused; all of it stands in the audit."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from consoles.pack_approval import HOURS
from consoles.sql import SQL
from tests.integration.consoles.desk import Desk
from tests.integration.consoles.test_looser_packs import (
    LATER,
    LOOSE,
    SOON,
    STRICT,
    a_second_administrator,
    chooses,
    points,
    since_the_law,
    wish,
    without,
)

WHY = {"reason": "visto con el abogado"}


async def waiting(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/looser-wishes")).json()["items"]
    return found


async def asked(desk: Desk) -> None:
    """Root wants the loose pack for the campaign, with another setting in the same breath."""
    async with desk.user("root") as root:
        assert (await root.post("/rule-packs", json={"body": LOOSE})).status_code == 201
        await a_second_administrator(root)
        assert (await wish(root, "casa-floja", boost=1.5)).json()["code"] == "second_person"


async def answer(client: httpx.AsyncClient, verb: str, number: int, **body: str) -> tuple[int, str]:
    found = await client.post(f"/looser-wishes/{number}/{verb}", json=body or WHY)
    return found.status_code, "" if found.is_success else found.json()["code"]


async def trail(desk: Desk) -> list[tuple[str, str, str]]:
    """(what, who, why) of the audit."""
    rows = await desk.pool.fetch(
        "SELECT a.action, u.login, a.reason FROM audit a JOIN users u ON u.id = a.actor_id"
        " WHERE a.action LIKE 'looser_rules%' OR a.action = 'campaign.settings' ORDER BY a.id"
    )
    return [tuple(row) for row in rows]


async def test_the_second_administrator_finds_the_wish_and_agrees(desk: Desk) -> None:
    await asked(desk)
    async with desk.user("sol") as sol:
        assert (await sol.get("/looser-wishes")).status_code == 403
    async with desk.user("root") as root:
        (own,) = await waiting(root)
        assert own["mine"]
        assert await answer(root, "agree", own["id"]) == (409, "own_wish")
    async with desk.user("rosa") as rosa:
        now = (await rosa.get("/campaigns/1")).json()["settings"]
        (found,) = await waiting(rosa)
        assert (found["asked_by"], found["mine"], found["rule_pack"]) == ("Root", False, "casa-floja")
        assert found["campaign"]
        span = datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["at"])
        assert span == timedelta(hours=24)
        assert {(one["ours"], one["law"]) for one in found["looser"]} == {("8 %", "3 %")}
        change = {one["name"]: (one["old"], one["new"]) for one in found["change"]}
        assert change == {"rule_pack": (now["rule_pack"], "casa-floja"), "boost": (now["boost"], 1.5)}
        assert found["body"] == ""
        assert await answer(rosa, "agree", found["id"], reason=" ") == (422, "invalid")
        assert await points(rosa) == []
        assert await answer(rosa, "agree", found["id"]) == (204, "")
        assert await points(rosa) == ["abandonment"]
        assert (await rosa.get("/campaigns/1")).json()["settings"]["boost"] == 1.5
        assert await waiting(rosa) == []
        assert await answer(rosa, "agree", found["id"]) == (404, "not_found")
    assert await trail(desk) == [
        ("looser_rules.asked", "root", ""), ("looser_rules.agreed", "rosa", WHY["reason"]),
        ("campaign.settings", "rosa", WHY["reason"]),
    ]  # fmt: skip


async def test_a_wish_that_was_refused_waits_no_more_and_agrees_with_nobody(desk: Desk) -> None:
    await asked(desk)
    async with desk.user("rosa") as rosa:
        (found,) = await waiting(rosa)
        assert await answer(rosa, "refuse", found["id"], reason="") == (422, "invalid")
        assert await answer(rosa, "refuse", found["id"]) == (204, "")
        assert await waiting(rosa) == []
        assert await chooses(rosa, "casa-floja", boost=1.5) == (409, "second_person")
        (own,) = await waiting(rosa)
        assert own["mine"]
        assert await answer(rosa, "refuse", own["id"]) == (204, "")  # taken back
        assert await waiting(rosa) == []
        assert await points(rosa) == []
    assert [what for what, _, _ in await trail(desk)] == [
        "looser_rules.asked", "looser_rules.refused", "looser_rules.asked", "looser_rules.refused",
    ]  # fmt: skip


async def test_a_wish_is_forgotten_after_a_day_and_does_not_hold_for_other_rules(desk: Desk) -> None:
    await asked(desk)
    async with desk.user("root") as root:
        other = LOOSE.replace("0.08", "0.09").replace("version: ", "version: 9", 1)
        assert (await root.post("/rule-packs", json={"body": other})).status_code == 201
    async with desk.user("rosa") as rosa:
        (found,) = await waiting(rosa)
        assert await answer(rosa, "agree", found["id"]) == (409, "conflict")
        assert await points(rosa) == []
        assert [one["id"] for one in await waiting(rosa)] == [found["id"]]
    await desk.pool.execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only")
    await desk.pool.execute("UPDATE audit SET at = at - interval '25 hours'")
    async with desk.user("rosa") as rosa:
        assert await waiting(rosa) == []
        assert await answer(rosa, "agree", found["id"]) == (404, "not_found")


async def test_a_looser_version_of_a_pack_in_use_is_published_by_the_second_person(desk: Desk) -> None:
    looser = STRICT.replace("max_abandonment: 0.01", "max_abandonment: 0.02").replace(
        "version: ", "version: 9", 1
    )
    async with desk.user("root") as root:
        assert (await root.post("/rule-packs", json={"body": STRICT})).status_code == 201
        await a_second_administrator(root)
        assert await chooses(root, "casa-firme") == (200, "")
        assert (await root.post("/rule-packs", json={"body": looser})).json()["code"] == "second_person"
    async with desk.user("rosa") as rosa:
        (found,) = await waiting(rosa)
        assert (found["campaign"], found["rule_pack"]) == ("", "casa-firme")
        assert {(one["ours"], one["law"]) for one in found["looser"]} == {("2 %", "1 %")}
        assert (found["change"], found["body"]) == ([], looser)
        assert await answer(rosa, "agree", found["id"]) == (204, "")
        assert await waiting(rosa) == []
        body = (await rosa.get("/rule-packs/casa-firme")).json()["body"]
        assert "max_abandonment: 0.02" in body


async def test_what_needs_nobody_s_leave_by_now_is_agreed_to_all_the_same_and_waits_no_more(
    desk: Desk,
) -> None:
    """The rules of that name were made as strict as the law in between."""
    await asked(desk)
    async with desk.user("root") as root:
        strict = LOOSE.replace("0.08", "0.03").replace("version: ", "version: 9", 1)
        assert (await root.post("/rule-packs", json={"body": strict})).status_code == 201
    async with desk.user("rosa") as rosa:
        (found,) = await waiting(rosa)
        assert await answer(rosa, "agree", found["id"]) == (204, "")
        assert await waiting(rosa) == []
        assert (await rosa.get("/campaigns/1")).json()["settings"]["rule_pack"] == "casa-floja"
    assert ("looser_rules.agreed", "rosa", WHY["reason"]) in await trail(desk)


async def test_a_rule_that_begins_to_hold_later_is_listed_with_its_day(desk: Desk) -> None:
    body = since_the_law("tarde", "\nconduct:\n", LATER)
    async with desk.user("root") as root:
        published = await root.post("/rule-packs", json={"body": without("none", body)})
        assert published.status_code == 201, published.text
        assert (await wish(root, "tarde")).json()["code"] == "second_person"
        (found,) = await waiting(root)
    assert str(SOON) in {one["since"] for one in found["looser"]}


async def test_what_waits_is_not_looked_for_in_all_that_was_ever_done(desk: Desk) -> None:
    """Every page of every administrator asks twice a minute, and the audit only grows."""
    await desk.pool.execute(
        "INSERT INTO audit (action, subject) SELECT 'login', 'user:' || n FROM generate_series(1, 20000) n"
    )
    await asked(desk)
    await desk.pool.execute("ANALYZE audit")
    rows = await desk.pool.fetch(f"EXPLAIN {SQL['looser_wishes']}", None, HOURS)
    plan = "\n".join(row[0] for row in rows)
    assert "audit_looser_asked" in plan, plan
    assert "Seq Scan on audit" not in plan, plan
