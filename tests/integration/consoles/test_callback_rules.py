"""No callback is agreed that the contact gate would refuse: told before it is said, refused when saved."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from consoles.callback_check import CallbackCheck
from dialer.model.commands import Dispose
from dialer.store.clock import SystemClock
from dialer.store.pool import close_pool, open_pool
from portfolio.rule_packs import load_pack, pack_text
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk, message
from tests.integration.consoles.test_live import attach
from tests.integration.fixtures import Database

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MADRID = ZoneInfo("Europe/Madrid")
COMING_IN = """
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
        screened, placed_at, answered_at, connected_at, agent_id, gate, routing, direction)
    SELECT gen_random_uuid(), campaign_id, lead_id, person_id, phone_id, number, 'connected', 3, limits,
        false, now(), now(), now(), agent_id, gate, routing, 'inbound' FROM attempts
    RETURNING id, connected_at"""
OVER = "UPDATE attempts SET state = 'ended', version = 4, ended_at = now(), outcome = 'machine' WHERE id = $1"


def tomorrow(hour: int) -> datetime:
    """On the clock of the person."""
    later = datetime.now(MADRID) + DAY
    return later.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)


def past_the_day() -> datetime:
    """When the laboratory's one attempt a day is forgotten, at any hour at which this is run."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=30)


SOURCE = {"source": "a test", "dated": "2026-11-30"}
CALLBACK = """
    INSERT INTO callbacks (lead_id, campaign_id, person_id, at, open_at, made_at)
    SELECT id, campaign_id, person_id, now() + interval '1 hour', now() + interval '1 hour', now() FROM leads
    RETURNING id"""


@pytest.fixture(scope="module", autouse=True)
def _packs_are_known() -> None:
    """A first look at a pack (holidays of the world) is long on a busy machine, and not what is tested."""
    for name in ("default-strict", "es-collections", "lab-open"):
        load_pack(name)


@pytest.fixture
async def spoke(desk: Desk) -> Desk:
    """Ana spoke five minutes ago to somebody who has consented, from a number that is registered."""
    await desk.pool.execute("UPDATE persons SET granted = '{voice}'")
    await desk.pool.execute("INSERT INTO caller_ids (number) VALUES ('+34910000000')")
    await desk.pool.execute(
        "INSERT INTO contacts (person_id, attempt_id, number, kind, at)"
        " SELECT person_id, id, number, kind, placed_at"
        " FROM attempts, unnest('{attempt,conversation}'::text[]) AS kind"
    )
    return desk


async def under(desk: Desk, pack: str) -> None:
    """Put the campaign under a pack."""
    change = "UPDATE campaigns SET settings = settings || jsonb_build_object('rule_pack', $1::text)"
    await desk.pool.execute(change, pack)


async def quiet_after_talk(desk: Desk, pack: str, **changes: object) -> None:
    """Two days of silence after a conversation. A pack's name is a process's for ever."""
    named = {"name": "after_talk", "label_es": "tras hablar", "label_en": "after a talk", "unit": "person"}
    rule = {**named, "after": "conversation", "hours": 48, **SOURCE, **changes}
    text = pack_text("lab-open").replace("name: lab-open", f"name: {pack}", 1)
    text = text.replace("silences: []", f"silences: [{json.dumps(rule)}]", 1)
    await desk.pool.execute("INSERT INTO rule_packs (name, version, body) VALUES ($1, 1, $2)", pack, text)
    await under(desk, pack)


