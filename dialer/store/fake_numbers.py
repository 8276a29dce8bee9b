"""What calls say of numbers, in the store in memory; the SQL of write_turn and settle_leads says the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialer.model import number
from dialer.model.call import Call
from dialer.model.number import Unallocated
from dialer.model.outcomes import Outcome
from dialer.ports import Transition
from dialer.store.fake_rows import CODES, MemoryLead
from dialer.store.fake_tables import MemoryTables
from dialer.store.gate import CandidatePhone
from dialer.store.lead_advice import kills, lead_advice

_NUMBER_IS_OUT = (Outcome.UNALLOCATED, Outcome.NUMBER_CHANGED, Outcome.FAX, Outcome.UNWANTED)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is left of a person's numbers after a call."""

    dead: bool
    """Whether the one that was called may not be called any more."""
    other: bool
    """Whether any may be."""
    awake: bool
    """Whether one of those does not rest."""


def numbers_left(call: Call, usable: Sequence[CandidatePhone]) -> Numbers:
    """Of the numbers that may still be called after an ended call."""
    assert call.ended_at is not None
    free = [p for p in usable if not p.do_not_call]
    awake = [p for p in free if p.rests_until is None or p.rests_until <= call.ended_at]
    return Numbers(all(p.id != call.phone_id for p in usable), bool(usable), bool(awake))


def know_number(store: MemoryTables, transition: Transition) -> None:
    """What the end of a call says of the number that was called."""
    call = transition.call
    if call.outcome is None:
        return
    advice = lead_advice(call.outcome)
    toned = advice.refused and kills(transition.event)
    if advice.dead or toned or _refused_again(store, call.number, transition.unallocated):
        phones = store.persons[call.person_id].phones
        phones[:] = [replace(p, status="dead") if p.id == call.phone_id else p for p in phones]
    if call.outcome in number.PROOFS:
        store.unallocated.pop(call.number, None)
    if advice.silenced:
        store.do_not_call.add(call.number)
    if advice.refused and advice.delay is not None:
        _rest(store, call.number, transition.at + advice.delay)


def reopen_for_number(store: MemoryTables, person_id: int, now: datetime) -> None:
    """Who ended, or was withdrawn, for want of a number, and has one again."""
    for lead in store.leads.values():
        if (
            lead.person_id == person_id
            and not store.persons[person_id].stopped
            and _wants_number(store, lead)
        ):
            lead.status, lead.held_by, lead.next_at = "open", "", min(lead.next_at, now)


def _wants_number(store: MemoryTables, lead: MemoryLead) -> bool:
    if lead.status == "withdrawn":
        return lead.held_by in ("dead_number", "no_number")
    calls = [call for call in store.calls.values() if call.lead_id == lead.id]
    if lead.status != "done" or lead.held_by == "attempts" or not calls:
        return False
    last = max(calls, key=lambda call: (call.placed_at, call.id))
    said = (CODES[made.code].effect for made in store.dispositions if made.attempt_id == last.id)
    return last.outcome in _NUMBER_IS_OUT or "wrong_party" in said


def _refused_again(store: MemoryTables, name: str, said: Unallocated | None) -> bool:
    """Whether a believed trunk has said so on another day, too; keeps what it says."""
    if said is None:
        return False
    first = store.unallocated.get(name)
    store.unallocated[name] = number.kept(first, said)
    return number.kills(first, said)


def _rest(store: MemoryTables, number: str, until: datetime) -> None:
    """For everybody who has the number."""
    for person in store.persons.values():
        person.phones[:] = [replace(p, rests_until=until) if p.number == number else p for p in person.phones]


def failures_of(store: MemoryTables, call: Call) -> int:
    """Attempts of the lead that the network broke within a day, if this one is among them."""
    assert call.ended_at is not None
    ledger = store.persons[call.person_id].ledger
    failed = {row.attempt_id for row in ledger if row.kind == "failed"}
    since = call.ended_at - timedelta(days=1)
    mine = (store.calls[key] for key in failed if key is not None)
    return sum(c.lead_id == call.lead_id and c.placed_at > since for c in mine) if call.id in failed else 0
