"""Calls that come in, in the store in memory; inbound.py and queries.sql say the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from dialer.model.call import Call, arrive
from dialer.model.campaign import Campaign
from dialer.store.fake_rows import MemoryCallback, MemoryLead, MemoryPerson
from dialer.store.fake_tables import MemoryTables
from dialer.store.inbound import STRANGER
from portfolio.complaints.case_number import drawn
from portfolio.contact_rules import line_of

DIALS = ("open", "in_call")
"""Statuses of leads that are called."""


def recorded(
    tables: MemoryTables, call_id: UUID, caller: str, campaigns: Sequence[Campaign], now: datetime
) -> Call:
    """The attempt that stands for a call that came in."""
    person, lead = _whose(tables, caller, [one.id for one in campaigns])
    campaign = next((one for one in campaigns if lead and one.id == lead.campaign_id), campaigns[0])
    if person is None:
        numbers = [caller] if caller else []
        person = tables.add_person(STRANGER[campaign.settings.language], numbers)
    if lead is None:
        lead = tables.add_lead(campaign.id, person.id, status="done")
    phone = next((phone.id for phone in person.phones if line_of(phone.number) == line_of(caller)), None)
    limits = campaign.limits()
    tables.news_then[call_id] = person.news
    case = drawn()
    return arrive(
        Call(
            call_id, campaign.id, lead.id, person.id, phone, caller, now, limits,
            screened=False, case_number=case,
        ),
        now=now,
    )  # fmt: skip


def _whose(
    tables: MemoryTables, caller: str, campaigns: Sequence[int]
) -> tuple[MemoryPerson | None, MemoryLead | None]:
    owners = [
        person
        for person in tables.persons.values()
        if any(line_of(p.number) == line_of(caller) and p.status != "wrong_party" for p in person.phones)
    ]
    ids = {person.id for person in owners}
    leads = [one for one in tables.leads.values() if one.person_id in ids and one.campaign_id in campaigns]
    if not leads:
        return next(iter(owners), None), None
    best = max(leads, key=lambda lead: (lead.status in DIALS, _last_called(tables, lead), lead.id))
    return tables.persons[best.person_id], best


def _last_called(tables: MemoryTables, lead: MemoryLead) -> float:
    return max((c.placed_at.timestamp() for c in tables.calls.values() if c.lead_id == lead.id), default=0.0)


def keep_place(tables: MemoryTables, call: Call) -> None:
    """Who chose to be called back keeps the place in the queue."""
    lead = tables.leads[call.lead_id]
    if call.ended_at is None or lead.status not in DIALS:
        return
    tables.callbacks = [b for b in tables.callbacks if (b.lead_id, b.status) != (lead.id, "scheduled")]
    grace = timedelta(seconds=call.limits.queue)
    kept = MemoryCallback(
        lead.id, call.campaign_id, None, call.ended_at, place_since=call.placed_at, grace=grace
    )
    tables.callbacks.append(kept)
    lead.status, lead.urgent, lead.held_by = "open", True, ""
    lead.next_at = call.ended_at + grace
