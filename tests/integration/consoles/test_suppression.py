"""Lists of numbers that are not called, from a file to the call that ends."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import openpyxl

from journal.events import NumbersSuppressed
from tests.integration.consoles.desk import NUMBER, Desk

PATH = "/suppression-lists"
WHY = {"reason": "contrato terminado"}


async def put(client: httpx.AsyncClient, text: str, **fields: str) -> httpx.Response:
    file = {"file": ("robinson.csv", text.encode(), "text/csv")}
    return await client.post(
        PATH,
        files=file,
        data={"name": "Robinson", "default_region": "ES", "reason": "nueva entrega", **fields},
    )


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
        await put(client, "612345670\n", action="replace")
        assert [await suppressed(desk, f"+3461234567{n}") for n in (8, 9, 0)] == [False, False, True]
        assert (await client.delete(f"{PATH}/{one['id']}", params=WHY)).status_code == 204
        assert (await client.delete(f"{PATH}/{one['id']}", params=WHY)).status_code == 404
    assert not await suppressed(desk, "+34612345670")
    rows = await desk.pool.fetch("SELECT action FROM audit WHERE action LIKE 'suppression.%' ORDER BY id")
    assert [row["action"] for row in rows] == [
        "suppression.put", "suppression.put", "suppression.replace", "suppression.drop",
    ]  # fmt: skip


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
        over = await put(client, "612345678\n", until="2020-01-01T00:00:00Z")
        assert (over.status_code, over.json()["code"]) == (422, "over_already")


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
    assert NumbersSuppressed(freed=False) in await desk.told(NumbersSuppressed)


async def test_a_file_without_a_number_changes_nothing(desk: Desk) -> None:
    async with desk.user("sol") as client, desk.user("ana") as agent:
        await put(client, "612345678\n")
        for text in ("", "telefono\n", "x\ny\n"):
            assert (await put(client, text, action="replace")).json()["code"] == "invalid"
        assert (await put(client, "612345678\n", name="")).status_code == 422
        assert (await put(client, "612345678\n", default_region="XX")).status_code == 422
        asked = await put(client, "612345678\n", default_region="")
        assert "de qué país" in asked.json()["detail"]
        assert (await client.post(PATH, data={"name": "x"})).status_code == 422
        assert (await put(agent, "612345679\n")).status_code == 403
        (one,) = (await client.get(PATH)).json()["items"]
    assert one["numbers"] == 1
    assert await suppressed(desk, "+34612345678")


async def test_a_check_tells_what_was_understood_and_stores_nothing(desk: Desk) -> None:
    async with desk.user("sol") as client:
        dry = {"dry_run": "true"}
        report = (await put(client, "id;telefono\n600000123;612345678\n600000124;nadie\n", **dry)).json()
        assert (report["dry_run"], report["id"], report["taken"], report["changed"]) == (True, None, 1, 1)
        assert {one["header"]: one["used"] for one in report["columns"]} == {"id": False, "telefono": True}
        assert report["samples"] == [{"row": 2, "text": "612345678", "number": "+34612345678"}]
        assert [(one["row"], one["column"], one["code"]) for one in report["rejects"]] == [
            (3, "telefono", "phone_invalid")
        ]
        asked = (await put(client, "600000123;612345678\n", **dry)).json()
        assert asked["refused"] == "más de una columna puede ser la del teléfono: diga cuál: 1, 2"
        assert (await put(client, "600000123;612345678\n")).status_code == 422
        said = (await put(client, "600000123;612345678\n", column="2", **dry)).json()
        assert (said["refused"], said["samples"][0]["number"]) == ("", "+34612345678")
        assert (await client.get(PATH)).json()["items"] == []
    assert await desk.pool.fetchval("SELECT count(*) FROM audit WHERE action LIKE 'suppression.%'") == 0


async def test_a_file_takes_numbers_off_a_list_in_whatever_spelling(desk: Desk) -> None:
    """And tells of those that something else forbids all the same."""
    async with desk.user("sol") as client:
        ours = {"default_region": "AR", "action": "remove"}
        missing = await put(client, "1123450001\n", **ours)
        assert missing.json()["detail"] == "no hay ninguna lista con ese nombre: Robinson"
        await put(client, "telefono\n11 15 2345-0001\n+54 9 11 2345 0002\n3415123456\n", default_region="AR")
        await put(client, "1123450002\n", default_region="AR", name="Otra")
        text = "1123450001\n1123450002\n1123450009\n"
        dry = (await put(client, text, dry_run="true", **ours)).json()
        assert (dry["taken"], dry["changed"], dry["still"]) == (3, 2, 1)
        report = (await put(client, text, **ours)).json()
        assert (report["taken"], report["changed"], report["still"]) == (3, 2, 1)
        sizes = {one["name"]: one["numbers"] for one in (await client.get(PATH)).json()["items"]}
    assert sizes == {"Robinson": 1, "Otra": 1}
    numbers = ("+5491123450001", "+541123450002", "+543415123456")
    assert [await suppressed(desk, number) for number in numbers] == [False, True, True]
    row = await desk.pool.fetchrow(
        "SELECT subject, actor_id, after ->> 'file' AS file, (after ->> 'changed')::int AS changed,"
        " length(after ->> 'sha256') AS sha256 FROM audit WHERE action = 'suppression.remove'"
    )
    assert tuple(row) == ("suppression:Robinson", desk.known.users["sol"], "robinson.csv", 2, 64)  # type: ignore[arg-type]


async def test_whoever_replaces_a_list_is_told_who_may_be_called_again(desk: Desk) -> None:
    """Before and after, in whatever spelling: who stays, comes, leaves, and is not called even so."""

    def tally(answer: httpx.Response) -> tuple[int, ...]:
        report = answer.json()
        return tuple(report[name] for name in ("stays", "comes", "leaves", "still"))

    listed = [f"11 15 2345-{n:04d}" for n in range(100)]
    ours = {"default_region": "AR", "action": "replace"}
    async with desk.user("sol") as client:
        await put(client, "\n".join(["telefono", *listed]), default_region="AR")
        await put(client, "1123450099\n1123450000\n", default_region="AR", name="Otra")
        same = "\n".join(["telefono", *listed])
        assert tally(await put(client, same, dry_run="true", **ours)) == (100, 0, 0, 0)
        few = (
            "telefono\n" + "".join(f"+54 9 11 2345 {n:04d}\n" for n in range(10)) + "1123459999\n1123459999\n"
        )
        dry = await put(client, few, dry_run="true", **ours)
        assert tally(dry) == (10, 1, 90, 1)
        assert (await put(client, few, **{**ours, "reason": " "})).json()["code"] == "reason_needed"
        assert tally(await put(client, few, **ours)) == (10, 1, 90, 1)
        sizes = {one["name"]: one["numbers"] for one in (await client.get(PATH)).json()["items"]}
        (listed_id,) = [
            one["id"] for one in (await client.get(PATH)).json()["items"] if one["name"] == "Otra"
        ]
        assert (await client.delete(f"{PATH}/{listed_id}")).status_code == 422
        assert (await client.delete(f"{PATH}/{listed_id}", params=WHY)).status_code == 204
    assert sizes == {"Robinson": 11, "Otra": 2}
    rows = await desk.pool.fetch(
        "SELECT reason FROM audit WHERE action IN ('suppression.replace', 'suppression.drop')"
    )
    assert [row["reason"] for row in rows] == ["nueva entrega", "contrato terminado"]


async def test_a_workbook_of_numbers_and_its_second_sheet(desk: Desk) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Notas"])
    second = book.create_sheet("Bajas")
    for row in (["Lista de noviembre"], [], ["Nº", "Teléfono"], [1, 612345678.0], [2, "600 111 222"]):
        second.append(row)
    out = io.BytesIO()
    book.save(out)
    file = {"file": ("bajas.xlsx", out.getvalue(), "application/octet-stream")}
    said = {"name": "Bajas", "default_region": "ES"}
    async with desk.user("sol") as client:
        dry = (await client.post(PATH, files=file, data={**said, "dry_run": "true"})).json()
        assert (dry["sheets"], dry["taken"]) == (["Sheet", "Bajas"], 0)
        report = (await client.post(PATH, files=file, data={**said, "sheet": "Bajas"})).json()
        assert (report["taken"], report["rejected"], report["header_row"]) == (2, 0, 3)
        unknown = await client.post(PATH, files=file, data={**said, "sheet": "Altas"})
        assert unknown.json()["detail"] == "el libro no tiene esa hoja; tiene: Sheet, Bajas"
    assert await suppressed(desk, "+34600111222")
