"""The register of complaints, over HTTP and in the database."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from consoles.complaints import due
from consoles.duty_watch import look
from portfolio import complaints
from portfolio.complaints import NewComplaint
from portfolio.complaints.case_number import drawn, is_sound
from portfolio.contact_rules import Deadline
from tests.integration.consoles.desk import Desk

DAY = timedelta(days=1)
NO_RULE = ("default-strict", 2)
_NEXT_CALL = """
    WITH somebody AS (
        INSERT INTO persons (name, zone, country) VALUES ($4, 'Europe/Madrid', 'ES') RETURNING id),
    lead AS (INSERT INTO leads (list_id, campaign_id, person_id)
        SELECT l.list_id, l.campaign_id, s.id FROM leads l, attempts a, somebody s
        WHERE a.id = $2 AND l.id = a.lead_id RETURNING id, person_id)
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
        screened, placed_at, ended_at, agent_id, outcome)
    SELECT $1, a.campaign_id, l.id, l.person_id, a.phone_id, a.number, 'ended', 5,
        '{}', true, $3, $3, a.agent_id, 'conversation'
    FROM attempts a, lead l WHERE a.id = $2 RETURNING id, person_id"""


async def opened(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """A complaint of a stranger, unless said otherwise."""
    body = {"text": "Me llaman a deshora", "complainant": "Luis Gil", **more}
    answer = await client.post("/complaints", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def due_in(
    desk: Desk, days: float, text: str = "x", draw: Callable[[], str] = drawn, near: int = 3
) -> int:
    """A complaint with so many days left, whatever the law of today."""
    until = datetime.now(UTC) + days * DAY
    last = Deadline(until.date(), until, "a test", near)
    new = NewComplaint(text=text, via="letter", complainant="Eva")
    async with desk.pool.acquire() as database:
        return await complaints.open_complaint(
            database, new, last, NO_RULE, desk.known.users["sol"], datetime.now(UTC), draw=draw
        )


async def silent_law(desk: Desk) -> None:
    """The campaign's rules say nothing of complaints."""
    await desk.pool.execute('UPDATE campaigns SET settings = settings || \'{"rule_pack": "mx-collections"}\'')


