"""From the event of a payment to the silence of a ringing telephone, while the whole product dials.

The demo runs as a user starts it: engine, web, PBX, carrier and bots on one machine. Every payment is a
signed webhook; the end of the call is the carrier's own record.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np
from standardwebhooks import Webhook

from tests.lab.whole import Whole

BOTS, LINES, CPS = 30, 150, 25
PAYMENTS = 300
PER_SECOND = 10
RINGING = """
SELECT a.id, a.number, p.external_id, d.reference, d.currency
FROM attempts a JOIN persons p ON p.id = a.person_id JOIN debts d ON d.person_id = p.id
WHERE a.state = 'ringing' AND NOT 'paid' = ANY (p.flags)
  AND a.ringing_at BETWEEN now() - interval '10 seconds' AND now() - interval '1 second'
ORDER BY a.placed_at LIMIT $1
"""
CANCELLED = (
    "SELECT number FROM attempts WHERE id = ANY ($1) AND reason IN ('payment', 'learnt from the books')"
)
LOAD = """
SELECT count(*) AS placed, max(placed_at) - min(placed_at) AS during,
    count(*) FILTER (WHERE connected_at IS NOT NULL) AS spoken FROM attempts
"""

Row = tuple[str, str, str]


async def payments() -> list[Row]:
    """The table's rows; the load is told beside them."""
    options = ["--bots", str(BOTS), "--debtors", "5000", "--tempo", "1", "--talk", "15", "--wrap", "2"]
    with Whole(*options, "--drawn", "--mode", "power", "--seed", "5") as whole:
        whole.login()
        whole.set(calls_per_agent=6.0, max_abandonment=0.1, ring_limit=30, max_lines=LINES, max_cps=CPS)
        whole.mix("person=25,no-answer=75")
        whole.campaign("start")
        async with httpx.AsyncClient(base_url=whole.web, timeout=20) as client:
            paid, answers = await _pay_all(whole, client)
        waits = await _silences(whole, paid)
        (load,) = await whole.rows(LOAD)
    rate = load["placed"] / load["during"].total_seconds()
    beside = f"{rate:.1f} calls/s, {load['spoken']} conversations beside it"
    return [
        (f"payment → silence, p50 / p99 / worst of {len(waits)}", _three(waits), "≤ 2 s"),
        (f"payment → answer of the API ({beside})", _three(answers), "–"),
    ]


async def _pay_all(whole: Whole, client: httpx.AsyncClient) -> tuple[dict[str, Any], list[float]]:
    """Some payments a second, each for somebody whose telephone rings; attempt → (number, instant)."""
    paid: dict[str, Any] = {}
    answers: list[float] = []
    async with asyncio.timeout(240):
        while len(paid) < PAYMENTS:
            rows = await whole.rows(RINGING, PER_SECOND)
            fresh = [row for row in rows if row["id"] not in paid]
            for row in fresh:
                at, took = await _pay(whole, client, row, f"bench-{len(paid)}")
                paid[row["id"]] = (row["number"], at)
                answers.append(took)
            await asyncio.sleep(1.0)
    return paid, answers


async def _pay(whole: Whole, client: httpx.AsyncClient, row: Any, event: str) -> tuple[float, float]:
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
        "webhook-id": event,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(whole.env["CADENCIA_WEBHOOK_SECRETS"]).sign(event, at, body),
    }
    (await client.post("/api/v1/events/payment", content=body, headers=headers)).raise_for_status()
    return at.timestamp(), (datetime.now(UTC) - at).total_seconds()


async def _silences(whole: Whole, paid: dict[str, Any]) -> list[float]:
    """Seconds to the end of each call that the payment ended; one that was over by itself says nothing."""
    await asyncio.sleep(3.0)
    rows = await whole.rows(CANCELLED, list(paid))
    ended = {call.number: call.ended for call in whole.truth() if call.ended}
    numbers = {row["number"] for row in rows}
    return [ended[number] - at for number, at in paid.values() if number in numbers and number in ended]


def _three(seconds: Sequence[float]) -> str:
    middle, high = np.quantile(seconds, (0.5, 0.99))
    return f"{middle:.3f} / {high:.3f} / {max(seconds):.3f} s"
