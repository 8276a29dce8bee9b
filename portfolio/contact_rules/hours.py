"""Calling hours in local time, exact across changes of the clock.

Whether an instant is open is asked in every candidate zone; the next opening is the first of all instants at
which a zone can open (window starts, clock changes) where every zone says open.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portfolio.contact_rules.facts import PersonFacts
from portfolio.contact_rules.pack import RulePack

HORIZON_DAYS = 35
"""How far ahead an opening is sought; beyond, the answer is 'never by itself'."""

_NOT_A_PLACE = frozenset({"Etc/Unknown", "Factory", "localtime", "posixrules"})
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class CalendarUnknown(LookupError):
    """The pack excludes public holidays and those of this person's country are not known."""


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that name, None when there is no such place."""
    if name in _NOT_A_PLACE:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def excluded(day: date, person: PersonFacts, pack: RulePack) -> bool:
    """Whether nobody may be contacted on that local day; raises CalendarUnknown rather than guess."""
    rule = pack.excluded_days
    if day in rule.also:
        return True
    if day in rule.open_anyway:
        return False
    if not rule.public_holidays:
        return False
    if person.country is None:
        raise CalendarUnknown
    region = person.region or ("" if rule.unknown_region == "national" else None)
    days = pack.calendar(person.country, region, day.year)
    if days is None:
        raise CalendarUnknown
    return day in days


def is_open(now: datetime, zone: ZoneInfo, person: PersonFacts, pack: RulePack) -> bool:
    """Whether a contact may start at an instant, in one zone. A window belongs to the day it starts on."""
    local = now.astimezone(zone)
    today = local.date()
    minute = local.hour * 60 + local.minute
    if excluded(today, person, pack) or not _wanted(minute, person):
        return False
    if any(w.start <= minute and (w.crosses or minute < w.end) for w in pack.hours.of(today.weekday())):
        return True
    yesterday = today - _DAY
    carried = any(w.crosses and minute < w.end for w in pack.hours.of(yesterday.weekday()))
    return carried and not excluded(yesterday, person, pack)


def _wanted(minute: int, person: PersonFacts) -> bool:
    """Whether the person's own wish, if any, allows that minute of the local day."""
    return not person.preferred or any(start <= minute < end for start, end in person.preferred)


def closed_by(now: datetime, zones: Collection[ZoneInfo], person: PersonFacts, pack: RulePack) -> str:
    """Name of the rule by which an instant that is not open is closed."""
    if any(excluded(now.astimezone(zone).date(), person, pack) for zone in zones):
        return "excluded_day"
    anybody = replace(person, preferred=())
    if person.preferred and all(is_open(now, zone, anybody, pack) for zone in zones):
        return "preferred_hours"
    return "calling_hours"


def next_opening(
    now: datetime, zones: Collection[ZoneInfo], person: PersonFacts, pack: RulePack
) -> datetime | None:
    """First instant after now that is open in every zone, in UTC; None when there is none in sight."""
    today = now.astimezone(UTC).date()
    for ahead in range(HORIZON_DAYS):
        for instant in _turns_of_utc_day(today + ahead * _DAY, zones, person, pack):
            if instant > now and all(is_open(instant, zone, person, pack) for zone in zones):
                return instant
    return None


def _turns_of_utc_day(
    day: date, zones: Collection[ZoneInfo], person: PersonFacts, pack: RulePack
) -> list[datetime]:
    """In order, so that the first that fits is the first of all; local days reach into three UTC days."""
    return sorted(
        {
            instant
            for zone in zones
            for near in (day - _DAY, day, day + _DAY)
            for instant in _turns(near, zone, person, pack)
            if instant.date() == day
        }
    )


def _turns(day: date, zone: ZoneInfo, person: PersonFacts, pack: RulePack) -> Iterator[datetime]:
    """Every instant of a local day at which a zone can open: starts of windows and wishes, clock changes."""
    starts = {w.start for w in pack.hours.of(day.weekday())} | {start for start, _ in person.preferred}
    for minute in starts:
        wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
        yield wall.astimezone(UTC)
        yield wall.replace(fold=1).astimezone(UTC)
    change = _clock_change(day, zone)
    if change is not None:
        yield change


def _clock_change(day: date, zone: ZoneInfo) -> datetime | None:
    """The instant of that local day at which the zone changes its offset, None on an ordinary day."""
    low = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) - timedelta(hours=2)
    high = low + timedelta(hours=30)
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return None
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high