async def register(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/complaints", params=query)).json()["items"]
    return found


async def test_a_complaint_is_opened_told_a_number_answered_and_closed(desk: Desk) -> None:
    async with desk.user("sol") as client:
        told = await opened(client, via="email", creditor="Banco")
        assert is_sound(told["case_number"])
        assert told["spoken"] == f"{told['case_number'][:4]} {told['case_number'][4:]}"
        (row,) = await register(client, q=told["spoken"])
        assert (row["state"], row["complainant"], row["creditor"]) == ("open", "Luis Gil", "Banco")
        assert (row["opened_by"], row["late"], row["person"]) == ("Sol", False, None)
        path = f"/complaints/{row['id']}"
        early = await client.post(f"{path}/close", json={})
        assert (early.status_code, early.json()["code"]) == (409, "conflict")
        done = (await client.post(f"{path}/answer", json={"text": "Pedimos disculpas"})).json()
        assert (done["state"], done["answer"], done["answered_by"]) == (
            "answered",
            "Pedimos disculpas",
            "Sol",
        )
        assert (await client.post(f"{path}/answer", json={"text": "otra"})).status_code == 409
        closed = (await client.post(f"{path}/close", json={"reason": "conforme"})).json()
        assert (closed["state"], closed["closed_by"]) == ("closed", "Sol")
        assert closed["close_reason"] == "conforme"
        assert (await client.post("/complaints/999999/answer", json={"text": "a"})).status_code == 404
        assert (await client.post("/complaints/999999/close", json={})).status_code == 404
        assert await register(client, state="open") == []
    rows = await desk.pool.fetch(
        "SELECT action, reason FROM audit WHERE action LIKE 'complaint.%' ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [
        ("complaint.open", ""), ("complaint.answer", ""), ("complaint.close", "conforme"),
    ]  # fmt: skip


async def test_an_agent_opens_one_for_the_person_of_the_call_and_for_nobody_else(desk: Desk) -> None:
    known = desk.known
    async with desk.user("ana") as client:
        told = await opened(client, person_id=known.person, complainant="")
        assert (await client.get("/complaints")).status_code == 403
        stranger = await client.post("/complaints", json={"text": "x", "complainant": "Luis"})
        assert stranger.status_code == 403
    async with desk.user("bea") as client:
        other = await client.post("/complaints", json={"text": "x", "person_id": known.person})
        assert other.status_code == 403
        assert (await client.post(f"/complaints/{told['id']}/answer", json={"text": "x"})).status_code == 403
    rows = await desk.pool.fetch("SELECT attempt_id, campaign_id, opened_by FROM complaints")
    assert [tuple(row) for row in rows] == [(known.attempt, known.campaign, known.users["ana"])]


async def next_call(desk: Desk, placed: timedelta, name: str = "Otra") -> tuple[UUID, int]:
    """Ana's call with somebody else, so long ago."""
    row = await desk.pool.fetchrow(_NEXT_CALL, uuid4(), desk.known.attempt, datetime.now(UTC) - placed, name)
    assert row is not None
    return row["id"], row["person_id"]


async def test_the_next_call_does_not_take_the_complaint_away(desk: Desk) -> None:
    """It may be saved while another person is on the line; two hours later no more."""
    known = desk.known
    await next_call(desk, timedelta(seconds=1))
    _, long_ago = await next_call(desk, timedelta(hours=3), "De antes")
    async with desk.user("ana") as client:
        mine = {"text": "x", "person_id": known.person}
        await opened(client, **mine, attempt_id=str(known.attempt))
        await opened(client, **mine)
        await opened(client, **mine, attempt_id=str(uuid4()))
        late = await client.post("/complaints", json={"text": "x", "person_id": long_ago})
        assert (late.status_code, late.json()["code"]) == (403, "forbidden")
    async with desk.user("sol") as client:
        wrong = {"text": "x", "person_id": long_ago, "attempt_id": str(known.attempt)}
        assert (await client.post("/complaints", json=wrong)).status_code == 422
    rows = await desk.pool.fetch("SELECT attempt_id, person_id FROM complaints")
    assert {tuple(row) for row in rows} == {(known.attempt, known.person)}
    assert len(rows) == 3


async def test_who_complains_and_about_which_debt_must_fit(desk: Desk) -> None:
    debt = await desk.pool.fetchval(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'R-7', 'Banco', 'EUR', 100) RETURNING id",
        desk.known.person,
    )
    async with desk.user("sol") as client:
        for wrong in (
            {"text": "x"},
            {"text": " ", "complainant": "Luis"},
            {"text": "x", "complainant": "Luis", "debt_id": debt},
            {"text": "x", "complainant": "Luis", "via": "pigeon"},
        ):
            assert (await client.post("/complaints", json=wrong)).status_code == 422, wrong
        missing = {"text": "x", "person_id": 999_999}
        assert (await client.post("/complaints", json=missing)).status_code == 404
        await opened(client, person_id=desk.known.person, debt_id=debt)
        (row,) = await register(client, q="marta")
    assert (row["person"], row["debt"], row["creditor"]) == ("Marta Muñoz", "R-7", "Banco")


async def test_without_a_rule_there_is_no_deadline_and_under_one_it_is_the_law_s(desk: Desk) -> None:
    """A complaint that names no campaign has the strictest deadline of all."""
    await silent_law(desk)
    async with desk.user("sol") as client:
        told = await opened(client, campaign_id=desk.known.campaign)
        (row,) = await register(client)
    assert (told["due_on"], row["rule_source"]) == (None, "")
    await desk.pool.execute(
        "INSERT INTO campaigns (code, name, trunk, caller_id, settings)"
        " VALUES ('ley', 'Ley', 'lab', '+34910000000', '{\"rule_pack\": \"es-collections\"}')"
    )
    law, eve = (datetime(2026, 12, day, 12, tzinfo=UTC) for day in (28, 27))
    async with desk.pool.acquire() as database:
        under, pack = await due(database, None, law)
        before, _ = await due(database, None, eve)
        other, _ = await due(database, desk.known.campaign, law)
    assert under is not None
    assert (str(under.due_on), pack[0], before, other) == ("2027-01-20", "es-collections", None, None)


