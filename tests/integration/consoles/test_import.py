"""A supervisor has a file imported; the bad rows come back to who sent it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from journal.jobs.runner import Runner
from portfolio.importer.job import IMPORT
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk, imported, job

pytestmark = pytest.mark.usefixtures("worker")

FILE = (
    "external_id;name;phone;country;balance;currency;reference\n"
    "C-2;Luis Pérez;612345678;ES;100,50;EUR;R1\n"
    "C-3;=cmd;612345679;ES;1;EUR;R2\n"
)
FILES = {"file": ("nov.csv", FILE.encode(), "text/csv")}
SAID = {"default_region": "ES", "creditor": "Banco"}


def into(desk: Desk) -> str:
    """Where files for the campaign go."""
    return f"/campaigns/{desk.known.campaign}/import"


def of(text: str, name: str = "nov.csv") -> dict[str, tuple[str, bytes, str]]:
    """A form's file."""
    return {"file": (name, text.encode(), "text/csv")}


def many(first: int, rows: int = 30_000) -> str:
    """A file that takes a while."""
    return "name;phone\n" + "".join(f"Ana {n};6{n:08d}\n" for n in range(first, first + rows))


async def test_good_rows_go_in_and_bad_rows_come_back(desk: Desk) -> None:
    async with desk.user("sol") as client, desk.user("root") as other:
        dry = await imported(client, into(desk), FILES, {**SAID, "dry_run": "true"})
        assert (dry["dry_run"], dry["list_id"]) == (True, None)
        (sample,) = dry["samples"]
        assert (sample["row"], sample["name"], sample["numbers"]) == (2, "Luis Pérez", ["+34612345678"])
        assert (sample["balance_minor"], sample["currency"]) == (10050, "EUR")
        assert sample["zone"] == "Atlantic/Canary, Europe/Madrid"
        report = await imported(client, into(desk), FILES, {**SAID, "list_name": "noviembre"})
        assert (report["accepted"], report["rejected"]) == (1, 1)
        assert report["rejects"][0]["code"] == "formula"
        rejects = report["rejects_url"].removeprefix("/api/v1")
        assert (await other.get(rejects)).status_code == 404
        for taken in (1, 2):
            assert "formula" in (await client.get(rejects)).text
            told = "SELECT count(*) FROM audit WHERE action = 'import.rejects_taken' AND actor_id = $1"
            assert await desk.pool.fetchval(told, desk.known.users["sol"]) == taken
        assert (await client.get("/persons", params={"q": "C-2"})).json()["items"][0]["name"] == "Luis Pérez"


async def test_every_supervisor_sees_whose_job_it_is_and_what_came_of_it(desk: Desk) -> None:
    """On whatever server; only the rejected rows are for who sent them."""
    async with desk.user("sol") as client, desk.user("root") as other, desk.user("ana") as agent:
        report = await imported(client, into(desk), FILES, SAID)
        (seen,) = (await other.get("/jobs")).json()["items"]
        assert (seen["kind"], seen["state"], seen["file_name"]) == ("import", "done", "nov.csv")
        assert (seen["actor"], seen["mine"], seen["campaign"]) == ("Sol", False, "Primavera")
        assert seen["progress"] == {"rows": 2, "read": len(FILE.encode()), "size": len(FILE.encode())}
        whole = (await other.get(f"/jobs/{seen['id']}")).json()
        assert (whole["result"]["accepted"], whole["result"]["rejects_url"]) == (1, None)
        assert report["rejects_url"] == f"/api/v1/jobs/{seen['id']}/rejects"
        assert (await other.get("/jobs", params={"campaign_id": 999})).json()["items"] == []
        newer = await job(client, await client.post(into(desk), files=FILES, data=SAID))
        first = (await client.get("/jobs", params={"limit": 1})).json()
        assert [one["id"] for one in first["items"]] == [newer["id"]]
        rest = (await client.get("/jobs", params={"before": first["next_cursor"]})).json()
        assert [one["id"] for one in rest["items"]] == [seen["id"]]
        for path in ("/jobs", f"/jobs/{seen['id']}", f"/jobs/{seen['id']}/rejects"):
            assert (await agent.get(path)).status_code == 403
        assert (await client.get("/jobs/999")).status_code == 404


async def test_a_look_tells_what_a_file_seems_to_be_and_keeps_nothing(desk: Desk) -> None:
    text = "Cartera;\n;\nQuien;Tel2;id\nAna;612345678;7\n;612345679;8\n"
    file = of(text)
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
    file = of("nombre;telefono\nmuestra;612345677\nQuien;Tel2\nAna;612345678\n")
    body = {"columns": {"Quien": "name"}, "header_row": 3, "sheet": "Hoja 2", "creditor": "Banco"}
    async with desk.user("sol") as client:
        assert (await client.put("/import-templates/uno", json={**body, "header_row": 0})).status_code == 422
        assert (await client.put("/import-templates/uno", json=body)).status_code == 204
        (kept,) = (await client.get("/import-templates")).json()["items"]
        assert (kept["sheet"], kept["header_row"]) == ("Hoja 2", 3)
        said = {"template": "uno", "default_region": "ES", "dry_run": "true"}
        report = await imported(client, into(desk), file, said)
        assert [one["name"] for one in report["samples"]] == ["Ana"]
        first = await imported(client, into(desk), file, {**said, "header_row": "1"})
        assert [one["name"] for one in first["samples"]] == ["muestra", "Ana"]


