"""The contact gate once more: slow, obvious, and written apart from the real one.

Time is walked in steps of five minutes; caps and silences are tried at every instant at which they could end.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portfolio.contact_rules import AddressFacts, LedgerEntry, PersonFacts, RulePack

STEP = timedelta(minutes=5)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FOREVER = datetime.max.replace(tzinfo=UTC)


def refusals(
    person: PersonFacts,
    address: AddressFacts,
    pack: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    agent_reserved: bool,
) -> dict[str, datetime]:
    """Every rule that refuses → the instant it ends, FOREVER for never."""
    found: dict[str, datetime] = {}
    if person.stopped or "stop" in [e.kind for e in ledger if e.same_person]:
        found["stop"] = FOREVER
    if address.do_not_call:
        found["do_not_call"] = FOREVER
    found |= {flag: FOREVER for flag in person.flags if not (flag == "vulnerable" and agent_reserved)}
    never = {"wrong_party": "wrong_party", "dead": "dead_number"}
    found |= {rule: FOREVER for status, rule in never.items() if address.status == status}
    found |= _time(person, address, pack, now)
    for cap in pack.caps:
        mine = [e for e in ledger if _concerns(e, cap.unit, address) and e.kind in cap.counts]
        found |= _first_free(cap.name, now, [e.at + cap.window for e in mine], cap.most)
    for rest in pack.silences:
        if agent_reserved and rest.unless_agent_reserved:
            continue
        mine = [e for e in ledger if _concerns(e, rest.unit, address) and e.kind == rest.after]
        found |= _first_free(rest.name, now, [e.at + rest.window for e in mine], 1)
    return found


def _concerns(entry: LedgerEntry, unit: str, address: AddressFacts) -> bool:
    if unit == "person":
        return entry.same_person
    return entry.number == address.number or (entry.number is None and entry.same_person)


def _first_free(name: str, now: datetime, ends: list[datetime], most: int) -> dict[str, datetime]:
    """Of all instants at which something ends, the first at which fewer than `most` are still running."""

    def running(at: datetime) -> int:
        return len([end for end in ends if end > at])

    if running(now) < most:
        return {}
    free = [end for end in sorted(ends) if end > now and running(end) < most]
    return {name: free[0] if free else FOREVER}


def _time(person: PersonFacts, address: AddressFacts, pack: RulePack, now: datetime) -> dict[str, datetime]:
    zones = [person.zone] if person.zone else list(address.zones)
    if not zones:
        return {"zone_unknown": FOREVER}
    if _all_open(now, zones, person, pack):
        return {}
    excluded = any(_excluded(_local(now, zone).date(), person, pack) for zone in zones)
    name = "excluded_day" if excluded else "calling_hours"
    end = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=35)
    at = datetime(now.year, now.month, now.day, now.hour, tzinfo=UTC)
    while at < end:
        if at > now and _all_open(at, zones, person, pack):
            return {name: at}
        at += STEP
    return {name: FOREVER}


def _all_open(at: datetime, zones: list[str], person: PersonFacts, pack: RulePack) -> bool:
    return all(_open(_local(at, zone), person, pack) for zone in zones)


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def _open(wall: datetime, person: PersonFacts, pack: RulePack) -> bool:
    """What a clock on the wall and a calendar beside it would tell."""
    if _excluded(wall.date(), person, pack):
        return False
    for day in (wall.date() - timedelta(days=1), wall.date()):
        if _excluded(day, person, pack):
            continue
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time on purpose
        for window in pack.hours.windows.get(DAYS[day.weekday()], ()):  # type: ignore[call-overload]
            length = (
                window.end - window.start if window.end > window.start else window.end - window.start + 1440
            )
            start = midnight + timedelta(minutes=window.start)
            if start <= wall < start + timedelta(minutes=length):
                return True
    return False


def _excluded(day: date, person: PersonFacts, pack: RulePack) -> bool:
    if day in pack.excluded_days.also:
        return True
    if not pack.excluded_days.public_holidays:
        return False
    days = pack.calendar(person.country or "", person.region, day.year)
    return days is not None and day in days