async def test_overdue_ones_stand_first_and_say_so(desk: Desk) -> None:
    for days, text in ((5, "later"), (-2, "overdue"), (1, "soon")):
        await due_in(desk, days, text)
    async with desk.user("sol") as client:
        await opened(client, text="no deadline")
        rows = await register(client)
        assert [(row["text"], row["late"]) for row in rows] == [
            ("overdue", True), ("soon", False), ("later", False), ("no deadline", False),
        ]  # fmt: skip
        late = await client.post(f"/complaints/{rows[0]['id']}/answer", json={"text": "tarde"})
        assert late.json()["late"]
        assert [row["text"] for row in await register(client)][-1] == "overdue"


async def many(desk: Desk, count: int) -> None:
    """So many overdue ones of Eva, the first written down first."""
    await desk.pool.execute(
        "WITH given AS (INSERT INTO case_numbers"
        "   SELECT lpad(n::text, 8, '0'), now() FROM generate_series(1, $1::int) n RETURNING number)"
        " INSERT INTO complaints (case_number, complainant, via, body, opened_at, due_on, due_at, near_at)"
        " SELECT number, 'Eva', 'web', 'x', now(), current_date - 2, at, at FROM given,"
        "   LATERAL (SELECT now() - interval '2 days' + number::int * interval '1 minute' AS at) d",
        count,
    )


async def test_the_register_is_read_to_its_end_whatever_is_added_or_answered_meanwhile(desk: Desk) -> None:
    await many(desk, 450)
    seen: list[str] = []
    async with desk.user("sol") as client:
        cursor = ""
        while True:
            page = (await client.get("/complaints", params={"limit": 200, "cursor": cursor})).json()
            seen += [row["case_number"] for row in page["items"]]
            if not page["next_cursor"]:
                break
            cursor = page["next_cursor"]
            # One comes, and the line at which the page ended is answered: it moves to the end.
            await due_in(desk, -9)
            await client.post(f"/complaints/{page['items'][-1]['id']}/answer", json={"text": "ya"})
    old = [one for one in seen if int(one) <= 450 and one.startswith("00000")]
    assert set(old) == {f"{n:08}" for n in range(1, 451)}
    assert old[:200] == [f"{n:08}" for n in range(1, 201)]
    assert len(seen) <= 450 + 2 + 2


@pytest.mark.parametrize("cursor", ["2-1-1-1", "0-1-1", "x", "0--1-", "0-1-1-1; DROP"])
async def test_a_cursor_that_is_none(desk: Desk, cursor: str) -> None:
    async with desk.user("sol") as client:
        assert (await client.get("/complaints", params={"cursor": cursor})).status_code == 422


async def test_it_is_found_by_case_number_name_and_telephone_and_by_how_late_it_is(desk: Desk) -> None:
    await silent_law(desk)
    person = desk.known.person
    number = str(await desk.pool.fetchval("SELECT number FROM phones WHERE person_id = $1", person))
    for days, text in ((-1, "overdue"), (1, "near"), (30, "far")):
        await due_in(desk, days, text)
    async with desk.user("sol") as client:
        told = await opened(client, person_id=person, complainant="", text="hers")
        for q in (told["case_number"], told["spoken"], "muñoz", number, number[-9:], f"00{number[1:]}"):
            assert [row["text"] for row in await register(client, q=q)] == ["hers"], q
        assert await register(client, q=number[-5:]) == []  # too few digits to be a telephone
        asked = {due: [row["text"] for row in await register(client, due=due)] for due in (
            "overdue", "near", "late", "undated",
        )}  # fmt: skip
        assert asked == {"overdue": ["overdue"], "near": ["near"], "late": ["overdue"], "undated": ["hers"]}
        (late,) = await register(client, due="overdue")
        await client.post(f"/complaints/{late['id']}/answer", json={"text": "tarde"})
        assert await register(client, due="overdue") == []
        assert [row["text"] for row in await register(client, due="late", state="answered")] == ["overdue"]


