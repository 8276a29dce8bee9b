"""Persons as a supervisor looks them up: whether, when and why they were called."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, Field

import portfolio.why
from consoles.sql import SQL
from consoles.web_deps import Connection, from_json
from dialer.model.masking import masked
from portfolio.complaints import is_sound
from portfolio.contact_rules import zones_in_doubt
from portfolio.persons import PersonPhone
from portfolio.spellings import meant_by
from portfolio.why import LeadAnswer

_MAX_FOUND = 50


class PhoneFound(BaseModel):
    """A number of a person."""

    id: int
    masked_number: str
    status: str


class PersonFound(BaseModel):
    """A person in a search."""

    id: int
    external_id: str | None
    name: str
    language: str
    flags: list[str]
    stopped_at: datetime | None
    phones: list[PhoneFound]


class GateAsked(BaseModel):
    """Which rules were asked, and when."""

    pack: str
    version: int
    at: str


class GatePermitted(GateAsked):
    """The contact may be made now."""

    verdict: Literal["permitted"]
    local_times: dict[str, str]
    """Zone → local time."""
    rules: list[str]
    """Every rule that was asked."""


class RuleRefusal(BaseModel):
    """One rule that refuses."""

    rule: str
    until: str | None
    detail: str


class GateRefused(GateAsked):
    """The contact may not be made now."""

    verdict: Literal["refused"]
    rule: str
    """Of all that refuse, the one that refuses longest."""
    until: str | None
    """When that rule ends; null = never by itself."""
    detail: list[RuleRefusal]
    """Every rule that refuses, the longest first."""


class NumberAnswer(BaseModel):
    """What the contact gate says now of one number under the rules of one campaign."""

    phone_id: int
    masked_number: str
    zones: list[str]
    """Where its hours are looked at: the person's zone, else all that the number may be in."""
    gate: Annotated[GatePermitted | GateRefused, Field(discriminator="verdict")]
    next_at: datetime | None
    """First instant at which all rules agree; null = never by itself."""


class HoldWhy(BaseModel):
    """What holds a call back besides the gate."""

    rule: str
    until: datetime | None
    detail: str


class LeadWhy(BaseModel):
    """A person in one campaign, what held the last call back, and what holds one back now."""

    id: int
    campaign: str
    list: str
    status: str
    attempts: int
    next_at: datetime | None
    held_by: str
    rule_pack: str
    holds: tuple[HoldWhy, ...]
    callback_at: datetime | None
    callback_agent: str
    next_call_at: datetime | None
    """First instant at which nothing known stands against a call; null = never by itself."""
    numbers: tuple[NumberAnswer, ...]


class PhoneWhy(BaseModel):
    """A number, and whether it may be called at all."""

    id: int
    masked_number: str
    status: str
    do_not_call: bool
    rests_until: datetime | None
    """The network refused it: until then it rests."""
    refused_on: date | None
    """The first day on which a trunk that is believed said that there is no such number."""
    refused_trunk: str
    revived_at: datetime | None


class AttemptWhy(BaseModel):
    """One attempt, and what the gate said then."""

    id: UUID
    at: datetime
    campaign: str
    masked_number: str
    state: str
    outcome: str | None
    cause: int | None
    reason: str
    trunk: str
    """That it went out on; empty = it came in, was not handed over, or is older than this field."""
    case_number: str
    """That the person was told in a call that came in, as it is shown; empty = none."""
    gate: dict[str, Any]


class DebtWhy(BaseModel):
    """What a person owes."""

    id: int
    reference: str
    creditor: str
    currency: str
    balance_minor: int
    days_past_due: int
    stage: str
    status: str


class Why(BaseModel):
    """Why a person was, or was not, called."""

    person_id: int
    name: str
    granted: list[str]
    refused: list[str]
    preferred: list[tuple[int, int]]
    debts: list[DebtWhy]
    stopped_at: datetime | None
    stop_reason: str
    flags: list[str]
    leads: list[LeadWhy]
    phones: list[PhoneWhy]
    attempts: list[AttemptWhy]


async def find(database: Connection, text: str) -> list[PersonFound]:
    """By external id, by a telephone number in any spelling of any country, or by a case number."""
    numbers = await asyncio.to_thread(meant_by, text)
    case = text.replace(" ", "")
    asked = (text, list(numbers), _MAX_FOUND, case if is_sound(case) else None)
    rows = await database.fetch(SQL["find_persons"], *asked)
    return [_found(row) for row in rows]


async def why(database: Connection, person_id: int, now: datetime) -> Why:
    """All that is known of why a person was or was not called; raises UnknownPerson."""
    answer = await portfolio.why.why(database, person_id, now)
    person = answer.person
    zones = {phone.id: list(zones_in_doubt(person.facts, phone.address)) for phone in person.phones}
    return Why(
        person_id=person_id,
        name=person.name,
        granted=sorted(person.facts.granted),
        refused=sorted(person.facts.refused),
        preferred=list(person.facts.preferred),
        debts=[DebtWhy(**asdict(debt)) for debt in person.debts],
        stopped_at=person.stopped_at,
        stop_reason=person.stop_reason,
        flags=sorted(person.facts.flags),
        leads=[_lead(lead, zones) for lead in answer.leads],
        phones=[_phone(phone) for phone in person.phones],
        attempts=[AttemptWhy.model_validate(asdict(attempt)) for attempt in answer.attempts],
    )


def _lead(lead: LeadAnswer, zones: Mapping[int, list[str]]) -> LeadWhy:
    numbers = [
        {
            "phone_id": phone.phone_id,
            "masked_number": phone.masked_number,
            "zones": zones[phone.phone_id],
            "gate": phone.verdict.as_record(),
            "next_at": phone.next_at,
        }
        for phone in lead.phones
    ]
    return LeadWhy.model_validate({**asdict(lead), "id": lead.lead_id, "numbers": numbers})


def _phone(phone: PersonPhone) -> PhoneWhy:
    address = phone.address
    return PhoneWhy(
        id=phone.id,
        masked_number=phone.masked_number,
        status=address.status,
        do_not_call=address.do_not_call,
        rests_until=address.rests_until,
        refused_on=phone.refused_on,
        refused_trunk=phone.refused_trunk,
        revived_at=phone.revived_at,
    )


def _found(row: Record) -> PersonFound:
    phones = [{**phone, "masked_number": masked(phone["number"])} for phone in from_json(row["phones"])]
    return PersonFound.model_validate({**row, "phones": phones})
