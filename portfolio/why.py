"""Why somebody is, was or is not called: rule by rule, and when next."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from portfolio.complaints.case_number import spoken
from portfolio.contact_rules import (
    Approach,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    Refused,
    RulePack,
    may_contact,
    next_permitted,
)
from portfolio.creditors import creditor_key
from portfolio.masking import masked
from portfolio.persons import Person, PersonPhone, get_person, ledger_of
from portfolio.rule_packs import BrokenPack, UnknownPack
from portfolio.rule_packs.shelf import SHELF
from portfolio.skills import needed_skills
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

_BY_HAND = frozenset({"manual", "preview"})


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """What the gate says now of one number under one campaign's rules."""

    phone_id: int
    masked_number: str
    verdict: Permitted | Refused
    next_at: datetime | None
    """First instant at which all rules agree; None = never by itself."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds a call back besides the gate."""

    rule: str
    """campaign_stopped, campaign_paused, list_paused, quota_full, lead_done, lead_withdrawn, in_call,
    resting, no_number, nobody_qualified, rule_pack_unusable or rule_pack_lab_only."""
    until: datetime | None
    """None = until somebody changes it."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LeadAnswer:
    """One place on a list, with the gate's answer for each number."""

    lead_id: int
    campaign_id: int
    campaign: str
    list: str
    status: str
    attempts: int
    next_at: datetime | None
    """When the planner looks again; None = at once."""
    held_by: str
    """The rule that refused last."""
    rule_pack: str
    holds: tuple[Hold, ...]
    callback_at: datetime | None
    callback_agent: str
    """Who agreed to call back; empty = anyone."""
    next_call_at: datetime | None
    """First instant at which nothing known stands against a call; None = never by itself."""
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
    trunk: str
    """That it went out on; empty = it came in, was not handed over, or is old."""
    case_number: str
    """That the person was told, as it is shown, in a call that came in; empty = none."""
    gate: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a person was, or was not, called."""

    person: Person
    leads: tuple[LeadAnswer, ...]
    attempts: tuple[PastAttempt, ...]


async def why(connection: "Connection", person_id: int, now: datetime) -> Why:
    """What the gate says now for every list and number, and what it said before; raises UnknownPerson."""
    person = await get_person(connection, person_id, now)
    await SHELF.refresh(connection)
    leads = await connection.fetch(statements()["person_leads"], person_id, now)
    packs = {lead["rule_pack"]: pack_to_read(lead["rule_pack"]) for lead in leads}
    since = now - max((pack.memory for pack in packs.values() if pack is not None), default=timedelta())
    ledger = await ledger_of(connection, person_id, since)
    attempts = await connection.fetch(statements()["person_attempts"], person_id)
    return Why(
        person=person,
        leads=tuple(_lead(row, person, packs[row["rule_pack"]], ledger, now) for row in leads),
        attempts=tuple(_attempt(row) for row in attempts),
    )


def pack_to_read(name: str) -> RulePack | None:
    """The pack to read; None = there is none, or it does not pass its own examples."""
    try:
        return SHELF.look(name)
    except (UnknownPack, BrokenPack):
        return None


def _lead(
    row: asyncpg.Record, person: Person, pack: RulePack | None, ledger: Sequence[LedgerEntry], now: datetime
) -> LeadAnswer:
    next_at = row["next_at"] if row["next_at"].tzinfo is not None else None  # '-infinity' comes naive
    holds = tuple(_holds(row, person, next_at, now))
    if pack is None:
        holds = (Hold("rule_pack_unusable", None), *holds)
    elif pack.lab_only and not SHELF.laboratory:
        holds = (Hold("rule_pack_lab_only", None), *holds)
    facts, approach = asked_for(row, person, now)
    phones = tuple(
        _phone(phone, facts, pack, ledger, now, approach) for phone in person.phones if pack is not None
    )
    return LeadAnswer(
        lead_id=row["id"],
        campaign_id=row["campaign_id"],
        campaign=row["campaign"],
        list=row["list"],
        status=row["status"],
        attempts=row["attempts"],
        next_at=next_at,
        held_by=row["held_by"],
        rule_pack=row["rule_pack"],
        holds=holds,
        callback_at=row["callback_at"],
        callback_agent=row["callback_agent"] or "",
        next_call_at=_next_call(holds, phones),
        phones=phones,
    )


def asked_for(row: asyncpg.Record, person: Person, now: datetime) -> tuple[PersonFacts, Approach]:
    """The person and the approach as a reservation for this campaign has them."""
    key = creditor_key(row["creditor"])
    mine = [debt for debt in person.debts if key in ("", creditor_key(debt.creditor))]
    facts = person.facts
    if mine and all(debt.status == "paid" for debt in mine):
        facts = PersonFacts(
            facts.person_id, facts.zone, facts.country, facts.region, facts.flags | {"paid"}, facts.stopped,
            facts.granted, facts.refused, facts.preferred, facts.zones,
        )  # fmt: skip
    approach = Approach(
        agent_reserved=row["mode"] in _BY_HAND,
        trained=row["care"],
        invited=row["urgent"] and row["callback_at"] is not None and row["callback_at"] <= now,
        debts=frozenset(debt.id for debt in mine if debt.status == "open"),
        caller_id=row["caller_id"],
        registered=row["registered"],
    )
    return facts, approach


def _holds(row: asyncpg.Record, person: Person, next_at: datetime | None, now: datetime) -> list[Hold]:
    found: list[Hold] = []
    if row["campaign_status"] != "running":
        found.append(Hold(f"campaign_{row['campaign_status']}", None))
    if row["list_status"] != "active":
        found.append(Hold("list_paused", None))
    if row["quota_full"]:
        found.append(Hold("quota_full", None))
    if row["status"] in ("done", "withdrawn"):
        found.append(Hold(f"lead_{row['status']}", None, row["held_by"]))
    if row["status"] == "in_call" or row["talking"]:
        found.append(Hold("in_call", None))
    if not _needs(row, person).issubset(row["staffed"]):
        found.append(Hold("nobody_qualified", None))
    if row["status"] == "open" and next_at is not None and next_at > now:
        found.append(Hold("resting", next_at, row["held_by"]))
    if not person.phones:
        found.append(Hold("no_number", None))
    return found


def _needs(row: asyncpg.Record, person: Person) -> set[str]:
    """Skills without which no agent may take the call; a reservation asks the same."""
    other = person.language if row["match_language"] and person.language != row["language"] else None
    owing = [debt.creditor for debt in person.debts if debt.status == "open"]
    return needed_skills(other, owing if row["creditor_licence"] else ())


def _next_call(holds: Sequence[Hold], phones: Sequence[PhoneAnswer]) -> datetime | None:
    if any(hold.until is None for hold in holds):
        return None
    earliest = min((phone.next_at for phone in phones if phone.next_at is not None), default=None)
    if earliest is None:
        return None
    return max([earliest, *(hold.until.astimezone(UTC) for hold in holds if hold.until is not None)])


def _phone(
    phone: PersonPhone,
    facts: PersonFacts,
    pack: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    approach: Approach,
) -> PhoneAnswer:
    asked = (facts, Channel.VOICE, phone.address, pack, ledger, now, approach)
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
        trunk=row["trunk"],
        case_number=spoken(row["case_number"]) if row["case_number"] else "",
        gate=json.loads(row["gate"]),
    )
