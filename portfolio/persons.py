"""One person: look up, with everything the contact gate must know, and stop."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import asyncpg

from portfolio.audit import record_audit
from portfolio.contact_rules import AddressFacts, LedgerEntry, PersonFacts, taken_back
from portfolio.masking import masked
from portfolio.sql import statements
from portfolio.zones import zones_of_number, zones_of_region

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
    refused_on: date | None = None
    """The first day on which a trunk that is believed said that there is no such number."""
    refused_trunk: str = ""
    revived_at: datetime | None = None

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
    stage: str
    """'', 'remind', 'request', 'insist' or 'escalate'."""
    status: str
    """'open' or 'paid'."""


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


async def get_person(connection: "Connection", person_id: int, now: datetime) -> Person:
    """One person with numbers and debts; raises UnknownPerson. Suppressions are those of `now`."""
    row = await connection.fetchrow(statements()["person_by_id"], person_id)
    if row is None:
        raise UnknownPerson(person_id)
    phones = await connection.fetch(statements()["person_phones"], person_id, now)
    debts = await connection.fetch(statements()["person_debts"], person_id)
    facts = PersonFacts(
        person_id=row["id"],
        zone=row["zone"],
        country=row["country"],
        region=row["region"],
        flags=frozenset(row["flags"]),
        stopped=row["stopped_at"] is not None,
        granted=frozenset(row["granted"]),
        refused=frozenset(row["refused"]),
        preferred=tuple((start, end) for start, end in json.loads(row["preferred"])),
        zones=zones_of_region(row["country"], row["region"]),
    )
    return Person(
        external_id=row["external_id"],
        name=row["name"],
        language=row["language"],
        stopped_at=row["stopped_at"],
        stop_reason=row["stop_reason"],
        facts=facts,
        phones=tuple(
            PersonPhone(p["id"], _address(p), p["refused_on"], p["refused_trunk"], p["revived_at"])
            for p in phones
        ),
        debts=tuple(PersonDebt(*d) for d in debts),
    )


async def ledger_of(connection: "Connection", person_id: int, since: datetime) -> tuple[LedgerEntry, ...]:
    """Contacts made and reserved, of the person and of others on the same numbers."""
    made = await connection.fetch(statements()["person_ledger"], person_id, since)
    reserved = await connection.fetch(statements()["person_reserved"], person_id)
    rows = [*made, *reserved]
    none = taken_back((row["kind"], row["attempt_id"]) for row in rows)
    return tuple(_entry(row) for row in rows if (row["kind"], row["attempt_id"]) not in none)


def _entry(row: asyncpg.Record) -> LedgerEntry:
    debts = None if row["debt_ids"] is None else frozenset(row["debt_ids"])
    return LedgerEntry(row["kind"], row["at"], row["channel"], row["number"], row["same_person"], debts)


def _address(row: asyncpg.Record) -> AddressFacts:
    zones = zones_of_number(row["number"], tuple(row["zones"]))
    return AddressFacts(
        row["number"],
        row["status"],
        zones,
        row["do_not_call"],
        row["do_not_call_until"],
        row["kind"],
        row["rests_until"],
        row["busy"],
    )
