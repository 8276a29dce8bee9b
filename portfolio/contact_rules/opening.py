"""Whether a minute is open for a person, remembered: hours are asked for far more often than they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portfolio.contact_rules.facts import PersonFacts
from portfolio.contact_rules.hours import CalendarUnknown, closed_by, is_open, next_opening, zone_of
from portfolio.contact_rules.pack import RulePack
from portfolio.contact_rules.verdicts import RuleRefusal

_REMEMBERED = 50_000
_EPOCH_ORDINAL = 719_163


@dataclass(frozen=True, slots=True)
class Opening:
    """What the clock says of one minute."""

    refusal: RuleRefusal | None
    zones: tuple[ZoneInfo, ...]
    """Of the called party; empty when one of them is not known."""


def opening_of(now: datetime, names: tuple[str, ...], person: PersonFacts, rules: RulePack) -> Opening:
    """What the pack's hours say of an instant in UTC. Windows and clock changes fall on whole minutes."""
    day = now.toordinal() - _EPOCH_ORDINAL
    minute = (day * 24 + now.hour) * 60 + now.minute
    key = (minute, names, person.country, person.region, person.preferred)
    known = rules.openings.get(key)
    if known is None:
        if len(rules.openings) >= _REMEMBERED:
            rules.openings.clear()
        known = rules.openings[key] = _looked_up(now, names, person, rules)
    return known


def _looked_up(now: datetime, names: tuple[str, ...], person: PersonFacts, rules: RulePack) -> Opening:
    zones = tuple(zone for zone in map(zone_of, names) if zone is not None)
    if not zones or len(zones) < len(names):
        return Opening(RuleRefusal("zone_unknown", None, ", ".join(names)), ())
    minute = now.replace(second=0, microsecond=0)
    try:
        if all(is_open(minute, zone, person, rules) for zone in zones):
            return Opening(None, zones)
        # From the end of this minute: nothing opens within one.
        opening = next_opening(minute + timedelta(seconds=59), zones, person, rules)
        rule = closed_by(minute, zones, person, rules)
        return Opening(RuleRefusal(rule, opening, _clocks(minute, names, zones)), zones)
    except CalendarUnknown:
        return Opening(RuleRefusal("holidays_unknown", None, person.country or ""), zones)


def _clocks(minute: datetime, names: Sequence[str], zones: Sequence[ZoneInfo]) -> str:
    told = zip(names, zones, strict=True)
    return ", ".join(f"{name} {minute.astimezone(zone).isoformat()[:16]}" for name, zone in told)
