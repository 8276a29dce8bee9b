"""What other systems tell us: payments, as signed webhooks (Standard Webhooks)."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from consoles.person_news import tell_engine
from consoles.problems import Problem
from consoles.schemas import Body
from consoles.web_deps import Database, Web, WebDep
from portfolio.importer.problems import BadValue
from portfolio.importer.values import minor_units
from portfolio.payments import PaymentConflict, PaymentEvent, UnknownDebt, apply_payment
from portfolio.plain_text import shortened

router = APIRouter(tags=["events"])

MAX_EVENT = 16 * 1024
"""Bytes of an event."""
_SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


class PaymentIn(Body):
    """A payment as the creditor tells it; who it is from is in the debt's reference."""

    type: Literal["payment.received", "payment.reversed"]
    reference: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    creditor: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    amount: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$")]
    """Decimal, such as "120.50"."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    settles: bool = False
    """Whether the creditor asks for no more."""


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": PaymentIn.model_json_schema()}},
    },
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in _SIGNED
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
    event = _event(_verified(web, request, raw), _parsed(raw))
    try:
        result = await apply_payment(database, event, web.now())
    except UnknownDebt as error:
        raise Problem("not_found", str(error)) from error
    except PaymentConflict as error:
        raise Problem("conflict", str(error)) from error
    if not result.repeated:
        await tell_engine(web, database, result.person_id, 0, event.kind)
    return PaymentOut(
        person_id=result.person_id,
        settled=result.settled,
        all_settled=result.all_settled,
        leads_withdrawn=result.leads_withdrawn,
        repeated=result.repeated,
    )


def _verified(web: Web, request: Request, raw: bytes) -> str:
    """The event's id, if one of our secrets signed the body now; while they change any of them may."""
    secrets = web.deps.settings.webhook_secrets.get_secret_value().split()
    if not secrets:
        raise Problem("unavailable", "no webhook secret is configured")
    headers = {name: request.headers.get(name, "") for name in _SIGNED}
    for secret in secrets:
        try:
            Webhook(secret).verify(raw, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            continue  # a malformed header or body is as good as a forged one
        return headers["webhook-id"]
    raise Problem("bad_signature", "the signature does not fit, or is not of now")


def _parsed(raw: bytes) -> PaymentIn:
    try:
        return PaymentIn.model_validate_json(raw)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:5])
        raise Problem("invalid", shortened(places, 500)) from error


def _event(event_id: str, told: PaymentIn) -> PaymentEvent:
    try:
        amount = minor_units(
            str(Decimal(told.amount).normalize().quantize(_unit(told.amount))), told.currency
        )
    except (BadValue, InvalidOperation) as error:
        raise Problem("invalid", "the amount has more decimals than its currency") from error
    if not event_id or len(event_id) > 200 or amount <= 0:
        raise Problem("invalid", "an event needs an id of at most 200 characters and a positive amount")
    return PaymentEvent(
        event_id,
        told.type,
        told.reference,
        told.creditor,
        told.external_id,
        amount,
        told.currency,
        told.settles,
    )


def _unit(amount: str) -> Decimal:
    """Two decimals at least: '1.250' is one and a quarter, never a thousand."""
    decimals = len(amount.partition(".")[2].rstrip("0"))
    return Decimal(1).scaleb(-max(2, decimals))
