"""A pack that measures more loosely than the campaign's country needs an administrator and a second one."""

from typing import Any

import httpx

from portfolio.rule_packs import pack_text
from tests.integration.consoles.desk import PASSWORD, Desk

LOOSE = (
    pack_text("es-collections")
    .replace("name: es-collections", "name: casa-floja", 1)
    .replace("max_abandonment: 0.03", "max_abandonment: 0.08")
)
STRICT = LOOSE.replace("casa-floja", "casa-firme").replace("max_abandonment: 0.08", "max_abandonment: 0.01")


async def chooses(client: httpx.AsyncClient, pack: str, **more: Any) -> tuple[int, str]:
    """(status, code of the problem) of the wish for a pack."""
    version = (await client.get("/campaigns/1")).headers["etag"]
    found = await client.patch(
        "/campaigns/1", json={"settings": {"rule_pack": pack, **more}}, headers={"If-Match": version}
    )
    return found.status_code, "" if found.is_success else found.json()["code"]


async def a_second_administrator(client: httpx.AsyncClient) -> None:
    new = {"login": "rosa", "name": "Rosa", "role": "admin", "password": PASSWORD}
    assert (await client.post("/users", json=new)).status_code == 201


async def test_a_looser_pack_needs_two_administrators_and_is_told(desk: Desk) -> None:
    async with desk.user("root") as root:
        for body in (LOOSE, STRICT):
            assert (await root.post("/rule-packs", json={"body": body})).status_code in (200, 201)
        await a_second_administrator(root)
        assert await chooses(root, "casa-firme") == (200, "")
    async with desk.user("sol") as sol:
        assert await chooses(sol, "casa-floja") == (403, "looser_pack")
    async with desk.user("root") as root:
        assert await chooses(root, "casa-floja") == (409, "second_person")
        assert await chooses(root, "casa-floja") == (409, "second_person")  # oneself is no second person
        assert (await root.get("/campaigns/1")).json()["looser"] == []
    async with desk.user("rosa") as rosa:
        assert await chooses(rosa, "casa-floja", region="ES") == (
            409,
            "second_person",
        )  # not what was asked for
        assert await chooses(rosa, "casa-floja") == (200, "")
        assert (await rosa.get("/campaigns/1")).json()["looser"] == ["abandonment"]
        assert (await rosa.get("/campaigns")).json()["items"][0]["looser"] == ["abandonment"]
    rows = await desk.pool.fetch(
        "SELECT action, u.login, a.after ->> 'asked_by' AS asked_by"
        " FROM audit a JOIN users u ON u.id = a.actor_id"
        " WHERE action LIKE 'looser_rules%' ORDER BY a.id"
    )
    asked = "looser_rules.asked"
    assert [(row["action"], row["login"]) for row in rows] == [
        (asked, "root"), (asked, "root"), (asked, "rosa"), ("looser_rules.agreed", "rosa"),
    ]  # fmt: skip
    assert rows[-1]["asked_by"] == str(desk.known.users["root"])


async def test_an_agreement_holds_once_and_going_back_is_asked_as_well(desk: Desk) -> None:
    async with desk.user("root") as root:
        assert (await root.post("/rule-packs", json={"body": LOOSE})).status_code in (200, 201)
        await a_second_administrator(root)
        assert await chooses(root, "casa-floja") == (409, "second_person")
    async with desk.user("rosa") as rosa:
        assert await chooses(rosa, "casa-floja") == (200, "")
        assert await chooses(rosa, "default-strict") == (200, "")  # stricter: nobody is asked
        undone = await rosa.post("/campaigns/1/undo")
        assert (undone.status_code, undone.json()["code"]) == (409, "second_person")
    async with desk.user("sol") as sol:
        assert (await sol.post("/campaigns/1/undo")).status_code == 403


async def test_a_pack_in_use_is_not_made_looser_by_one_alone(desk: Desk) -> None:
    looser = STRICT.replace("max_abandonment: 0.01", "max_abandonment: 0.02").replace(
        "version: ", "version: 9", 1
    )
    async with desk.user("root") as root:
        assert (await root.post("/rule-packs", json={"body": STRICT})).status_code == 201
        await a_second_administrator(root)
        assert await chooses(root, "casa-firme") == (200, "")
        refused = await root.post("/rule-packs", json={"body": looser})
        assert (refused.status_code, refused.json()["code"]) == (409, "second_person")
    async with desk.user("rosa") as rosa:
        other = looser.replace("max_abandonment: 0.02", "max_abandonment: 0.03")
        assert (await rosa.post("/rule-packs", json={"body": other})).status_code == 409
        assert (await rosa.post("/rule-packs", json={"body": looser})).status_code == 201