async def test_how_far_an_import_is_can_be_watched_and_another_waits_for_it(desk: Desk) -> None:
    """Meanwhile a file is looked at, and one of numbers is taken."""
    file = many(10_000_000)
    seen: list[dict[str, int]] = []
    async with desk.user("sol") as client, desk.user("root") as other:
        asked = await client.post(into(desk), files=of(file, "big.csv"), data=SAID)
        assert (asked.status_code, asked.json()["mine"]) == (202, True)
        later = await other.post(into(desk), files=FILES, data=SAID)
        looked = await other.post("/imports/look", files=FILES)
        assert (looked.status_code, looked.json()["header_row"]) == (200, 1)
        robinson = {"name": "x", "default_region": "ES"}
        assert (await other.post("/suppression-lists", files=FILES, data=robinson)).status_code == 201

        async def over() -> bool:
            far = (await other.get(f"/jobs/{asked.json()['id']}")).json()
            seen.extend([far["progress"]] if far["progress"] is not None else [])
            return far["finished_at"] is not None

        await eventually(over)
        assert (await job(other, later))["started_at"] > (await job(client, asked))["finished_at"]
    assert {one["size"] for one in seen} == {len(file)}
    assert any(0 < one["rows"] < 30_000 and 0 < one["read"] <= len(file) for one in seen)
    assert [one["rows"] for one in seen] == sorted(one["rows"] for one in seen)


MANY = 60_000
"""Rows of an import that takes longer than a worker needs to hear that it is cancelled."""


async def test_an_import_is_cancelled_in_the_middle_and_goes_on_when_somebody_says_so(desk: Desk) -> None:
    known = "SELECT count(*) FROM persons WHERE name LIKE 'Ana %'"
    async with desk.user("sol") as client, desk.user("root") as other:
        asked = await client.post(into(desk), files=of(many(10_000_000, MANY), "big.csv"), data=SAID)
        place = f"/jobs/{asked.json()['id']}"
        assert (await client.post(f"{place}/retry")).status_code == 409

        async def under_way() -> bool:
            return bool(await desk.pool.fetchval(known))

        await eventually(under_way)
        assert (await other.post(f"{place}/cancel")).json()["cancel_asked"]
        ended = await job(client, asked)
        assert (ended["state"], ended["result"]) == ("cancelled", None)
        assert 0 < await desk.pool.fetchval(known) < MANY
        assert (await client.post(f"{place}/cancel")).status_code == 409
        again = await client.post(f"{place}/retry")
        assert again.json()["state"] == "queued"
        assert (await job(client, again))["state"] == "done"
        told = "SELECT array_agg(action ORDER BY id) FROM audit WHERE subject = $1"
        assert await desk.pool.fetchval(told, f"job:{asked.json()['id']}") == ["job.cancel", "job.retry"]
    assert await desk.pool.fetchval(known) == MANY
    twice = "SELECT count(*) FROM (SELECT number FROM phones GROUP BY number HAVING count(*) > 1) AS x"
    assert await desk.pool.fetchval(twice) == 0


async def test_every_reason_has_words_in_both_languages(desk: Desk) -> None:
    """However many other rows came back before it."""
    text = "name;phone\n" + "=1;612345678\n" * 120 + "Ana;12\n"
    async with desk.user("sol") as client:
        report = await imported(client, into(desk), of(text), SAID)
    assert {one["code"] for one in report["rejects"]} == {"formula"}
    assert set(report["reasons"]) == {"formula", "phone_special"}
    assert report["words"]["phone_special"]["en"] == "special, emergency, toll-free or premium number"
    assert report["words"]["phone_special"]["es"].startswith("número especial")


async def test_what_is_no_import_is_refused_before_it_is_stored(desk: Desk) -> None:
    async with desk.user("sol") as client:
        assert (await client.post(into(desk), data={"list_name": "x"})).status_code == 422
        assert (await client.post(into(desk), content=b"x")).status_code == 422
        empty = {"file": ("a.csv", b"", "text/csv")}
        nowhere = {"default_region": "XX"}
        for files, data in ((empty, SAID), (FILES, nowhere), (FILES, {**SAID, "list_name": "x" * 121})):
            answer = await client.post(into(desk), files=files, data=data)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert (await client.post("/campaigns/999/import", files=empty)).status_code == 404
    assert await desk.pool.fetchval("SELECT count(*) FROM jobs") == 0


