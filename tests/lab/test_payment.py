"""A payment is told while telephones ring: they fall silent, nobody is rung again, and who speaks is told."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.lab.waiting import eventually_async
from tests.lab.whole import Whole, numbers

pytestmark = pytest.mark.asyncio(loop_scope="module")

SILENT_WITHIN = 2.0
"""Seconds from the event to the end of a ringing call: the promise of the product."""
RINGING = """
SELECT a.id, a.number, a.state, p.external_id, d.reference, d.currency, d.balance_minor
FROM attempts a JOIN persons p ON p.id = a.person_id JOIN debts d ON d.person_id = p.id
WHERE a.state IN ('dialing', 'ringing') AND a.placed_at < now() - interval '1 second' ORDER BY a.placed_at
"""
CONNECTED = RINGING.replace("('dialing', 'ringing')", "('connected')")


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    options = ["--bots", "4", "--debtors", "120", "--tempo", "1", "--talk", "20", "--wrap", "1", "--drawn"]
    with Whole(*options, "--seed", "21") as running:
        running.login()
        running.set(mode="power", calls_per_agent=4.0, max_abandonment=0.1, ring_limit=60)
        running.mix("no-answer=1")
        running.campaign("start")
        yield running


def pay(whole: Whole, row: Any, event_id: str) -> datetime:
    """Tell the product that the debt of this row is paid; returns the instant."""
    body = json.dumps(
        {
            "type": "payment.received",
            "reference": row["reference"],
            "external_id": row["external_id"],
            "amount": "1",
            "currency": row["currency"],
            "settles": True,
        }
    )
    at = datetime.now(UTC)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(whole.env["CADENCIA_WEBHOOK_SECRETS"]).sign(event_id, at, body),
    }
    httpx.post(f"{whole.web}/api/v1/events/payment", content=body, headers=headers).raise_for_status()
    return at


async def test_ringing_calls_end_and_nobody_is_rung_again(whole: Whole) -> None:
    async def ringing() -> list[Any]:
        rows = await whole.rows(RINGING)
        return rows if len(rows) >= 8 else []

    rows = await eventually_async(ringing, 90, whole.log)
    paid = {row["number"]: pay(whole, row, f"evt-{place}") for place, row in enumerate(rows)}

    async def silent() -> bool:
        return not await whole.rows("SELECT 1 FROM attempts WHERE state <> 'ended' AND id = ANY ($1)", ids)

    ids = [row["id"] for row in rows]
    await eventually_async(silent, 15, whole.log)
    ended = {call.number: call for call in whole.truth() if call.number in paid}
    waits = sorted((ended[number].ended or 0.0) - at.timestamp() for number, at in paid.items())
    middle, worst = waits[len(waits) // 2], waits[-1]
    told = f"payment to silence: {len(waits)} calls, median {middle:.3f} s, worst {worst:.3f} s"
    sys.stdout.write(f"\n{told}\n")
    assert len(ended) == len(paid)
    assert waits[-1] <= SILENT_WITHIN
    outcomes = await whole.rows("SELECT outcome, reason FROM attempts WHERE id = ANY ($1)", ids)
    why = ("payment", "learnt from the books")
    assert all(row["outcome"] == "cancelled" and row["reason"] in why for row in outcomes)


async def test_whoever_has_paid_is_out_of_every_list(whole: Whole) -> None:
    left = "SELECT 1 FROM leads l JOIN persons p ON p.id = l.person_id WHERE 'paid' = ANY (p.flags)"
    assert not await whole.rows(f"{left} AND l.status IN ('open', 'in_call')")

    async def others_are_called() -> bool:
        return len(await whole.rows("SELECT 1 FROM attempts")) >= 20

    await eventually_async(others_are_called, 90, whole.log)
    rung = numbers(whole.truth())
    settled = await whole.rows(
        "SELECT h.number FROM phones h JOIN persons p ON p.id = h.person_id WHERE 'paid' = ANY (p.flags)"
    )
    assert settled
    assert all(rung.get(row["number"], 0) <= 1 for row in settled)


async def test_a_conversation_goes_on_and_is_not_cut(whole: Whole) -> None:
    whole.mix("person=1")

    async def talking() -> list[Any]:
        return await whole.rows(CONNECTED)

    row = (await eventually_async(talking, 120, whole.log))[0]
    pay(whole, row, "evt-talking")
    (after,) = await whole.rows("SELECT state FROM attempts WHERE id = $1", row["id"])
    assert after["state"] == "connected"
    why = await whole.rows("SELECT flags FROM persons WHERE external_id = $1", row["external_id"])
    assert why[0]["flags"] == ["paid"]
