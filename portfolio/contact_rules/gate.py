"""The one gate every contact passes. Deny overrides, and what is not known refuses.

Asked three times for one attempt: when planning, when reserving, and just before the hand-over to the
telephone network.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from portfolio.contact_rules.facts import (
    AddressFacts,
    Channel,
    EntryKind,
    LedgerEntry,
    PersonFacts,
    PhoneStatus,
)
from portfolio.contact_rules.hours import CalendarUnknown, excluded, is_open, next_opening, zone_of
from portfolio.contact_rules.pack import Cap, RulePack, Silence
from portfolio.contact_rules.verdicts import Permitted, Refused, RuleRefusal

BLOCKING_FLAGS = frozenset({"deceased", "lawyer", "minor", "dispute", "paid"})
"""Nobody with one of these is called, by anybody."""
VULNERABLE = "vulnerable"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class _Question:
    """The arguments of may_contact, with all instants in UTC."""

    person: PersonFacts
    channel: Channel
    address: AddressFacts
    rules: RulePack
    ledger: tuple[LedgerEntry, ...]
    now: datetime
    agent_reserved: bool

    def entries(self, unit: Literal["person", "number"]) -> Iterator[LedgerEntry]:
        """Ledger lines that a rule of this unit looks at; a contact on no named number counts for each."""
        for entry in self.ledger:
            if unit == "person" or entry.number is None:
                fits = entry.same_person
            else:
                fits = entry.number == self.address.number
            if fits:
                yield entry

    def zone_names(self) -> tuple[str, ...]:
        """The address's zone, else every zone of the number."""
        return (self.person.zone,) if self.person.zone is not None else self.address.zones


def may_contact(
    person: PersonFacts,
    channel: Channel,
    address: AddressFacts,
    rules: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    *,
    agent_reserved: bool = False,
) -> Permitted | Refused:
    """Whether this person may be contacted at this address now, by these rules, with this history.

    `ledger`: the person's contacts on any number, and those of others on this number (same_person=False).
    `agent_reserved`: an agent already waits for this very call (manual, preview); predictive calls say False.
    """
    history = tuple(LedgerEntry(e.kind, _utc(e.at), e.channel, e.number, e.same_person) for e in ledger)
    asked = _Question(person, channel, address, rules, history, _utc(now), agent_reserved)
    answers = tuple((rule, tuple(check(asked))) for rule, check in _checks(rules))
    refusals = sorted((r for _, found in answers for r in found), key=_longest_first)
    if refusals:
        worst = refusals[0]
        return Refused(worst.rule, worst.until, tuple(refusals), rules.name, rules.version, asked.now)
    passed = tuple(rule for rule, _ in answers)
    return Permitted(rules.name, rules.version, asked.now, _local_times(asked), passed)


def next_permitted(
    person: PersonFacts,
    channel: Channel,
    address: AddressFacts,
    rules: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    *,
    agent_reserved: bool = False,
    asks: int = 50,
) -> datetime | None:
    """First instant from now at which every rule agrees, with the ledger as it is; None = none in sight."""
    for _ in range(asks):
        verdict = may_contact(person, channel, address, rules, ledger, now, agent_reserved=agent_reserved)
        if isinstance(verdict, Permitted):
            return verdict.at
        if verdict.until is None:
            return None
        now = verdict.until
    return None


_Check = Callable[[_Question], Iterator[RuleRefusal]]


def _checks(rules: RulePack) -> Iterator[tuple[str, _Check]]:
    yield from _ALWAYS
    for cap in rules.caps:
        yield cap.name, partial(_cap, cap=cap)
    for silence in rules.silences:
        yield silence.name, partial(_silence, silence=silence)


def _pack(asked: _Question) -> Iterator[RuleRefusal]:
    if asked.channel not in asked.rules.channels:
        yield RuleRefusal("channel", None, f"{asked.channel} is not in the pack")
    if not asked.rules.in_force(asked.now):
        start = datetime.combine(asked.rules.effective_from, datetime.min.time(), tzinfo=UTC)
        yield RuleRefusal("not_in_force", start, "the pack does not hold yet")


def _stop(asked: _Question) -> Iterator[RuleRefusal]:
    said = any(entry.kind == EntryKind.STOP for entry in asked.entries("person"))
    if asked.person.stopped or said:
        yield RuleRefusal("stop", None)