async def test_a_file_that_is_refused_as_a_whole_says_why_in_both_languages(desk: Desk) -> None:
    async with desk.user("sol") as client:
        failed = await job(client, await client.post(into(desk), files=of("a;b\n1;2\n"), data=SAID))
    assert (failed["state"], failed["error"], failed["result"]) == ("failed", "missing_columns", None)
    assert failed["refused"]["es"].startswith("faltan columnas obligatorias")
    assert failed["refused"]["en"].startswith("required columns are missing")


async def test_a_queue_that_is_full_takes_no_more_and_nothing_of_it_is_left(
    desk: Desk, worker: Runner
) -> None:
    running = "INSERT INTO jobs (kind, due_at) SELECT 'import', now() + '1 h' FROM generate_series(1, $1)"
    await desk.pool.execute(running, IMPORT.most_queued)
    async with desk.user("sol") as client:
        answer = await client.post(into(desk), files=FILES, data=SAID)
    assert (answer.status_code, answer.json()["code"]) == (429, "importing")
    assert answer.headers["retry-after"] == "60"
    assert await desk.pool.fetchval("SELECT count(*) FROM job_pieces") == 0


async def test_only_the_import_takes_a_large_body_and_only_from_supervisors(desk: Desk) -> None:
    big = {"file": ("a.csv", b"name;phone\n" + b"x" * 200_000, "text/csv")}
    async with desk.user("sol") as client, desk.user("ana") as agent:
        assert (await client.post(into(desk), files=big, data=SAID)).status_code == 202
        assert (await agent.post(into(desk), files=big)).status_code == 403
        large = await client.post("/persons/1/stop", json={"reason": "x" * 200_000})
        assert large.status_code == 413
        assert large.json()["code"] == "too_large"


async def test_files_that_arrive_slowly_take_no_connection_and_have_an_end(desk: Desk) -> None:
    """As many as may arrive at once do; the next is told to come back, and everybody else is served."""

    async def slowly(goes_on: asyncio.Event) -> AsyncIterator[bytes]:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname;phone\n'
        yield head
        begun.append(1)
        await goes_on.wait()
        yield b"Ana;612345678\n\r\n--x--\r\n"

    goes_on, begun = asyncio.Event(), list[int]()
    async with desk.user("sol") as client, desk.user("root") as other, asyncio.TaskGroup() as tasks:
        form = {"Content-Type": "multipart/form-data; boundary=x"}

        async def arrives() -> int:
            """Until it has one of the places."""
            while True:
                answer = await client.post(into(desk), content=slowly(goes_on), headers=form)
                if answer.status_code != 429:
                    return answer.status_code

        # More than there are places: one that was refused knows it only when its body was sent.
        sending = [tasks.create_task(arrives()) for _ in range(8)]
        answers: list[httpx.Response] = []

        async def refused() -> bool:
            answers.append(await other.post(into(desk), files=FILES, data=SAID))
            return answers[-1].status_code == 429

        await eventually(lambda: len(begun) == len(sending))
        await eventually(refused)
        assert answers[-1].json()["code"] == "importing"
        assert (await other.get("/jobs")).status_code == 200
        goes_on.set()
    assert {one.result() for one in sending} == {422}  # no region was said


async def test_a_file_without_consent_is_told_so_where_the_rules_call_only_who_has_consented(
    desk: Desk,
) -> None:
    """With a column for it, or under rules that do not ask, nothing is said."""
    given = (
        FILE.replace("reference\n", "reference;consentimiento\n")
        .replace(";R1", ";R1;no")
        .replace(";R2", ";R2;sí")
    )
    async with desk.user("sol") as client:

        async def told(text: str, pack: str) -> dict[str, str] | None:
            rules = "UPDATE campaigns SET settings = settings || jsonb_build_object('rule_pack', $1::text)"
            await desk.pool.execute(rules, pack)
            report = await imported(client, into(desk), of(text), {**SAID, "dry_run": "true"})
            found: dict[str, str] | None = report["no_consent"]
            return found

        async def seen(text: str, **more: int) -> dict[str, str] | None:
            answer = await client.post("/imports/look", files=of(text), data=more)
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


async def test_bad_rows_are_not_given_when_it_cannot_be_written_down_who_takes_them(desk: Desk) -> None:
    async with desk.user("sol") as client:
        report = await imported(client, into(desk), FILES, {**SAID, "list_name": "noviembre"})
        rejects = report["rejects_url"].removeprefix("/api/v1")
        await desk.pool.execute("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (action = '') NOT VALID")
        refused = await client.get(rejects)
        assert refused.status_code >= 400
        assert "formula" not in refused.text
        await desk.pool.execute("ALTER TABLE audit DROP CONSTRAINT full_up")
        assert "formula" in (await client.get(rejects)).text
