"""Payments as signed webhooks: taken in once, forged and replayed ones refused, nothing lost."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from journal.events import PaymentTaken, PersonChanged
from tests.integration.consoles.desk import NUMBER, WEBHOOK_SECRETS, Desk

NOW = datetime.now(UTC)
PAID = {
    "type": "payment.received",
    "reference": "D-1",
    "amount": "120.50",
    "currency": "EUR",
}


@pytest.fixture
async def owing(desk: Desk) -> Desk:
    """Marta owes two creditors."""
    await desk.pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'D-1', 'Banco Uno', 'EUR', 12050), ($1, 'D-2', 'Banco Dos', 'EUR', 5000)",
        desk.known.person,
    )
    return desk


async def send(
    desk: Desk,
    body: dict[str, Any] | bytes,
    *,
    event_id: str = "evt-1",
    secret: str = WEBHOOK_SECRETS[0],
    at: datetime | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Post an event as a creditor's system does."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = at or datetime.now(UTC)
    signed = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, raw.decode("utf-8", "replace")),
        "content-type": "application/json",
    }
    async with desk.visitor() as client:
        return await client.post("/events/payment", content=raw, headers={**signed, **(headers or {})})


async def state(desk: Desk) -> tuple[list[tuple[str, int]], list[str], str, str]:
    """Debts with their balances, flags, and how the lead stands."""
    debts = await desk.pool.fetch("SELECT status, balance_minor FROM debts ORDER BY reference")
    flags = await desk.pool.fetchval("SELECT flags FROM persons WHERE id = $1", desk.known.person)
    lead = await desk.pool.fetchrow(
        "SELECT status, held_by FROM leads WHERE person_id = $1", desk.known.person
    )
    assert lead is not None
    return [tuple(row) for row in debts], list(flags), lead["status"], lead["held_by"]


async def test_a_debt_is_paid_and_the_other_is_left_for_another_day(owing: Desk) -> None:
    answer = await send(owing, PAID)
    assert answer.status_code == 202, answer.text
    told = {"person_id": owing.known.person, "settled": True, "all_settled": False}
    assert answer.json() == {**told, "leads_withdrawn": 0, "repeated": False}
    assert await state(owing) == ([("paid", 0), ("open", 5000)], [], "open", "partly_paid")
    assert [one.what for one in await owing.told(PersonChanged)] == ["payment"]
    (taken,) = await owing.told(PaymentTaken)
    assert (taken.person_id, taken.event, taken.settled) == (owing.known.person, "evt-1", True)
    async with owing.user("quim") as client:
        (lead,) = (await client.get(f"/persons/{owing.known.person}/why")).json()["leads"]
    assert [hold["rule"] for hold in lead["holds"]] == ["campaign_stopped", "resting"]


async def test_when_all_is_paid_nobody_calls_any_more(owing: Desk) -> None:
    await _agreed_callback(owing)
    await send(owing, PAID)
    answer = await send(owing, {**PAID, "reference": "D-2", "amount": "50"}, event_id="evt-2")
    assert (answer.json()["all_settled"], answer.json()["leads_withdrawn"]) == (True, 1)
    assert await state(owing) == ([("paid", 0), ("paid", 0)], ["paid"], "withdrawn", "paid")
    assert await owing.pool.fetchval("SELECT status FROM callbacks") == "withdrawn"
    assert [one.what for one in await owing.told(PersonChanged)][-1] == "flag"
    async with owing.user("quim") as client:
        (lead,) = (await client.get(f"/persons/{owing.known.person}/why")).json()["leads"]
    assert lead["numbers"][0]["gate"]["detail"][0]["rule"] == "paid"
    assert lead["next_call_at"] is None


async def _agreed_callback(desk: Desk) -> None:
    await desk.pool.execute(
        "INSERT INTO callbacks (lead_id, campaign_id, person_id, at, open_at, made_at)"
        " SELECT id, campaign_id, person_id, at, at, now()"
        " FROM leads, (SELECT now() + interval '1 hour' AS at) AS later"
    )


async def test_the_same_event_again_does_nothing(owing: Desk) -> None:
    part = {**PAID, "amount": "20.50"}
    answers = [await send(owing, part) for _ in range(3)]
    assert [answer.json()["repeated"] for answer in answers] == [False, True, True]
    assert (await state(owing))[0][0] == ("open", 10000)
    other = await send(owing, {**part, "amount": "21.00"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert len(await owing.told(PaymentTaken)) == 1


async def test_a_payment_taken_back_is_owed_again_after_a_time_of_grace(owing: Desk) -> None:
    await send(owing, {**PAID, "settles": True})
    await send(owing, {**PAID, "reference": "D-2", "amount": "50"}, event_id="evt-2")
    back = {**PAID, "type": "payment.reversed"}
    assert (await send(owing, back, event_id="evt-3")).status_code == 202
    assert await state(owing) == ([("open", 12050), ("paid", 0)], [], "open", "")
    rest = await owing.pool.fetchval(
        "SELECT next_at - now() FROM leads WHERE person_id = $1", owing.known.person
    )
    assert timedelta(hours=71) < rest <= timedelta(hours=72)


async def test_either_secret_is_good_while_they_change(owing: Desk) -> None:
    assert (await send(owing, PAID, secret=WEBHOOK_SECRETS[1])).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": ""},
        {"webhook-id": "evt-2"},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e400"},
    ],
)
async def test_a_forged_signature(owing: Desk, headers: dict[str, str]) -> None:
    answer = await send(owing, PAID, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert (await state(owing))[0][0] == ("open", 12050)


async def test_a_stranger_and_a_replay_of_an_old_event(owing: Desk) -> None:
    stranger = await send(owing, PAID, secret="whsec_" + "YWxp" * 8)
    old = await send(owing, PAID, at=datetime.now(UTC) - timedelta(minutes=10))
    future = await send(owing, PAID, at=datetime.now(UTC) + timedelta(minutes=10))
    assert {answer.status_code for answer in (stranger, old, future)} == {401}
    assert await owing.pool.fetchval("SELECT count(*) FROM payment_events") == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"type": "payment.received"', 422),
        (b"\xff\xfe", 401),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, 422),
        (b" " * 20_000, 413),
        (json.dumps({**PAID, "amount": "-1"}).encode(), 422),
        (json.dumps({**PAID, "amount": "1e9"}).encode(), 422),
        (json.dumps({**PAID, "amount": "0"}).encode(), 422),
        (json.dumps({**PAID, "amount": "1.005"}).encode(), 422),
        (json.dumps({**PAID, "amount": 12}).encode(), 422),
        (json.dumps({**PAID, "surprise": 1}).encode(), 422),
        (json.dumps({**PAID, "reference": "x\u0000y"}).encode(), 422),
        (json.dumps({**PAID, "type": "payment.imagined"}).encode(), 422),
        (json.dumps({**PAID, "currency": "USD"}).encode(), 409),
        (json.dumps({**PAID, "reference": "D-9"}).encode(), 404),
        (json.dumps({**PAID, "creditor": "Banco Tres"}).encode(), 404),
        (json.dumps({**PAID, "external_id": "C-9"}).encode(), 404),
    ],
)
async def test_a_hostile_body(owing: Desk, body: bytes, status: int) -> None:
    answer = await send(owing, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status
    assert (await state(owing))[0][0] == ("open", 12050)


async def test_a_reference_that_two_persons_have_needs_more_words(owing: Desk) -> None:
    other = await owing.pool.fetchval(
        "INSERT INTO persons (external_id, name) VALUES ('C-2', 'Otra') RETURNING id"
    )
    await owing.pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'D-1', 'Banco Uno', 'EUR', 100)",
        other,
    )
    assert (await send(owing, PAID)).status_code == 404
    named = await send(owing, {**PAID, "external_id": "C-1", "creditor": "Banco Uno"})
    assert named.json()["person_id"] == owing.known.person


async def test_without_a_secret_nothing_is_taken(owing: Desk) -> None:
    owing.settings.webhook_secrets = type(owing.settings.webhook_secrets)("")
    answer = await send(owing, PAID)
    assert (answer.status_code, NUMBER in answer.text) == (503, False)
    assert (answer.json()["code"], answer.json()["detail"]) == (
        "unavailable",
        "no webhook secret is configured",
    )


async def test_what_does_not_fit_a_debt_says_so(owing: Desk) -> None:
    unknown = (await send(owing, {**PAID, "reference": "D-9"})).json()
    assert (unknown["code"], unknown["detail"]) == ("not_found", "no such debt")
    other = (await send(owing, {**PAID, "currency": "USD"})).json()
    assert (other["code"], other["detail"]) == ("conflict", "the debt is in EUR")


async def test_an_event_settles_only_when_it_says_so(owing: Desk) -> None:
    assert not (await send(owing, {**PAID, "amount": "1"})).json()["settled"]
    assert (await send(owing, {**PAID, "amount": "1", "settles": True}, event_id="evt-2")).json()["settled"]
