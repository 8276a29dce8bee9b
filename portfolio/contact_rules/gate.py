"""The one gate every contact passes. Deny overrides, and what is not known refuses.

Asked whole for each attempt as it is reserved, under the locks of person and line, and before that when an
agent is shown whom to call. From the reservation to the hand-over what changes about the person is followed
(dialer.engine.news), and a verdict older than five seconds is not used: a clock that moves needs no other.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from portfolio.contact_rules.countries import country_of
from portfolio.contact_rules.facts import (
    AddressFacts,
    Approach,
    Channel,
    EntryKind,
    LedgerEntry,
    PersonFacts,
    PhoneStatus,
)
from portfolio.contact_rules.history import History, spoken_rules
from portfolio.contact_rules.opening import opening_of
from portfolio.contact_rules.pack import RulePack
from portfolio.contact_rules.verdicts import Permitted, Refused, RuleRefusal

BLOCKING_FLAGS = frozenset({"deceased", "lawyer", "minor", "paid"})
"""Nobody with one of these is called, by anybody."""
CARE_FLAGS = frozenset({"vulnerable", "dispute"})
"""Only a trained agent who waits for the call, where the pack allows it."""
BUSY_LOOK = timedelta(seconds=10)
"""After which a line that is busy is looked at again: nobody knows when a call ends."""
COLD = Approach()
"""A call of the dialer, for which no agent waits yet."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_CALLABLE = frozenset({PhoneStatus.UNKNOWN, PhoneStatus.RIGHT_PARTY})
_ALWAYS = (
    "pack", "stop", "do_not_call", "flags", "consent", "phone_status", "number_rests", "special_number",
    "country", "caller_id", "line_busy", "calling_hours",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Question:
    """The arguments of may_contact, now in UTC."""

    person: PersonFacts
    channel: Channel
    address: AddressFacts
    rules: RulePack
    ledger: Sequence[LedgerEntry]
    now: datetime
    approach: Approach


def may_contact(
    person: PersonFacts,
    channel: Channel,
    address: AddressFacts,
    rules: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    approach: Approach = COLD,
) -> Permitted | Refused:
    """Whether this person may be contacted at this address now, by these rules, with this history.

    `ledger`: the person's contacts on any number, and those of others on this line (same_person=False).
    """
    zones = zones_in_doubt(person, address)
    now = _utc(now)
    rules = rules.at(now)
    asked = _Question(person, channel, address, rules, ledger, now, approach)
    refusals = [refusal for check in _CHECKS for refusal in check(asked)]
    opening = opening_of(asked.now, zones, person, rules)
    if opening.refusal is not None:
        refusals.append(opening.refusal)
    if ledger or rules.allows_none:
        refusals.extend(
            History(ledger, address.number, channel, approach, asked.now, opening).refusals(rules)
        )
    if refusals:
        refusals.sort(key=_longest_first)
        worst = refusals[0]
        return Refused(worst.rule, worst.until, tuple(refusals), rules.name, rules.version, asked.now)
    return Permitted(rules.name, rules.version, asked.now, zones, spoken_rules(_ALWAYS, rules))


def zones_in_doubt(person: PersonFacts, address: AddressFacts) -> tuple[str, ...]:
    """Every zone in which a contact must be permitted.

    What we were told of the person holds alone. Else the number and the region narrow each other; where they
    contradict each other, either may be true.
    """
    if person.zone is not None:
        return (person.zone,)
    if not person.zones or not address.zones:
        return person.zones or address.zones
    both = tuple(zone for zone in address.zones if zone in person.zones)
    return both or (*person.zones, *address.zones)


def next_permitted(
    person: PersonFacts,
    channel: Channel,
    address: AddressFacts,
    rules: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    approach: Approach = COLD,
    *,
    asks: int = 50,
) -> datetime | None:
    """First instant from now at which every rule agrees, with the ledger as it is; None = none in sight."""
    for _ in range(asks):
        verdict = may_contact(person, channel, address, rules, ledger, now, approach)
        if isinstance(verdict, Permitted):
            return verdict.at
        if verdict.until is None:
            return None
        # The call that is open now ends at some time; it is the one thing here that does by itself.
        address, now = replace(address, busy=False), verdict.until
    return None


def _pack(asked: _Question) -> Iterator[RuleRefusal]:
    if asked.channel not in asked.rules.channels:
        yield RuleRefusal("channel", None, f"{asked.channel} is not in the pack")
    if asked.now < asked.rules.start:
        yield RuleRefusal("not_in_force", asked.rules.start, "the pack does not hold yet")


def _stop(asked: _Question) -> Iterator[RuleRefusal]:
    if asked.person.stopped or any(e.kind == EntryKind.STOP and e.same_person for e in asked.ledger):
        yield RuleRefusal("stop", None)


def _do_not_call(asked: _Question) -> Iterator[RuleRefusal]:
    until = asked.address.do_not_call_until
    if asked.address.do_not_call and (until is None or asked.now < until):
        yield RuleRefusal("do_not_call", until)


def _flags(asked: _Question) -> Iterator[RuleRefusal]:
    for flag in sorted(asked.person.flags):
        if flag in BLOCKING_FLAGS or (flag in CARE_FLAGS and flag not in asked.rules.care_flags):
            yield RuleRefusal(flag, None)
        elif flag not in CARE_FLAGS:
            yield RuleRefusal("unknown_flag", None, flag)
        elif not (asked.approach.agent_reserved and asked.approach.trained):
            yield RuleRefusal(flag, None, "only with a trained agent who waits for the call")


def _consent(asked: _Question) -> Iterator[RuleRefusal]:
    if asked.channel in asked.person.refused:
        yield RuleRefusal("channel_refused", None, asked.channel.value)
    elif asked.channel in asked.rules.consent_required and asked.channel not in asked.person.granted:
        yield RuleRefusal("no_consent", None, asked.channel.value)


def _status(asked: _Question) -> Iterator[RuleRefusal]:
    status = asked.address.status
    if status in _CALLABLE:
        return
    known = {PhoneStatus.WRONG_PARTY: "wrong_party", PhoneStatus.DEAD: "dead_number"}
    rule = known.get(PhoneStatus(status)) if status in known else None
    yield RuleRefusal(rule, None) if rule else RuleRefusal("unknown_status", None, status)


def _rest(asked: _Question) -> Iterator[RuleRefusal]:
    """The network refused it once: a broken trunk does that to good numbers, so it is asked another day."""
    until = asked.address.rests_until
    if until is not None and asked.now < until:
        yield RuleRefusal("number_rests", until)


def _number(asked: _Question) -> Iterator[RuleRefusal]:
    """Emergency and short numbers have no E.164 form; premium ranges are listed by the pack."""
    number = asked.address.number
    if not _E164(number) or number.startswith(asked.rules.forbidden_prefixes):
        yield RuleRefusal("special_number", None)


def _busy(asked: _Question) -> Iterator[RuleRefusal]:
    """One line, one call."""
    if asked.address.busy:
        yield RuleRefusal("line_busy", asked.now + BUSY_LOOK)


def _country(asked: _Question) -> Iterator[RuleRefusal]:
    """What has no E.164 form is refused already."""
    listed = asked.rules.countries
    if listed is None or not _E164(asked.address.number):
        return
    country = country_of(asked.address.number)
    if country not in listed.codes:
        yield RuleRefusal("country_not_listed", None, country or "?")


def _caller_id(asked: _Question) -> Iterator[RuleRefusal]:
    approach = asked.approach
    yield from caller_id_refused(asked.rules, approach.caller_id, approach.registered, asked.now)


def caller_id_refused(rules: RulePack, shown: str, registered: bool, now: datetime) -> Iterator[RuleRefusal]:
    """Why a number may not be shown at an instant: of a whole campaign, whoever it would call."""
    rule = rules.at(now).caller_id
    if rule is None:
        return
    if not shown:
        yield RuleRefusal("caller_id_hidden", None)
    elif rule.must_be == "registered" and not registered:
        yield RuleRefusal("caller_id_unregistered", None)
    elif rule.prefixes and not shown.startswith(rule.prefixes):
        yield RuleRefusal("caller_id_prefix", None, ", ".join(rule.prefixes))
    elif shown.startswith(rule.not_prefixes):
        yield RuleRefusal("caller_id_prefix", None, f"not {', '.join(rule.not_prefixes)}")


_CHECKS: tuple[Callable[[_Question], Iterator[RuleRefusal]], ...] = (
    _pack, _stop, _do_not_call, _flags, _consent, _status, _rest, _number, _country, _caller_id, _busy,
)  # fmt: skip


def _longest_first(refusal: RuleRefusal) -> tuple[bool, float, bool]:
    return refusal.until is not None, -refusal.until.timestamp() if refusal.until else 0.0, refusal.shared


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no place in the contact rules")
    return at.astimezone(UTC)
