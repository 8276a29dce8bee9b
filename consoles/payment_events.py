"""A payment as it comes over the wire: whose word it is, what it says, what that is in minor units."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import StringConstraints, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from consoles.problems import Problem
from consoles.schemas import Body
from portfolio.importer.problems import BadValue
from portfolio.importer.values import minor_units
from portfolio.payments import PaymentEvent
from portfolio.plain_text import shortened

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")
"""Headers of a Standard Webhook."""


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


def verified(secrets: Iterable[str], headers: Mapping[str, str], raw: bytes) -> str:
    """The event's id, if one of our secrets signed the body now; while they change any of them may."""
    told = {name: headers.get(name, "") for name in SIGNED}
    for secret in secrets:
        try:
            Webhook(secret).verify(raw, told, json_parse=False)
        except (WebhookVerificationError, ValueError):
            continue  # a malformed header or body is as good as a forged one
        return told["webhook-id"]
    raise Problem("bad_signature", "the signature does not fit, or is not of now")


def parsed(raw: bytes) -> PaymentIn:
    """What the body says; a Problem that names the places which are wrong."""
    try:
        return PaymentIn.model_validate_json(raw)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:5])
        raise Problem("invalid", shortened(places, 500)) from error


def event_of(event_id: str, told: PaymentIn) -> PaymentEvent:
    """What it means; a Problem where it can mean nothing."""
    try:
        amount = minor_units(
            str(Decimal(told.amount).normalize().quantize(_unit(told.amount))), told.currency
        )
    except (BadValue, InvalidOperation) as error:
        raise Problem("invalid", "the amount has more decimals than its currency, or is too large") from error
    if len(event_id) > 200 or amount <= 0:
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
