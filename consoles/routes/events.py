"""What other systems tell us: payments, as signed webhooks (Standard Webhooks)."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from consoles.payment_events import SIGNED, PaymentIn, event_of, parsed, verified
from consoles.problems import Problem
from consoles.web_deps import Database, WebDep
from portfolio.payments import PaymentConflict, UnknownDebt, apply_payment

router = APIRouter(tags=["events"])

MAX_EVENT = 16 * 1024
"""Bytes of an event."""


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": PaymentIn.model_json_schema()}},
    },
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in SIGNED
    ],
}
"""The signature is checked on the bytes before they are read, so the framework does not see the body."""


class PaymentOut(BaseModel):
    """What came of it."""

    person_id: int
    settled: bool
    all_settled: bool
    leads_withdrawn: int
    repeated: bool = Field(description="whether the event was known; then nothing was done")


@router.post("/events/payment", max_body_size=MAX_EVENT, openapi_extra=_BODY, status_code=202)
async def payment(request: Request, database: Database, web: WebDep) -> PaymentOut:
    """Take a payment in, once: no new call, a ringing one ends, who speaks sees it. Signed, not logged in."""
    raw = await request.body()
    secrets = web.deps.settings.webhook_secrets.get_secret_value().split()
    if not secrets:
        raise Problem("unavailable", "no webhook secret is configured")
    event = event_of(verified(secrets, request.headers, raw), parsed(raw))
    try:
        result = await apply_payment(database, event, web.now())
    except UnknownDebt as error:
        raise Problem("not_found", str(error)) from error
    except PaymentConflict as error:
        raise Problem("conflict", str(error)) from error
    return PaymentOut(
        person_id=result.person_id,
        settled=result.settled,
        all_settled=result.all_settled,
        leads_withdrawn=result.leads_withdrawn,
        repeated=result.repeated,
    )
