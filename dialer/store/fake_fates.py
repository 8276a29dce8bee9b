"""When a lead of the store in memory is due again; the SQL of settle_leads says the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dialer.model.call import Call
from dialer.model.campaign import CampaignSettings, RetryRule
from dialer.model.outcomes import Retry
from dialer.ports import DispositionMade
from dialer.store.fake_numbers import Numbers
from dialer.store.fake_rows import CODES, Code, MemoryCallback, MemoryLead, MemoryPerson
from dialer.store.lead_advice import DELAYS, lead_advice, rest_after_failure
from portfolio.contact_rules import CARE_FLAGS

_NO_LIMIT = 10**6


def withdrawn_by(person: MemoryPerson, settings: CampaignSettings) -> str:
    """Why nobody of this campaign calls the person any more; empty = somebody may."""
    if person.stopped:
        return "stop"
    if "paid" in person.flags:
        return "paid"
    return "care" if CARE_FLAGS & set(person.flags) and not settings.care else ""


def owed_by(callbacks: Sequence[MemoryCallback], call: Call) -> MemoryCallback | None:
    """The callback that this call, which was none, has not kept."""
    ours = [b for b in callbacks if b.lead_id == call.lead_id]
    if any(b.status == "scheduled" for b in ours):
        return None
    return next((b for b in ours if b.status == "called" and b.done_at == call.placed_at), None)


def owe(lead: MemoryLead, agreed: MemoryCallback, again: datetime) -> None:
    """It is due again when the lead is; whose it was has it first."""
    agreed.status, agreed.done_at, agreed.at = "scheduled", None, again
    lead.urgent, lead.next_at = True, again + agreed.grace


def due_again(
    lead: MemoryLead,
    call: Call,
    made: DispositionMade | None,
    settings: CampaignSettings,
    *,
    same_outcome: int,
    numbers: Numbers,
    failures: int = 0,
    owed: MemoryCallback | None = None,
) -> datetime | None:
    """The instant after an ended call; None = done."""
    assert call.outcome is not None
    assert call.ended_at is not None
    code = CODES[made.code] if made else Code(kind="system")
    rule = settings.retry.get(call.outcome, RetryRule())
    enough = lead.attempts >= (settings.max_attempts or _NO_LIMIT) or same_outcome >= (rule.most or _NO_LIMIT)
    if enough and not owed:
        lead.held_by = "attempts"
        return None
    advice = lead_advice(call.outcome)
    killed = advice.refused and numbers.dead
    if advice.dead or advice.silenced or killed or code.effect == "wrong_party":
        return call.ended_at if numbers.other else None
    if advice.refused and numbers.awake:
        return call.ended_at
    if code.kind in ("no_contact", "third_party"):
        return call.ended_at + DELAYS[Retry.LATER]
    delay = advice.delay
    if failures > 0:
        delay = rest_after_failure(DELAYS[Retry.SOON], failures)
    if rule.minutes is not None:
        delay = timedelta(minutes=rule.minutes)
    return None if delay is None else call.ended_at + delay