def _do_not_call(asked: _Question) -> Iterator[RuleRefusal]:
    if asked.address.do_not_call:
        yield RuleRefusal("do_not_call", None)


def _flags(asked: _Question) -> Iterator[RuleRefusal]:
    for flag in sorted(asked.person.flags):
        if flag in BLOCKING_FLAGS:
            yield RuleRefusal(flag, None)
        elif flag != VULNERABLE:
            yield RuleRefusal("unknown_flag", None, flag)
        elif not asked.agent_reserved:
            yield RuleRefusal(VULNERABLE, None, "only with an agent who waits for the call")


def _status(asked: _Question) -> Iterator[RuleRefusal]:
    match asked.address.status:
        case PhoneStatus.WRONG_PARTY:
            yield RuleRefusal("wrong_party", None)
        case PhoneStatus.DEAD:
            yield RuleRefusal("dead_number", None)
        case PhoneStatus.UNKNOWN | PhoneStatus.RIGHT_PARTY:
            return
        case _:
            yield RuleRefusal("unknown_status", None, asked.address.status)


def _number(asked: _Question) -> Iterator[RuleRefusal]:
    """Emergency and short numbers have no E.164 form; premium ranges are listed by the pack."""
    number = asked.address.number
    if not _E164.fullmatch(number) or number.startswith(asked.rules.forbidden_prefixes):
        yield RuleRefusal("special_number", None)


def _hours(asked: _Question) -> Iterator[RuleRefusal]:
    names = asked.zone_names()
    zones = [zone for zone in map(zone_of, names) if zone is not None]
    if not zones or len(zones) < len(names):
        yield RuleRefusal("zone_unknown", None, ", ".join(names))
        return
    try:
        if all(is_open(asked.now, zone, asked.person, asked.rules) for zone in zones):
            return
        opening = next_opening(asked.now, zones, asked.person, asked.rules)
        yield RuleRefusal(_closed_by(asked, zones), opening, _clock_detail(asked))
    except CalendarUnknown:
        yield RuleRefusal("holidays_unknown", None, asked.person.country or "")


def _closed_by(asked: _Question, zones: Sequence[ZoneInfo]) -> str:
    days = {asked.now.astimezone(zone).date() for zone in zones}
    closed = any(excluded(day, asked.person, asked.rules) for day in days)
    return "excluded_day" if closed else "calling_hours"


def _cap(asked: _Question, cap: Cap) -> Iterator[RuleRefusal]:
    """Counts from now − window (not included); the call that is asked for would be one more."""
    if asked.channel not in cap.channels:
        return
    made = sorted(
        entry.at
        for entry in asked.entries(cap.unit)
        if entry.kind in cap.counts and entry.channel in cap.channels and entry.at > asked.now - cap.window
    )
    if len(made) >= cap.most:
        until = made[-cap.most] + cap.window if cap.most else None
        yield RuleRefusal(cap.name, until, f"{len(made)} of {cap.most}")


def _silence(asked: _Question, silence: Silence) -> Iterator[RuleRefusal]:
    if silence.unless_agent_reserved and asked.agent_reserved:
        return
    last = max((e.at for e in asked.entries(silence.unit) if e.kind == silence.after), default=None)
    if last is not None and asked.now < last + silence.window:
        yield RuleRefusal(silence.name, last + silence.window, f"since {last.isoformat()}")


_ALWAYS: tuple[tuple[str, _Check], ...] = (
    ("pack", _pack),
    ("stop", _stop),
    ("do_not_call", _do_not_call),
    ("flags", _flags),
    ("phone_status", _status),
    ("special_number", _number),
    ("calling_hours", _hours),
)


def _local_times(asked: _Question) -> tuple[tuple[str, str], ...]:
    zones = ((name, zone_of(name)) for name in asked.zone_names())
    return tuple((name, asked.now.astimezone(zone).isoformat()) for name, zone in zones if zone is not None)


def _clock_detail(asked: _Question) -> str:
    return ", ".join(f"{name} {local[:16]}" for name, local in _local_times(asked))


def _longest_first(refusal: RuleRefusal) -> tuple[bool, float]:
    return refusal.until is not None, -refusal.until.timestamp() if refusal.until else 0.0


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no place in the contact rules")
    return at.astimezone(UTC)