async def test_an_inspector_s_file_has_every_line_and_who_took_it_is_in_the_audit(desk: Desk) -> None:
    await many(desk, 1450)
    async with desk.user("sol") as client:
        await opened(client, complainant='=HYPERLINK("x")', text='a;b\n"c"')
        answer = await client.get("/complaints/file", params={"language": "es"})
        few = await client.get("/complaints/file", params={"q": "0000 0007", "language": "en"})
    async with desk.user("ana") as client:
        assert (await client.get("/complaints/file")).status_code == 403
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:4] == ["Número de caso", "Estado", "Vía", "Quién reclama"]
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(lines) == 1 + 1451
    assert len({line[0] for line in lines}) == 1 + 1451
    assert "content-length" not in answer.headers, "it is never whole in memory"
    assert lines[1][:4] == ["0000 0001", "abierta", "web", "Eva"]
    assert lines[1][13] == "sí"
    assert lines[-1][3] == '\'=HYPERLINK("x")'
    assert [line[0] for line in csv.reader(io.StringIO(few.content.decode("utf-8-sig")))] == [
        "Case number", "0000 0007",
    ]  # fmt: skip
    rows = await desk.pool.fetch(
        "SELECT actor_id, after FROM audit WHERE action = 'complaint.export' ORDER BY id"
    )
    assert [row["actor_id"] for row in rows] == [desk.known.users["sol"]] * 2
    assert [row["after"]["lines"] for row in rows] == [1451, 1]
    assert [row["after"]["searched"] for row in rows] == [False, True]
    assert [row for row in rows if "q" in row["after"]] == []  # a name or a telephone, for ever


async def came_in(desk: Desk, case: str = "12345671") -> tuple[UUID, int]:
    """Somebody called in, was given this number, and spoke with Ana."""
    call, person = await next_call(desk, timedelta(minutes=1), "Rosa")
    await desk.pool.execute("INSERT INTO case_numbers VALUES ($1, now())", case)
    await desk.pool.execute(
        "UPDATE attempts SET direction = 'inbound', case_number = $2 WHERE id = $1", call, case
    )
    return call, person


async def test_the_number_that_was_told_on_the_line_is_the_complaint_s(desk: Desk) -> None:
    """Of the first; another complaint of the same call has one of its own."""
    call, person = await came_in(desk)
    async with desk.user("ana") as client:
        body = {"person_id": person, "attempt_id": str(call), "complainant": ""}
        first, second = [(await opened(client, **body))["case_number"] for _ in range(2)]
    assert first == "12345671" != second
    assert is_sound(second)


async def test_a_person_is_found_by_the_case_number_of_a_call_and_of_a_complaint(desk: Desk) -> None:
    call, person = await came_in(desk)
    async with desk.user("sol") as client:
        about = await opened(client, person_id=desk.known.person, complainant="")
        for q, whose in (
            ("12345671", person), ("1234 5671", person), (about["spoken"], desk.known.person),
        ):  # fmt: skip
            found = (await client.get("/persons", params={"q": q})).json()["items"]
            assert [one["id"] for one in found] == [whose], q
        assert (await client.get("/persons", params={"q": "1234 5672"})).json()["items"] == []
        why = (await client.get(f"/persons/{person}/why")).json()
    assert [one["case_number"] for one in why["attempts"] if one["id"] == str(call)] == ["1234 5671"]


async def test_how_near_is_near_the_rules_say_of_the_day_it_came(desk: Desk) -> None:
    await due_in(desk, 8, "ten days of warning", near=10)
    await due_in(desk, 2, "one day", near=1)
    assert [kind for kind, _ in await watched(desk)] == ["complaint_due"]
    async with desk.user("sol") as client:
        assert [(row["text"], row["near"]) for row in await register(client)] == [
            ("one day", False), ("ten days of warning", True),
        ]  # fmt: skip


async def alarms(desk: Desk) -> list[tuple[str, str]]:
    rows = await desk.pool.fetch(
        "SELECT kind, subject FROM alarms WHERE acknowledged_at IS NULL AND ended_at IS NULL ORDER BY id"
    )
    return [(row["kind"], row["subject"]) for row in rows]


