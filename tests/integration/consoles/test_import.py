"""A supervisor imports a file; the bad rows come back once."""

import asyncio

from tests.integration.consoles.desk import Desk

FILE = (
    "external_id;name;phone;country;balance;currency;reference\n"
    "C-2;Luis Pérez;612345678;ES;100,50;EUR;R1\n"
    "C-3;=cmd;612345679;ES;1;EUR;R2\n"
)


SAID = {"default_region": "ES", "creditor": "Banco"}


async def test_good_rows_go_in_and_bad_rows_come_back_once(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}/import"
    files = {"file": ("nov.csv", FILE.encode(), "text/csv")}
    async with desk.user("sol") as client, desk.user("root") as other:
        dry = (await client.post(path, files=files, data={**SAID, "dry_run": "true"})).json()
        assert (dry["dry_run"], dry["list_id"]) == (True, None)
        (sample,) = dry["samples"]
        assert (sample["row"], sample["name"], sample["numbers"]) == (2, "Luis Pérez", ["+34612345678"])
        assert (sample["balance_minor"], sample["currency"]) == (10050, "EUR")
        assert sample["zone"] == "Atlantic/Canary, Europe/Madrid"
        answer = await client.post(path, files=files, data={**SAID, "list_name": "noviembre"})
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert (report["accepted"], report["rejected"]) == (1, 1)
        assert report["rejects"][0]["code"] == "formula"
        rejects = report["rejects_url"].removeprefix("/api/v1")
        assert (await other.get(rejects)).status_code == 404
        assert "formula" in (await client.get(rejects)).text
        assert (await client.get(rejects)).status_code == 404
        assert (await client.get("/persons", params={"q": "C-2"})).json()["items"][0]["name"] == "Luis Pérez"


async def test_a_look_tells_what_a_file_seems_to_be_and_keeps_nothing(desk: Desk) -> None:
    text = "Cartera;\n;\nQuien;Tel2;id\nAna;612345678;7\n;612345679;8\n"
    file = {"file": ("nov.csv", text.encode(), "text/csv")}
    async with desk.user("sol") as client, desk.user("ana") as agent:
        seen = (await client.post("/imports/look", files=file)).json()
        assert (seen["sheets"], seen["header_row"]) == ([], 3)
        assert seen["lines"][:2] == [[1, "Cartera;"], [3, "Quien;Tel2;id"]]
        assert [(one["header"], one["name"], one["examples"]) for one in seen["columns"]] == [
            ("Quien", "", ["Ana", ""]),
            ("Tel2", "phone_2", ["612345678", "612345679"]),
            ("id", "external_id", ["7", "8"]),
        ]
        assert seen["refused"] == "faltan columnas obligatorias: name"
        said = {"mapping": '{"Quien": "name"}', "header_row": "3"}
        assert (await client.post("/imports/look", files=file, data=said)).json()["refused"] == ""
        for wrong in ({"header_row": "0"}, {"header_row": "x"}, {"mapping": "{"}, {"mapping": '{"a": "b"}'}):
            answer = await client.post("/imports/look", files=file, data=wrong)
            assert answer.status_code == 422 or "template" not in answer.json()["refused"] != "", wrong
        assert (await client.post("/imports/look", data={"sheet": "x"})).status_code == 422
        assert (await agent.post("/imports/look", files=file)).status_code == 403
    assert await desk.pool.fetchval("SELECT count(*) FROM lists WHERE name = 'nov.csv'") == 0


async def test_a_template_keeps_sheet_and_row_of_the_titles(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}/import"
    text = "nombre;telefono\nmuestra;612345677\nQuien;Tel2\nAna;612345678\n"
    file = {"file": ("nov.csv", text.encode(), "text/csv")}
    body = {"columns": {"Quien": "name"}, "header_row": 3, "sheet": "Hoja 2", "creditor": "Banco"}
    async with desk.user("sol") as client:
        assert (await client.put("/import-templates/uno", json={**body, "header_row": 0})).status_code == 422
        assert (await client.put("/import-templates/uno", json=body)).status_code == 204
        (kept,) = (await client.get("/import-templates")).json()["items"]
        assert (kept["sheet"], kept["header_row"]) == ("Hoja 2", 3)
        said = {"template": "uno", "default_region": "ES", "dry_run": "true"}
        report = (await client.post(path, files=file, data=said)).json()
        assert [one["name"] for one in report["samples"]] == ["Ana"]
        first = (await client.post(path, files=file, data={**said, "header_row": "1"})).json()
        assert [one["name"] for one in first["samples"]] == ["muestra", "Ana"]


async def test_how_far_an_import_is_can_be_watched(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}/import"
    rows = "".join(f"C-{n};Luis Pérez;6{n:08d}\n" for n in range(12_000_000, 12_030_000))
    file = f"external_id;name;phone\n{rows}".encode()
    seen: list[dict[str, int]] = []
    async with desk.user("sol") as client, desk.user("sol") as watcher, asyncio.TaskGroup() as tasks:
        assert (await watcher.get(path)).json() is None
        going = tasks.create_task(client.post(path, files={"file": ("big.csv", file, "text/csv")}, data=SAID))
        while not going.done():
            answer = await watcher.get(path)
            seen += [answer.json()] if answer.json() is not None else []
        assert going.result().json()["rows"] == 30_000
        assert (await watcher.get(path)).json() is None
    assert {one["size"] for one in seen} == {len(file)}
    assert any(0 < one["rows"] < 30_000 and 0 < one["read"] <= len(file) for one in seen)
    assert [one["rows"] for one in seen] == sorted(one["rows"] for one in seen)


