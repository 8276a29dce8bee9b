"""A payment is told: what is owed, who may still be called, and what is withdrawn, in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

import asyncpg

from portfolio.audit import record_audit
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

PARTLY_PAID_REST = timedelta(hours=24)
"""Who has just paid a part is not called about the rest on the same day."""
REVERSAL_GRACE = timedelta(hours=72)
"""A payment that was taken back does not bring the pressure back at once."""


class UnknownDebt(LookupError):
    """No debt, or more than one, fits what the event says."""


class PaymentConflict(ValueError):
    """The event says something else than an earlier one of the same id, or than the debt."""


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """What a creditor tells. Money in minor units."""

    id: str
    """Unique; the same event may come any number of times."""
    kind: Literal["payment.received", "payment.reversed"]
    reference: str
    creditor: str | None
    external_id: str | None
    """Of the person, should a reference not be unique."""
    amount_minor: int
    currency: str
    settles: bool = False
    """The creditor asks for no more, whatever was open."""


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """What came of an event."""

    person_id: int
    debt_id: int
    settled: bool
    """Whether this debt is paid."""
    all_settled: bool
    """Whether the person owes nothing any more."""
    leads_withdrawn: int = 0
    repeated: bool = False
    """Whether the event was known: then nothing was done."""


async def apply_payment(connection: "Connection", event: PaymentEvent, now: datetime) -> PaymentResult:
    """Take a payment in, once; raises UnknownDebt, PaymentConflict.

    The person's row is locked, as by a reservation: a call was either reserved before and is seen by the
    engine, or is refused by the gate.
    """
    async with connection.transaction():
        debt = await _debt(connection, event)
        await connection.fetchrow(statements()["person_lock"], debt["person_id"])
        digest = sha256(repr(event).encode()).digest()
        known = await connection.fetchrow(statements()["payment_seen"], event.id)
        if known is not None:
            return await _repeated(connection, known, digest)
        return await _applied(connection, event, debt, digest, now)


async def _debt(connection: "Connection", event: PaymentEvent) -> asyncpg.Record:
    asked = (event.reference, event.creditor, event.external_id)
    found = await connection.fetch(statements()["payment_debts"], *asked)
    if len(found) != 1:
        raise UnknownDebt(
            "no such debt" if not found else "more than one debt fits: name creditor and person"
        )
    if found[0]["currency"] != event.currency:
        raise PaymentConflict(f"the debt is in {found[0]['currency']}")
    return found[0]


async def _repeated(connection: "Connection", known: asyncpg.Record, digest: bytes) -> PaymentResult:
    if known["body_hash"] != digest:
        raise PaymentConflict("an event of this id said something else")
    rest = await connection.fetchval(statements()["payment_settles_person"], known["person_id"])
    return PaymentResult(known["person_id"], known["debt_id"] or 0, known["settled"], bool(rest), 0, True)


async def _applied(
    connection: "Connection", event: PaymentEvent, debt: asyncpg.Record, digest: bytes, now: datetime
) -> PaymentResult:
    person_id, reversed_ = debt["person_id"], event.kind == "payment.reversed"
    amount = (debt["id"], event.amount_minor)
    if reversed_:
        row = await connection.fetchrow(statements()["payment_restore"], *amount)
    else:
        row = await connection.fetchrow(statements()["payment_reduce"], *amount, event.settles)
    assert row is not None
    settled = row["status"] == "paid"
    await connection.execute(
        statements()["payment_note"], event.id, digest, event.kind, person_id, debt["id"],
        event.amount_minor, event.currency, settled, now,
    )  # fmt: skip
    all_settled = bool(await connection.fetchval(statements()["payment_settles_person"], person_id))
    await connection.execute(statements()["payment_flag"], person_id, all_settled)
    withdrawn = await _leads(connection, person_id, now, reversed_=reversed_)
    after = {"debt": debt["id"], "balance_minor": row["balance_minor"], "leads_withdrawn": withdrawn}
    await record_audit(
        connection, None, event.kind, f"person:{person_id}", after=after, reason=event.id[:200]
    )
    return PaymentResult(person_id, debt["id"], settled, all_settled, withdrawn)


async def _leads(connection: "Connection", person_id: int, now: datetime, *, reversed_: bool) -> int:
    if reversed_:
        await connection.fetch(statements()["payment_reopen"], person_id, now + REVERSAL_GRACE)
        return 0
    rows = await connection.fetch(statements()["payment_withdraw"], person_id, now + PARTLY_PAID_REST)
    await connection.execute(statements()["payment_withdraw_callbacks"], person_id, now)
    return sum(row["status"] == "withdrawn" for row in rows)
