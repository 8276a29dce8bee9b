"""The contact gate of portfolio, asked for a reservation."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from dialer.exceptions import StoreUnavailable
from dialer.model.call import ClockStart
from dialer.model.campaign import Campaign
from dialer.model.needs import required_skills
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict
from dialer.time_limit import time_limit
from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    LedgerEntry,
    PersonFacts,
    Refused,
    caller_id_refused,
    may_contact,
    taken_back,
)
from portfolio.rule_packs import RulePack
from portfolio.rule_packs.shelf import SHELF
from portfolio.zones import zones_of_number, zones_of_region

log = structlog.get_logger(__name__)

FINAL_RULES = frozenset(
    {
        "stop",
        "do_not_call",
        "deceased",
        "minor",
        "lawyer",
        "paid",
        "wrong_party",
        "dead_number",
        "special_number",
    }
)
"""Refusals that no waiting lifts: the lead is withdrawn. Others without an end wait for a correction."""

PATIENCE = 10.0
"""Seconds for the first look at a rule pack, which takes most of one."""
_reading: dict[str, asyncio.Future[RulePack | None]] = {}
_PACK_BACK_OFF = timedelta(minutes=10)


def contact_gate(
    candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime
) -> GateVerdict:
    """Whether the campaign's rule pack permits this call now; without its pack nobody is called."""
    pack = usable_pack(campaign.settings.rule_pack)
    if pack is None:
        return GateVerdict(rule=_unusable(campaign.settings.rule_pack), until=now + _PACK_BACK_OFF)
    needs = required_skills({}, campaign.settings, candidate.language, candidate.creditors)
    if not campaign.staffed.issuperset(needs):
        # An answer that no agent may take would be an abandoned call.
        return GateVerdict(rule="nobody_qualified", until=now + _PACK_BACK_OFF)
    return _asked(candidate, phone, pack, now, _approach(candidate, campaign))


def usable_pack(name: str) -> RulePack | None:
    """The pack of that name; None when there is none or it is broken.

    The first look takes most of a second (holidays of the world): `read_pack` takes it in a thread.
    """
    try:
        return SHELF.get(name)
    except (LookupError, ValueError) as error:
        log.error("rule_pack.unusable", pack=name, error=str(error))
        return None


def _unusable(name: str) -> str:
    """The rule by which nobody is called under that pack."""
    try:
        return "rule_pack_lab_only" if SHELF.look(name).lab_only else "rule_pack_unusable"
    except (LookupError, ValueError):
        return "rule_pack_unusable"


async def read_pack(
    name: str,
    *,
    read: Callable[[str], RulePack | None] = usable_pack,
    patience: float = PATIENCE,
) -> RulePack | None:
    """The first look at a pack, in a thread; raises StoreUnavailable when a disk hangs.

    Its thread is then kept, and whoever asks meanwhile waits for the same one: a pack costs one thread.
    """
    loop = asyncio.get_running_loop()
    asked = _reading.get(name)
    if asked is None or asked.done() or asked.get_loop() is not loop:
        asked = _reading[name] = loop.run_in_executor(None, read, name)
    try:
        async with time_limit(patience):
            return await asyncio.shield(asked)
    except TimeoutError:
        raise StoreUnavailable(f"rule pack {name} could not be read in {patience:g} s") from None


def held_to_pack(campaign: Campaign, now: datetime) -> Campaign:
    """The campaign with the stricter of its own settings and its rule pack's conduct, as of now."""
    pack = usable_pack(campaign.settings.rule_pack)
    if pack is None:
        return campaign
    today = pack.at(now)
    own, law, inbound = campaign.settings, today.conduct, today.inbound
    # ANSWERED is the stricter clock: it starts first.
    clocks = (own.clock_start, ClockStart(law.clock_start))
    stricter = {
        "ring_limit": max(own.ring_limit, law.minimum_ring_seconds),
        "connect_limit": min(own.connect_limit, law.connect_limit_seconds),
        "max_abandonment": min(own.max_abandonment, law.max_abandonment),
        "clock_start": ClockStart.ANSWERED if ClockStart.ANSWERED in clocks else ClockStart.GREETING_END,
    }
    held = own.model_copy(update=stricter)
    return campaign.model_copy(
        update={
            "settings": held,
            "windows": law.abandonment_windows,
            "minimum_ring": law.minimum_ring_seconds,
            "unserved_after": law.unserved_after_seconds,
            "unserved_by_law": law.unserved_counts,
            "case_number_by_law": inbound is not None and inbound.case_number_told,
            "caller_id_refused": _caller_id_refused(campaign, pack, now),
        }
    )


def _caller_id_refused(campaign: Campaign, pack: RulePack, now: datetime) -> str:
    refused = caller_id_refused(pack, campaign.caller_id, campaign.caller_registered, now)
    return next((refusal.rule for refusal in refused), "")


def _approach(candidate: Candidate, campaign: Campaign) -> Approach:
    return Approach(
        agent_reserved=candidate.agent_reserved,
        trained=campaign.settings.care,
        invited=candidate.invited,
        debts=candidate.debts,
        caller_id=campaign.caller_id,
        registered=campaign.caller_registered,
    )


def _asked(
    candidate: Candidate, phone: CandidatePhone, pack: RulePack, now: datetime, approach: Approach
) -> GateVerdict:
    person, ledger = _person(candidate), _ledger(candidate)
    answer = may_contact(person, Channel.VOICE, _address(phone), pack, ledger, now, approach)
    if isinstance(answer, Refused):
        final = answer.until is None and answer.rule in FINAL_RULES
        return GateVerdict(answer.rule, answer.until, final, answer.as_record())
    return GateVerdict(detail=answer.as_record())


def _person(candidate: Candidate) -> PersonFacts:
    return PersonFacts(
        person_id=candidate.person_id,
        zone=candidate.zone,
        country=candidate.country,
        region=candidate.region,
        flags=frozenset(candidate.flags),
        stopped=candidate.stopped,
        granted=candidate.granted,
        refused=candidate.refused,
        preferred=candidate.preferred,
        zones=zones_of_region(candidate.country, candidate.region),
    )


def _address(phone: CandidatePhone) -> AddressFacts:
    zones = zones_of_number(phone.number, phone.zones)
    return AddressFacts(
        phone.number,
        phone.status,
        zones,
        phone.do_not_call,
        phone.do_not_call_until,
        phone.kind,
        phone.rests_until,
        phone.busy,
    )


def _ledger(candidate: Candidate) -> list[LedgerEntry]:
    """What still counts: no talk that proved to be none, and no attempt that the network broke."""
    none = taken_back((row.kind, row.attempt_id) for row in candidate.ledger)
    return [
        LedgerEntry(row.kind, row.at, row.channel, row.number, row.same_person, row.debts)
        for row in candidate.ledger
        if (row.kind, row.attempt_id) not in none
    ]
