"""A pack that permits what the campaign's country forbids needs an administrator and a second one."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from portfolio.rule_packs import pack_text
from tests.integration.consoles.desk import PASSWORD, Desk

LOOSE = (
    pack_text("es-collections")
    .replace("name: es-collections", "name: casa-floja", 1)
    .replace("max_abandonment: 0.03", "max_abandonment: 0.08")
)
SOON = (datetime.now(UTC) + timedelta(days=400)).date()
STRICT = LOOSE.replace("casa-floja", "casa-firme").replace("max_abandonment: 0.08", "max_abandonment: 0.01")


async def wish(client: httpx.AsyncClient, pack: str, **more: Any) -> httpx.Response:
    """The wish for a pack."""
    version = (await client.get("/campaigns/1")).headers["etag"]
    settings = {"settings": {"rule_pack": pack, **more}}
    return await client.patch("/campaigns/1", json=settings, headers={"If-Match": version})


async def chooses(client: httpx.AsyncClient, pack: str, **more: Any) -> tuple[int, str]:
    """(status, code of the problem) of the wish for a pack."""
    found = await wish(client, pack, **more)
    return found.status_code, "" if found.is_success else found.json()["code"]


async def points(client: httpx.AsyncClient) -> list[str]:
    """What the campaign is told in red."""
    found = (await client.get("/campaigns/1")).json()["looser"]
    return sorted({one["point"] for one in found})


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
        assert await points(root) == []
    async with desk.user("rosa") as rosa:
        assert await chooses(rosa, "casa-floja", region="ES") == (
            409,
            "second_person",
        )  # not what was asked for
        assert await chooses(rosa, "casa-floja") == (200, "")
        told = (await rosa.get("/campaigns/1")).json()["looser"]
        assert [(one["item"], one["ours"], one["law"], one["by"]) for one in told] == [
            (window, "8 %", "3 %", "es-collections")
            for window in ("calendar_day", "rolling_24h", "rolling_30d")
        ]
        assert (await rosa.get("/campaigns")).json()["items"][0]["looser"] == told
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


def since_the_law(name: str, changed: str, into: str) -> str:
    """The Spanish pack as one's own, in one place another."""
    found = pack_text("es-collections").replace("name: es-collections", f"name: {name}", 1)
    assert changed in found
    return found.replace(changed, into, 1)


def without(part: str, body: str) -> str:
    """The pack without its caps or silences, and without the examples that speak of them."""
    found = re.sub(rf"^{part}:\n(?:  .*\n)+", f"{part}: []\n", body, flags=re.MULTILINE)
    head, _, tests = found.partition("\ntests:\n")
    first = re.split(r"\n(?=  - )", tests)[0]
    return f"{head}\ntests:\n{first}\n"


CONDUCT = pack_text("es-collections").split("\nconduct:\n")[1].split("\ntests:")[0]
CHANGED = [f"    {line}" for line in CONDUCT.replace("0.03", "0.2").splitlines()]
LATER = "\n".join(
    ("", f"  - effective_from: {SOON}", "    zone: Europe/Madrid", "    conduct:", *CHANGED, "conduct:", "")
)
SATURDAY = '\n    saturday: [{start: "09:00", end: "14:00"}]\nexcluded_days:'
WAYS = [
    (since_the_law("tarde", "\nconduct:\n", LATER), "abandonment.rolling_24h", {}),
    (since_the_law("lejos", "max_abandonment: 0.03", "max_abandonment: 0.05"), "abandonment.rolling_24h",
     {"region": "MX"}),
    (without("caps", since_the_law("sin-topes", "", "")), "caps.attempts_per_day", {}),
    (without("silences", since_the_law("sin-pausa", "", "")), "silences.after_abandoned", {}),
    (since_the_law("sabados", "\nexcluded_days:", SATURDAY), "hours.saturday", {}),
    (since_the_law("caros", '  - "+34803"\n', ""), "forbidden_prefixes.starts", {}),
]  # fmt: skip


async def test_no_way_around_it(desk: Desk) -> None:
    async with desk.user("root") as root:
        for body, _, _ in WAYS:
            published = await root.post("/rule-packs", json={"body": without("none", body)})
            assert published.status_code == 201, published.text
    async with desk.user("sol") as sol:
        for body, point, more in WAYS:
            name = body.split("name: ", 1)[1].split("\n", 1)[0]
            refused = await wish(sol, name, **more)
            assert (refused.status_code, refused.json()["code"]) == (403, "looser_pack"), name
            assert point in refused.json()["detail"]


async def test_the_second_one_agrees_to_the_rules_that_the_first_one_read(desk: Desk) -> None:
    """And not to what another version says under the same name."""
    async with desk.user("root") as root:
        assert (await root.post("/rule-packs", json={"body": LOOSE})).status_code == 201
        await a_second_administrator(root)
        assert await chooses(root, "casa-floja") == (409, "second_person")
        looser = LOOSE.replace("0.08", "0.2").replace("version: ", "version: 9", 1)
        assert (await root.post("/rule-packs", json={"body": looser})).status_code == 201
    async with desk.user("rosa") as rosa:
        assert await chooses(rosa, "casa-floja") == (409, "second_person")


async def test_a_country_s_own_pack_and_the_product_s_first_choice_ask_nobody(desk: Desk) -> None:
    async with desk.user("sol") as sol:
        for pack, region in (
            ("es-collections", "ES"), ("es-collections", ""), ("lab-open", "MX"), ("default-strict", ""),
            ("default-strict", "MX"), ("default-strict", "ES"), ("default-strict", "BR"),
        ):  # fmt: skip
            assert await chooses(sol, pack, region=region) == (200, "")
            assert await points(sol) == []