async def watched(desk: Desk, later: timedelta = timedelta()) -> list[tuple[str, str]]:
    """The open alarms after the watch has looked."""
    async with desk.pool.acquire() as database:
        await look(database, datetime.now(UTC) + later)
    return await alarms(desk)


async def test_an_alarm_near_the_deadline_one_after_it_and_none_once_it_is_answered(desk: Desk) -> None:
    made = await due_in(desk, 4)
    assert await watched(desk) == []
    near = await watched(desk, 2 * DAY)
    assert [kind for kind, _ in near] == ["complaint_due"]
    assert await watched(desk, 2 * DAY) == near
    over = await watched(desk, 5 * DAY)
    assert [kind for kind, _ in over] == ["complaint_overdue"]
    await desk.pool.execute("UPDATE alarms SET acknowledged_at = now()")
    assert await watched(desk, 6 * DAY) == []  # seen is seen
    second = await due_in(desk, 1)
    assert len(await watched(desk)) == 1
    async with desk.user("sol") as client:
        for one in (made, second):
            await client.post(f"/complaints/{one}/answer", json={"text": "ya"})
    assert await watched(desk, 9 * DAY) == []


async def test_every_overdue_complaint_alarms_however_many_there_are(desk: Desk) -> None:
    """Those of which an alarm tells do not stand in the way of the next."""
    await due_in(desk, -1)
    await many(desk, 250)
    await watched(desk)
    assert len(set(await watched(desk))) == 251
    await desk.pool.execute("UPDATE alarms SET acknowledged_at = now()")
    assert await watched(desk) == []


async def test_whether_an_alarm_was_raised_is_not_asked_of_every_alarm_there_ever_was(desk: Desk) -> None:
    await desk.pool.execute(
        "INSERT INTO alarms (kind, subject) SELECT 'old', n::text FROM generate_series(1, 5000) n"
    )
    await desk.pool.execute("ANALYZE alarms")
    asked = "SELECT FROM alarms WHERE kind = 'complaint_due' AND subject = '1234 5674'"
    plan = "\n".join(row[0] for row in await desk.pool.fetch(f"EXPLAIN {asked}"))
    assert "alarms_about" in plan, plan


BROKEN = "name: broken-es"


async def own_pack(desk: Desk, name: str, **settings: str) -> int:
    """A campaign under a pack of the firm's that cannot be read."""
    await desk.pool.execute("INSERT INTO rule_packs (name, version, body) VALUES ($1, 99, $2)", name, BROKEN)
    made: int = await desk.pool.fetchval(
        "INSERT INTO campaigns (code, name, trunk, caller_id, settings)"
        " VALUES ($1, $1, 'lab', '+34910000000', $2::text::jsonb) RETURNING id",
        f"c-{name}", json.dumps({"rule_pack": name, **settings}),
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("settings", "due_on"),
    [({}, "2027-01-20"), ({"region": "ES"}, "2027-01-20"), ({"region": "CL"}, "None")],
)
async def test_a_pack_that_cannot_be_read_leaves_the_deadline_to_the_law(
    desk: Desk, settings: dict[str, str], due_on: str
) -> None:
    name = "broken-" + (settings.get("region") or "any").lower()
    campaign = await own_pack(desk, name, **settings)
    missing = await desk.pool.fetchval(
        "INSERT INTO campaigns (code, name, trunk, caller_id, settings)"
        " VALUES ('gone', 'Gone', 'lab', '+34910000000', $1::text::jsonb) RETURNING id",
        json.dumps({"rule_pack": "no-such-pack", **settings}),
    )
    async with desk.pool.acquire() as database:
        for one in (campaign, missing):
            found, _ = await due(database, one, datetime(2026, 12, 28, 12, tzinfo=UTC))
            assert str(found.due_on if found else None) == due_on


