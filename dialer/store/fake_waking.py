"""Leads that rules have put to rest, in the store in memory; wake_held and its triggers say the same."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from dialer.model.campaign import Campaign
from dialer.ports import WAKES, LeadsLeft, Waiting, waiting_of
from dialer.store.fake_lines import phones_now
from dialer.store.fake_rows import BY_THE_PERSON, MemoryLead
from dialer.store.fake_tables import MemoryTables
from dialer.store.rules_digest import rules_digest
from portfolio.contact_rules import BLOCKING_FLAGS, CARE_FLAGS


def counted(tables: MemoryTables, campaign: Campaign, now: datetime) -> Campaign:
    """The campaign with how often its rules have changed; the packs here never do."""
    digest = rules_digest(campaign, None, now)
    if tables.digests.get(campaign.id) != digest:
        tables.digests[campaign.id] = digest
        tables.rule_changes[campaign.id] = tables.rule_changes.get(campaign.id, 0) + 1
    rules = tables.rule_changes[campaign.id] + tables.freed
    return campaign.model_copy(update={"rules": rules})


def wake_held(tables: MemoryTables, campaign: Campaign, now: datetime) -> None:
    """Whom rules refused that have changed since: into the hands of the next claim."""
    for lead in tables.leads.values():
        if lead.campaign_id != campaign.id or lead.held_rules is None or lead.held_rules >= campaign.rules:
            continue
        by_the_person = lead.held_by in BY_THE_PERSON
        if lead.status == "withdrawn" and not _may_come_back(tables, lead, campaign, now):
            lead.verdict = None
            if not by_the_person:
                lead.hold(max(campaign.rules, 0))
            continue
        at = max([now, *_agreed(tables, lead)])
        lead.next_at = lead.next_at if by_the_person else min(lead.next_at, at)
        lead.status, lead.held_by, lead.verdict = "open", "", None


def _agreed(tables: MemoryTables, lead: MemoryLead) -> list[datetime]:
    mine = [b for b in tables.callbacks if (b.lead_id, b.status) == (lead.id, "scheduled")]
    return [b.at if b.agent_id is None and b.place_since is None else b.at + b.grace for b in mine]


def _may_come_back(tables: MemoryTables, lead: MemoryLead, campaign: Campaign, now: datetime) -> bool:
    person = tables.persons[lead.person_id]
    flags = BLOCKING_FLAGS if campaign.settings.care else BLOCKING_FLAGS | CARE_FLAGS
    barred = person.stopped or flags & set(person.flags)
    return not barred and any(phone.usable for phone in phones_now(tables, person, now))


def waiting_now(tables: MemoryTables, campaign: Campaign, now: datetime) -> Waiting | None:
    """What holds the leads that rest."""
    rests: dict[str, list[datetime]] = defaultdict(list)
    for lead in tables.leads.values():
        if lead.campaign_id == campaign.id and lead.status == "open" and lead.next_at > now:
            rests[lead.held_by].append(lead.next_at)
    return waiting_of((rule, len(ends), min(ends)) for rule, ends in rests.items())


def left_of(leads: Iterable[MemoryLead], campaign_id: int, now: datetime) -> LeadsLeft:
    """Open leads of a campaign, and how many of them rest."""
    mine = [lead for lead in leads if lead.campaign_id == campaign_id and lead.status == "open"]
    times = sorted(lead.next_at for lead in mine if lead.next_at > now)
    seconds = [list(same) for _, same in groupby(times, lambda at: at.replace(microsecond=0))]
    return LeadsLeft(len(mine), len(times), tuple((same[-1], len(same)) for same in seconds[:WAKES]))
