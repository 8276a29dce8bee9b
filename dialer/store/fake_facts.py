"""What the store in memory knows of a call to a lead; candidate_history says the same."""

from datetime import datetime

from dialer.model.call import DOUBTED
from dialer.model.campaign import Campaign
from dialer.store.fake_rows import MemoryLead
from dialer.store.fake_tables import MemoryTables
from dialer.store.gate import Candidate, first_usable
from dialer.store.lead_facts import HISTORY, LeadFact


def fact_of(
    tables: MemoryTables, lead: MemoryLead, candidate: Candidate, campaign: Campaign, now: datetime
) -> LeadFact:
    """The features of a call on the number that is tried first."""
    phone = first_usable(candidate, campaign.settings.rotate_numbers)
    past = [c for c in tables.calls.values() if c.placed_at >= now - HISTORY]
    mine = [c for c in past if phone is not None and c.phone_id == phone.id]
    mine.sort(key=lambda call: call.placed_at)
    return LeadFact(
        campaign_id=campaign.id,
        list_id=lead.list_id,
        at=now,
        zone=candidate.zone or next(iter(phone.zones if phone else ()), None),
        kind=phone.kind if phone else "",
        phone_attempts=len(mine),
        lead_attempts=sum(c.lead_id == lead.id for c in past),
        last_outcome=(mine[-1].outcome or "") if mine else "",
        answered_at=max(
            (c.placed_at for c in mine if c.waiting_at is not None and c.verdict not in ("audit", DOUBTED)),
            default=None,
        ),
    )