async def foreseen(desk: Desk, client: httpx.AsyncClient, at: datetime, **more: str) -> dict[str, Any]:
    """What the server says of a time, while it can still be changed."""
    asked = {"call_id": str(desk.known.attempt), "at": at.isoformat(), **more}
    answer = await client.get("/callbacks/foreseen", params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def dispose(desk: Desk, ws: ClientConnection, at: datetime | None, **more: object) -> None:
    """As every page has sent it ever since."""
    said = {"type": "dispose", "call_id": str(desk.known.attempt), "code": "callback", "notes": ""}
    await ws.send(json.dumps({**said, "callback_at": at and at.isoformat(), **more}))


def disposed(desk: Desk) -> int:
    """How many dispositions the engine was told."""
    return desk.bus.kinds().count("agent.dispose")


async def test_the_strictest_rules_say_when_and_that_is_when(spoke: Desk) -> None:
    async with spoke.user("ana") as client:
        told = await foreseen(spoke, client, tomorrow(12))
        assert (told["permitted"], told["rule"]) == (False, "attempts_per_week")
        first = datetime.fromisoformat(told["first_at"])
        assert first > datetime.now(UTC) + timedelta(days=6, hours=23)
        assert await foreseen(spoke, client, first) == {
            "permitted": True,
            "rule": "",
            "first_at": first.isoformat().replace("+00:00", "Z"),
        }
        assert not (await foreseen(spoke, client, first - MINUTE))["permitted"]


async def test_who_has_not_consented_can_never_be_promised_a_call(spoke: Desk) -> None:
    await spoke.pool.execute("UPDATE persons SET granted = '{}'")
    async with spoke.user("ana") as client, spoke.live(client) as ws:
        told = await foreseen(spoke, client, tomorrow(12))
        assert told == {"permitted": False, "rule": "no_consent", "first_at": None}
        await attach(spoke, ws, "page-one-1")
        await dispose(spoke, ws, tomorrow(12))
        assert await message(ws, "refused") == {
            "type": "refused",
            "request": "dispose",
            "reason": "the rules refuse that call",
            "rule": "no_consent",
            "first_at": None,
            "state": "",
        }
        consents = f"/persons/{spoke.known.person}/consents"
        said = {"channel": "voice", "state": "granted", "source": "en la llamada"}
        assert (await client.post(consents, json=said)).status_code == 204
        assert (await foreseen(spoke, client, tomorrow(12)))["rule"] == "attempts_per_week"


async def test_what_is_saved_is_refused_with_the_first_time_and_taken_at_that_time(spoke: Desk) -> None:
    async with spoke.user("ana") as client, spoke.live(client) as ws:
        await attach(spoke, ws, "page-one-1")
        await dispose(spoke, ws, tomorrow(12))
        refused = await message(ws, "refused")
        assert (refused["request"], refused["rule"]) == ("dispose", "attempts_per_week")
        assert disposed(spoke) == 0
        await dispose(spoke, ws, datetime.fromisoformat(refused["first_at"]))
        await eventually(lambda: disposed(spoke) == 1)
        await dispose(spoke, ws, None, code="refuses")
        await eventually(lambda: disposed(spoke) == 2)


async def test_spain_lets_who_asked_for_it_be_called_in_its_hours(spoke: Desk) -> None:
    await under(spoke, "es-collections")
    async with spoke.user("ana") as client, spoke.live(client) as ws:
        night = tomorrow(3)
        told = await foreseen(spoke, client, night)
        assert told["rule"] in ("calling_hours", "excluded_day")
        first = datetime.fromisoformat(told["first_at"])
        assert first.astimezone(MADRID).hour == 9
        assert night < first < night + timedelta(days=6)
        await attach(spoke, ws, "page-one-1")
        await dispose(spoke, ws, night)
        assert (await message(ws, "refused"))["first_at"] == told["first_at"]
        await dispose(spoke, ws, first)
        await eventually(lambda: disposed(spoke) == 1)


async def test_a_call_that_goes_on_counts_as_the_conversation_it_will_have_been(desk: Desk) -> None:
    """The ledger has it only at its end."""
    await quiet_after_talk(desk, "quiet")
    ((call, began),) = await desk.pool.fetch(COMING_IN)
    async with desk.user("ana") as client:
        told = await foreseen(desk, client, past_the_day(), call_id=str(call))
        assert told["rule"] == "after_talk"
        assert timedelta() <= datetime.fromisoformat(told["first_at"]) - (began + 2 * DAY) < MINUTE
        await desk.pool.execute(OVER, call)
        assert (await foreseen(desk, client, past_the_day(), call_id=str(call)))["permitted"]


async def test_that_they_called_us_is_no_attempt_of_ours_while_they_speak_neither(desk: Desk) -> None:
    """The laboratory's pack has one attempt a day, and no silence."""
    await under(desk, "lab-open")
    ((call, _),) = await desk.pool.fetch(COMING_IN)
    async with desk.user("ana") as client:
        soon = datetime.now(UTC) + timedelta(hours=1)
        assert (await foreseen(desk, client, soon, call_id=str(call)))["permitted"]
        await desk.pool.execute("UPDATE attempts SET direction = 'outbound' WHERE id = $1", call)
        told = await foreseen(desk, client, soon, call_id=str(call))
        assert told["rule"] == "attempts_per_day"


async def test_what_is_not_theirs_is_told_to_nobody_and_left_to_the_engine(spoke: Desk) -> None:
    async with spoke.user("bea") as client, spoke.live(client) as ws:
        for call in (str(spoke.known.attempt), str(uuid4())):
            asked = {"call_id": call, "at": tomorrow(12).isoformat()}
            assert (await client.get("/callbacks/foreseen", params=asked)).status_code == 404
        asked = {"call_id": str(spoke.known.attempt), "at": "2020-01-01T00:00:00Z"}
        answer = await client.get("/callbacks/foreseen", params=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_later")
        await attach(spoke, ws, "page-two-2")
        await dispose(spoke, ws, tomorrow(12))
        await eventually(lambda: disposed(spoke) == 1)


async def test_a_supervisor_moves_no_callback_to_where_it_would_be_refused(spoke: Desk) -> None:
    await under(spoke, "es-collections")
    callback = await spoke.pool.fetchval(CALLBACK)
    async with spoke.user("sol") as client, spoke.user("ana") as agent:
        path, body = f"/callbacks/{callback}", {"at": tomorrow(3).isoformat(), "agent_id": None}
        refused = await client.patch(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "rules_refuse")
        assert refused.json()["rule"] in ("calling_hours", "excluded_day")
        told = (await client.get(f"{path}/foreseen", params={"at": body["at"]})).json()
        assert datetime.fromisoformat(told["first_at"]) == datetime.fromisoformat(refused.json()["first_at"])
        assert (await agent.get(f"{path}/foreseen", params={"at": body["at"]})).status_code == 403
        assert (await client.patch(path, json={**body, "at": told["first_at"]})).status_code == 204
        assert (await client.get("/callbacks/999/foreseen", params={"at": body["at"]})).status_code == 404


async def test_whoever_makes_it_themselves_has_more_leave_than_the_dialer(spoke: Desk) -> None:
    """Where a rule spares a call for which an agent waits: agreed by the agent, or given to one."""
    await quiet_after_talk(spoke, "quiet-dialer", unless_agent_reserved=True)
    callback, at = await spoke.pool.fetchval(CALLBACK), past_the_day()
    async with spoke.user("ana") as client, spoke.live(client) as ws, spoke.user("sol") as sol:
        assert (await foreseen(spoke, client, at))["rule"] == "after_talk"
        assert (await foreseen(spoke, client, at, own="true"))["permitted"]
        await attach(spoke, ws, "page-one-1")
        await dispose(spoke, ws, at)
        assert (await message(ws, "refused"))["rule"] == "after_talk"
        await dispose(spoke, ws, at, callback_mine=True)
        await eventually(lambda: disposed(spoke) == 1)
        path, body = f"/callbacks/{callback}", {"at": at.isoformat()}
        assert (await sol.patch(path, json={**body, "agent_id": None})).json()["rule"] == "after_talk"
        asked = {**body, "own": "true"}
        assert (await sol.get(f"{path}/foreseen", params=asked)).json()["permitted"]
        given = {**body, "agent_id": spoke.known.users["bea"]}
        assert (await sol.patch(path, json=given)).status_code == 204


async def test_a_database_that_hangs_or_is_gone_keeps_no_disposition_from_the_engine(
    spoke: Desk, database: Database
) -> None:
    ana, said = spoke.known.users["ana"], Dispose(spoke.known.attempt, "callback", callback_at=tomorrow(12))
    refused = await CallbackCheck(spoke.pool, SystemClock(), patience=20)(ana, said)
    assert refused is not None
    # One without limits of its own, as the check must have them.
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool, asyncio.timeout(15):
        async with pool.acquire() as other, other.transaction():
            await other.execute("LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE")
            assert await CallbackCheck(pool, SystemClock(), patience=0.1)(ana, said) is None
    gone = await open_pool(database.dsn, 1)
    await close_pool(gone)
    assert await CallbackCheck(gone, SystemClock())(ana, said) is None