async def test_a_pack_that_says_nothing_of_complaints_leaves_them_to_the_law_of_its_region(
    desk: Desk,
) -> None:
    await silent_law(desk)
    await desk.pool.execute('UPDATE campaigns SET settings = settings || \'{"region": "ES"}\'')
    async with desk.pool.acquire() as database:
        found, pack = await due(database, desk.known.campaign, datetime(2026, 12, 28, 12, tzinfo=UTC))
    assert (str(found and found.due_on), pack[0]) == ("2027-01-20", "es-collections")


async def test_an_open_complaint_without_a_deadline_gets_the_law_s_and_is_told_once(desk: Desk) -> None:
    """Its pack was broken on the day; nobody would ever hear of it again."""
    await silent_law(desk)
    campaign = await own_pack(desk, "broken-later")
    law, eve = (datetime(2026, 12, day, 12, tzinfo=UTC) for day in (28, 27))
    async with desk.pool.acquire() as database:
        for at, about in ((law, campaign), (eve, campaign), (law, desk.known.campaign)):
            new = NewComplaint(text=f"{at:%d} {about}", via="web", complainant="Eva", campaign_id=about)
            await complaints.open_complaint(database, new, None, ("", 0), desk.known.users["sol"], at)
        for _ in range(2):
            await look(database, law + DAY)
    rows = await desk.pool.fetch("SELECT body, due_on, rule_pack FROM complaints ORDER BY id")
    assert [(row["body"], str(row["due_on"]), row["rule_pack"]) for row in rows] == [
        (f"28 {campaign}", "2027-01-20", "es-collections"),
        (f"27 {campaign}", "None", ""),
        (f"28 {desk.known.campaign}", "None", ""),
    ]
    assert [kind for kind, _ in await alarms(desk)] == ["complaint_undated"]
    audit = await desk.pool.fetch("SELECT actor_id FROM audit WHERE action = 'complaint.deadline'")
    assert [row["actor_id"] for row in audit] == [None]
    async with desk.pool.acquire() as database:
        await look(database, datetime(2027, 1, 22, tzinfo=UTC))
    assert [kind for kind, _ in await alarms(desk)] == ["complaint_undated", "complaint_overdue"]


async def test_a_number_that_is_taken_is_drawn_again(desk: Desk) -> None:
    numbers = iter(["12345674", "12345674", "12345674", "00000000"])
    for _ in range(2):
        await due_in(desk, 1, draw=lambda: next(numbers))
    found = await desk.pool.fetch("SELECT case_number FROM complaints ORDER BY id")
    assert [row[0] for row in found] == ["12345674", "00000000"]


async def test_of_two_answers_at_once_one_is_told_that_it_came_second(desk: Desk) -> None:
    made = await due_in(desk, 1)
    async with desk.user("sol") as client:
        answers = [client.post(f"/complaints/{made}/answer", json={"text": f"n{n}"}) for n in range(4)]
        codes = sorted(answer.status_code for answer in await asyncio.gather(*answers))
    assert codes == [200, 409, 409, 409]


@pytest.mark.parametrize(
    "change",
    [
        "state = 'closed'",
        "state = 'answered'",
        "due_on = NULL",
        "case_number = '123'",
        "complainant = ''",
        "answer = 'x'",
    ],
)
async def test_postgres_refuses_a_line_that_contradicts_itself(desk: Desk, change: str) -> None:
    await due_in(desk, 1)
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.pool.execute(f"UPDATE complaints SET {change}")  # noqa: S608 - of the test


async def test_an_alarm_warns_when_case_numbers_run_short(desk: Desk) -> None:
    """As autovacuum counts them; ten million rows would take a minute."""
    counts = "UPDATE pg_class SET reltuples = $1 WHERE oid = 'case_numbers'::regclass"
    await desk.pool.execute(counts, 7_900_000.0)
    assert await watched(desk) == []
    for _ in range(2):
        await desk.pool.execute(counts, 8_000_000.0)
        assert await watched(desk) == [("case_numbers_short", "80%")]
    await desk.pool.execute("UPDATE alarms SET acknowledged_at = now()")
    assert await watched(desk) == [], "seen is seen"
    await desk.pool.execute(counts, 9_100_000.0)
    assert await watched(desk) == [("case_numbers_short", "90%")]
