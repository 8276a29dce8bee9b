"""One person: look up, stop, and answer 'why was I (not) called?'."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from portfolio.audit import record_audit
from portfolio.contact_rules import (
    AddressFacts,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    Refused,
    RulePack,
    may_contact,
    next_permitted,
)
from portfolio.masking import masked
from portfolio.rule_packs import load_pack
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


class UnknownPerson(LookupError):
    """There is no such person."""


@dataclass(frozen=True, slots=True)
class PersonPhone:
    """A number of a person, as the gate sees it."""

    id: int
    address: AddressFacts

    @property
    def masked_number(self) -> str:
        """The number for logs and most screens."""
        return masked(self.address.number)


@dataclass(frozen=True, slots=True)
class PersonDebt:
    """A debt of a person; money in minor units."""

    id: int
    reference: str
    creditor: str
    currency: str
    balance_minor: int
    days_past_due: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person with numbers and debts."""

    external_id: str | None
    name: str
    language: str
    stopped_at: datetime | None
    stop_reason: str
    facts: PersonFacts
    phones: tuple[PersonPhone, ...]
    debts: tuple[PersonDebt, ...]


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """What the gate says now of one number under one campaign's rules."""

    phone_id: int
    masked_number: str
    verdict: Permitted | Refused
    next_at: datetime | None
    """First instant at which all rules agree; None = never by itself."""


@dataclass(frozen=True, slots=True)
class LeadAnswer:
    """One place on a list, with the gate's answer for each number."""

    lead_id: int
    campaign_id: int
    campaign: str
    status: str
    attempts: int
    next_at: datetime | None
    """When the planner looks again; None = at once."""
    held_by: str
    """The rule that refused last."""
    rule_pack: str
    phones: tuple[PhoneAnswer, ...]


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An attempt, with what the gate said when it was made."""

    id: str
    at: datetime
    campaign: str
    masked_number: str
    state: str
    outcome: str | None
    cause: int | None
    reason: str
    gate: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a person was, or was not, called."""

    person: Person
    leads: tuple[LeadAnswer, ...]
    attempts: tuple[PastAttempt, ...]


async def stop_person(
    connection: "Connection", person_id: int, reason: str, actor_id: int | None, now: datetime
) -> bool:
    """Nobody calls this person any more. False when that was so already; raises UnknownPerson.

    The row is locked, so that a reservation either came first and is seen by the engine, or is refused.
    """
    async with connection.transaction():
        row = await connection.fetchrow(statements()["person_lock"], person_id)
        if row is None:
            raise UnknownPerson(person_id)
        # Leads are withdrawn even of somebody already stopped: a list may have been made since.
        withdrawn = await connection.fetch(statements()["person_withdraw_leads"], person_id)
        if row["stopped_at"] is not None:
            return False
        await connection.execute(statements()["person_stop"], person_id, now, reason[:500])
        await connection.execute(statements()["person_stop_contact"], person_id, now)
        after = {"stopped_at": now.isoformat(), "leads_withdrawn": len(withdrawn)}
        await record_audit(
            connection, actor_id, "person.stop", f"person:{person_id}", after=after, reason=reason[:500]
        )
    return True


async def get_person(connection: "Connection", person_id: int) -> Person:
    """One person with numbers and debts; raises UnknownPerson."""
    row = await connection.fetchrow(statements()["person_by_id"], person_id)
    if row is None:
        raise UnknownPerson(person_id)
    phones = await connection.fetch(statements()["person_phones"], person_id)
    debts = await connection.fetch(statements()["person_debts"], person_id)
    facts = PersonFacts(
        person_id=row["id"],
        zone=row["zone"],
        country=row["country"],
        region=row["region"],
        flags=frozenset(row["flags"]),
        stopped=row["stopped_at"] is not None,
    )
    return Person(
        external_id=row["external_id"],
        name=row["name"],
        language=row["language"],
        stopped_at=row["stopped_at"],
        stop_reason=row["stop_reason"],
        facts=facts,
        phones=tuple(PersonPhone(p["id"], _address(p)) for p in phones),
        debts=tuple(PersonDebt(*d) for d in debts),
    )


async def ledger_of(connection: "Connection", person_id: int, since: datetime) -> tuple[LedgerEntry, ...]:
    """Contacts made and reserved, of the person and of others on the same numbers."""
    made = await connection.fetch(statements()["person_ledger"], person_id, since)
    reserved = await connection.fetch(statements()["person_reserved"], person_id)
    return tuple(
        LedgerEntry(r["kind"], r["at"], r["channel"], r["number"], r["same_person"])
        for r in (*made, *reserved)
    )


async def why(connection: "Connection", person_id: int, now: datetime) -> Why:
    """What the gate says now for every list and number, and what it said before; raises UnknownPerson."""
    person = await get_person(connection, person_id)
    leads = await connection.fetch(statements()["person_leads"], person_id)
    packs = {lead["rule_pack"]: load_pack(lead["rule_pack"]) for lead in leads}
    since = now - max((pack.memory for pack in packs.values()), default=timedelta())
    ledger = await ledger_of(connection, person_id, since)
    attempts = await connection.fetch(statements()["person_attempts"], person_id)
    return Why(
        person=person,
        leads=tuple(_lead(row, person, packs[row["rule_pack"]], ledger, now) for row in leads),
        attempts=tuple(_attempt(row) for row in attempts),
    )


def _address(row: asyncpg.Record) -> AddressFacts:
    return AddressFacts(row["number"], row["status"], tuple(row["zones"]), row["do_not_call"], row["kind"])


def _lead(
    row: asyncpg.Record, person: Person, pack: RulePack, ledger: Sequence[LedgerEntry], now: datetime
) -> LeadAnswer:
    next_at = row["next_at"]
    return LeadAnswer(
        lead_id=row["id"],
        campaign_id=row["campaign_id"],
        campaign=row["campaign"],
        status=row["status"],
        attempts=row["attempts"],
        # asyncpg gives '-infinity' as the smallest naive datetime.
        next_at=next_at if next_at.tzinfo is not None else None,
        held_by=row["held_by"],
        rule_pack=pack.name,
        phones=tuple(_phone(phone, person, pack, ledger, now) for phone in person.phones),
    )


def _phone(
    phone: PersonPhone, person: Person, pack: RulePack, ledger: Sequence[LedgerEntry], now: datetime
) -> PhoneAnswer:
    asked = (person.facts, Channel.VOICE, phone.address, pack, ledger, now)
    return PhoneAnswer(phone.id, phone.masked_number, may_contact(*asked), next_permitted(*asked))


def _attempt(row: asyncpg.Record) -> PastAttempt:
    return PastAttempt(
        id=str(row["id"]),
        at=row["placed_at"],
        campaign=row["campaign"],
        masked_number=masked(row["number"]),
        state=row["state"],
        outcome=row["outcome"],
        cause=row["cause"],
        reason=row["reason"],
        gate=json.loads(row["gate"]),
    )