async def test_a_file_is_looked_at_while_another_is_imported(desk: Desk) -> None:
    """And whoever would import too is told why not, and for how long."""
    big = "name;phone\n" + "".join(f"Ana {n};6{n:08d}\n" for n in range(10_000_000, 10_030_000))
    path = f"/campaigns/{desk.known.campaign}/import"
    file = {"file": ("big.csv", big.encode(), "text/csv")}
    small = {"file": ("nov.csv", FILE.encode(), "text/csv")}
    robinson = {"name": "x", "default_region": "ES"}
    async with desk.user("sol") as client, desk.user("root") as other, asyncio.TaskGroup() as tasks:
        going = tasks.create_task(client.post(path, files=file, data=SAID))
        while (await other.get(path)).json() is None:
            assert not going.done()
        late = await other.post(path, files=small, data=SAID)
        listed = await other.post("/suppression-lists", files=small, data=robinson)
        seen = await other.post("/imports/look", files=small)
        assert (await going).json()["rows"] == 30_000
    assert (seen.status_code, seen.json()["header_row"]) == (200, 1)
    for refused in (late, listed):
        assert (refused.status_code, refused.json()["code"]) == (429, "importing")
        assert refused.headers["retry-after"] == "10"


async def test_every_reason_has_words_in_both_languages(desk: Desk) -> None:
    """However many other rows came back before it."""
    many = "name;phone\n" + "=1;612345678\n" * 120 + "Ana;12\n"
    async with desk.user("sol") as client:
        file = {"file": ("nov.csv", many.encode(), "text/csv")}
        answer = await client.post(f"/campaigns/{desk.known.campaign}/import", files=file, data=SAID)
    report = answer.json()
    assert {one["code"] for one in report["rejects"]} == {"formula"}
    assert set(report["reasons"]) == {"formula", "phone_special"}
    assert report["words"]["phone_special"]["en"] == "special, emergency, toll-free or premium number"
    assert report["words"]["phone_special"]["es"].startswith("número especial")


async def test_what_is_no_import_is_refused(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}/import"
    async with desk.user("sol") as client:
        assert (await client.post(path, data={"list_name": "x"})).status_code == 422
        assert (await client.post(path, content=b"x")).status_code == 422
        empty = {"file": ("a.csv", b"", "text/csv")}
        assert (await client.post(path, files=empty, data=SAID)).json()["code"] == "invalid"
        assert (await client.post("/campaigns/999/import", files=empty)).status_code == 404


async def test_only_the_import_takes_a_large_body_and_only_from_supervisors(desk: Desk) -> None:
    big = {"file": ("a.csv", b"name;phone\n" + b"x" * 200_000, "text/csv")}
    path = f"/campaigns/{desk.known.campaign}/import"
    async with desk.user("sol") as client, desk.user("ana") as agent:
        assert (await client.post(path, files=big, data=SAID)).status_code in (200, 422)
        assert (await agent.post(path, files=big)).status_code == 403
        large = await client.post("/persons/1/stop", json={"reason": "x" * 200_000})
        assert large.status_code == 413
        assert large.json()["code"] == "too_large"


async def test_a_file_without_consent_is_told_so_where_the_rules_call_only_who_has_consented(
    desk: Desk,
) -> None:
    """With a column for it, or under rules that do not ask, nothing is said."""
    path = f"/campaigns/{desk.known.campaign}/import"
    given = (
        FILE.replace("reference\n", "reference;consentimiento\n")
        .replace(";R1", ";R1;no")
        .replace(";R2", ";R2;sí")
    )
    async with desk.user("sol") as client:

        async def told(text: str, pack: str) -> dict[str, str] | None:
            rules = "UPDATE campaigns SET settings = settings || jsonb_build_object('rule_pack', $1::text)"
            await desk.pool.execute(rules, pack)
            files = {"file": ("nov.csv", text.encode(), "text/csv")}
            answer = await client.post(path, files=files, data={**SAID, "dry_run": "true"})
            assert answer.status_code == 200, answer.text
            found: dict[str, str] | None = answer.json()["no_consent"]
            return found

        async def seen(text: str, **more: int) -> dict[str, str] | None:
            files = {"file": ("nov.csv", text.encode(), "text/csv")}
            answer = await client.post("/imports/look", files=files, data=more)
            assert answer.status_code == 200, answer.text
            found: dict[str, str] | None = answer.json()["no_consent"]
            return found

        words = await told(FILE, "default-strict")
        assert words is not None
        assert words["es"].startswith("este archivo no trae consentimientos")
        assert words["en"].startswith("this file gives no consent")
        assert await seen(FILE, campaign=desk.known.campaign) == words
        assert await seen(FILE) is None
        assert await seen(given, campaign=desk.known.campaign) is None
        assert await told(given, "default-strict") is None
        assert await told(FILE, "es-collections") is None


async def test_bad_rows_are_still_there_when_it_could_not_be_written_down_who_took_them(desk: Desk) -> None:
    path = f"/campaigns/{desk.known.campaign}/import"
    files = {"file": ("nov.csv", FILE.encode(), "text/csv")}
    async with desk.user("sol") as client:
        report = (await client.post(path, files=files, data={**SAID, "list_name": "noviembre"})).json()
        rejects = report["rejects_url"].removeprefix("/api/v1")
        await desk.pool.execute("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (action = '') NOT VALID")
        assert (await client.get(rejects)).status_code >= 400
        await desk.pool.execute("ALTER TABLE audit DROP CONSTRAINT full_up")
        assert "formula" in (await client.get(rejects)).text
        assert (await client.get(rejects)).status_code == 404
