"""Lists of numbers that are not called, from a file to the call that ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from dialer.model.commands import body_of
from tests.integration.consoles.desk import NUMBER, Desk

PATH = "/suppression-lists"


async def put(client: httpx.AsyncClient, text: str, **fields: str) -> httpx.Response:
    file = {"file": ("robinson.csv", text.encode(), "text/csv")}
    return await client.post(PATH, files=file, data={"name": "Robinson", **fields})


async def suppressed(desk: Desk, number: str, days: int = 0) -> Any:
    return await desk.pool.fetchval("SELECT is_suppressed($1, now() + $2 * interval '1 day')", number, days)


async def test_a_list_grows_is_replaced_and_goes(desk: Desk) -> None:
    async with desk.user("sol") as client:
        answer = await put(client, "telefono\n612345678\n612345678\nx1\n", source="AEPD 2026-11")
        assert answer.status_code == 201, answer.text
        report = answer.json()
        assert (report["rows"], report["taken"], report["rejected"], report["ended"]) == (3, 2, 1, 0)
        assert [(one["row"], one["text"], one["es"]) for one in report["rejects"]] == [
            (4, "x1", "ese teléfono no existe")
        ]
        await put(client, "612345679\n")
        (one,) = (await client.get(PATH)).json()["items"]
        assert (one["name"], one["numbers"]) == ("Robinson", 2)
        await put(client, "612345670\n", replace="true")
        assert [await suppressed(desk, f"+3461234567{n}") for n in (8, 9, 0)] == [False, False, True]
        assert (await client.delete(f"{PATH}/{one['id']}")).status_code == 204
        assert (await client.delete(f"{PATH}/{one['id']}")).status_code == 404
    assert not await suppressed(desk, "+34612345670")
    rows = await desk.pool.fetch("SELECT action FROM audit WHERE action LIKE 'suppression.%' ORDER BY id")
    assert [row["action"] for row in rows] == ["suppression.put"] * 3 + ["suppression.drop"]


async def test_the_gate_refuses_such_a_number_and_says_so(desk: Desk) -> None:
    async with desk.user("sol") as client:
        await put(client, f"{NUMBER}\n")
        why = (await client.get(f"/persons/{desk.known.person}/why")).json()
    (number,) = why["leads"][0]["numbers"]
    assert (number["gate"]["verdict"], number["gate"]["rule"]) == ("refused", "do_not_call")


async def test_numbers_may_be_called_again_when_the_time_is_over(desk: Desk) -> None:
    async with desk.user("sol") as client:
        until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        assert (await put(client, "612345678\n", until=until)).status_code == 201
        assert [await suppressed(desk, "+34612345678", days) for days in (29, 31)] == [True, False]
        assert (await put(client, "612345678\n", until="2020-01-01T00:00:00Z")).status_code == 422


async def test_who_is_being_rung_on_such_a_number_is_rung_no_more(desk: Desk) -> None:
    await desk.pool.execute(
        "INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened,"
        " placed_at, deadline_at) SELECT gen_random_uuid(), campaign_id, lead_id, person_id, phone_id,"
        " number, limits, screened, now(), now() FROM attempts WHERE id = $1",
        desk.known.attempt,
    )
    async with desk.user("sol") as client:
        assert (await put(client, "612345678\n")).json()["ended"] == 0
        assert (await put(client, f"{NUMBER}\n")).json()["ended"] == 1
    told = [body_of(c.request) for c in desk.bus.sent if c.kind == "person.changed"]
    assert [(one["person_id"], one["reason"]) for one in told] == [(desk.known.person, "suppressed")]


async def test_a_file_without_a_number_changes_nothing(desk: Desk) -> None:
    async with desk.user("sol") as client, desk.user("ana") as agent:
        await put(client, "612345678\n")
        for text in ("", "telefono\n", "x\ny\n"):
            assert (await put(client, text, replace="true")).json()["code"] == "invalid"
        assert (await put(client, "612345678\n", name="")).status_code == 422
        assert (await put(client, "612345678\n", default_region="XX")).status_code == 422
        assert (await client.post(PATH, data={"name": "x"})).status_code == 422
        assert (await put(agent, "612345679\n")).status_code == 403
        (one,) = (await client.get(PATH)).json()["items"]
    assert one["numbers"] == 1
    assert await suppressed(desk, "+34612345678")
