"""The contact gate once more: slow, obvious, and written apart from the real one.

Time is walked in steps of five minutes; caps and silences are tried at every instant at which they could end.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portfolio.contact_rules import AddressFacts, Approach, LedgerEntry, PersonFacts, RulePack
from portfolio.contact_rules.pack import Cap, Silence

STEP = timedelta(minutes=5)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FOREVER = datetime.max.replace(tzinfo=UTC)
LINES = (
    ("+34600000001",),
    ("+34600000002",),
    ("+5491123456789", "+541123456789"),
    ("+5215512345678", "+525512345678"),
    ("+551187654321", "+5511987654321"),
)
"""Lines, each with every spelling in E.164."""
COUNTRY = {"+34": "ES", "+54": "AR", "+52": "MX", "+55": "BR"}
"""Of these lines, by the first of their digits."""


def refusals(
    person: PersonFacts,
    channel: str,
    address: AddressFacts,
    pack: RulePack,
    ledger: Sequence[LedgerEntry],
    now: datetime,
    how: Approach,
) -> dict[str, datetime]:
    """Every rule that refuses → the instant it ends, FOREVER for never."""
    pack = in_force(pack, now)
    found = _standing(person, channel, address, pack, ledger, how, now)
    found |= _time(person, address, pack, now)
    zones = where(person, address)
    for cap in pack.caps:
        if channel not in cap.channels or (cap.unless_invited and how.invited):
            continue
        kept = [e for e in ledger if e.kind in cap.counts and e.channel in cap.channels]
        found |= _by_unit(cap, kept, address, how, zones, now, cap.most)
    for rest in pack.silences:
        if (how.agent_reserved and rest.unless_agent_reserved) or (how.invited and rest.unless_invited):
            continue
        kept = [e for e in ledger if e.kind == rest.after]
        if rest.other_channels:
            kept = [e for e in kept if e.channel != channel]
        found |= _by_unit(rest, kept, address, how, zones, now, 1)
    return found


def in_force(pack: RulePack, now: datetime) -> RulePack:
    """The pack as its dated changes have it, by the calendar on the wall of their zone."""
    written = pack.model_dump()
    for change in written.pop("changes"):
        if now.astimezone(ZoneInfo(change["zone"])).date() >= change["effective_from"]:
            written |= {
                k: v for k, v in change.items() if k not in ("effective_from", "zone") and v is not None
            }
            if change["forbidden_prefixes"] is not None:
                written["forbidden_prefixes"] = change["forbidden_prefixes"]["starts"]
    return RulePack.model_validate({**written, "calendar": pack.calendar})


def where(person: PersonFacts, address: AddressFacts) -> list[str]:
    """Every place in which they may be: told; else where number and region agree; else in either."""
    if person.zone:
        return [person.zone]
    maybe = [*person.zones, *address.zones]
    sure = [zone for zone in maybe if maybe.count(zone) > 1]
    return list(dict.fromkeys(sure or maybe))


def _standing(
    person: PersonFacts,
    channel: str,
    address: AddressFacts,
    pack: RulePack,
    ledger: Sequence[LedgerEntry],
    how: Approach,
    now: datetime,
) -> dict[str, datetime]:
    """What refuses at any hour."""
    found: dict[str, datetime] = {}
    if channel not in pack.channels:
        found["channel"] = FOREVER
    if person.stopped or "stop" in [e.kind for e in ledger if e.same_person]:
        found["stop"] = FOREVER
    over = address.do_not_call_until is not None and address.do_not_call_until <= now
    if address.do_not_call and not over:
        found["do_not_call"] = address.do_not_call_until or FOREVER
    if address.busy:
        found["line_busy"] = now + timedelta(seconds=10)
    for flag in person.flags:
        cared_for = flag in pack.care_flags and how.agent_reserved and how.trained
        if not (flag in ("vulnerable", "dispute") and cared_for):
            found[flag] = FOREVER
    if channel in person.refused:
        found["channel_refused"] = FOREVER
    elif channel in pack.consent_required and channel not in person.granted:
        found["no_consent"] = FOREVER
    found |= _of_the_number(address, pack, now)
    if pack.caller_id is not None:
        found |= _caller_id(pack, how)
    return found


def _of_the_number(address: AddressFacts, pack: RulePack, now: datetime) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    if address.rests_until is not None and now < address.rests_until:
        found["number_rests"] = address.rests_until
    if [start for start in pack.forbidden_prefixes if address.number[: len(start)] == start]:
        found["special_number"] = FOREVER
    if pack.countries is not None and COUNTRY[address.number[:3]] not in pack.countries.codes:
        found["country_not_listed"] = FOREVER
    never = {"wrong_party": "wrong_party", "dead": "dead_number"}
    return found | {rule: FOREVER for status, rule in never.items() if address.status == status}


def _caller_id(pack: RulePack, how: Approach) -> dict[str, datetime]:
    assert pack.caller_id is not None
    if how.caller_id == "":
        return {"caller_id_hidden": FOREVER}
    if pack.caller_id.must_be == "registered" and not how.registered:
        return {"caller_id_unregistered": FOREVER}
    starts = [how.caller_id.startswith(prefix) for prefix in pack.caller_id.prefixes]
    barred = [how.caller_id.startswith(prefix) for prefix in pack.caller_id.not_prefixes]
    return {"caller_id_prefix": FOREVER} if (starts and not any(starts)) or any(barred) else {}


def _by_unit(
    rule: Cap | Silence,
    kept: list[LedgerEntry],
    address: AddressFacts,
    how: Approach,
    zones: list[str],
    now: datetime,
    most: int,
) -> dict[str, datetime]:
    """Every person, line or debt for itself; the latest end of them all. A person's rule is the line's."""
    mine = [e for e in kept if e.same_person]
    on_the_line = [e for e in kept if (e.number is None and e.same_person) or _same(e.number, address.number)]
    if rule.unit == "number":
        groups = [on_the_line]
    elif rule.unit == "person":
        groups = [mine, on_the_line]
    elif not how.debts:
        groups = [mine]
    else:
        groups = [
            [e for e in kept if e.same_person and (e.debts is None or debt in e.debts)] for debt in how.debts
        ]
    found: dict[str, datetime] = {}
    for group in groups:
        one = _first_free(rule.name, now, [_end(rule, e.at, zones) for e in group], most)
        found = {name: max(end, found.get(name, end)) for name, end in one.items()} or found
    return found


def _same(one: str | None, other: str) -> bool:
    """By the spellings that the test draws: each line has its own."""
    return one is not None and any({one, other} <= set(line) for line in LINES)


def _end(rule: Cap | Silence, at: datetime, zones: list[str]) -> datetime:
    """Walk on, minute by minute, until no clock on the wall shows the same day or week any more."""
    if rule.hours is not None:
        return at + timedelta(hours=rule.hours)
    if not zones:
        return at + timedelta(days=2 if rule.per == "calendar_day" else 8)

    def names(instant: datetime) -> list[tuple[int, ...]]:
        days = [_local(instant, zone).date() for zone in zones]
        return [(d.toordinal(),) if rule.per == "calendar_day" else tuple(d.isocalendar()[:2]) for d in days]

    def over(instant: datetime) -> bool:
        return all(mine != new for mine, new in zip(names(at), names(instant), strict=True))

    later = at.replace(second=0, microsecond=0)
    while not over(later):
        later += timedelta(hours=1)
    later -= timedelta(hours=1)
    while not over(later):
        later += timedelta(minutes=1)
    return later


def _first_free(name: str, now: datetime, ends: list[datetime], most: int) -> dict[str, datetime]:
    """Of all instants at which something ends, the first at which fewer than `most` are still running."""

    def running(at: datetime) -> int:
        return len([end for end in ends if end > at])

    if running(now) < most:
        return {}
    free = [end for end in sorted(ends) if end > now and running(end) < most]
    return {name: free[0] if free else FOREVER}


def _time(person: PersonFacts, address: AddressFacts, pack: RulePack, now: datetime) -> dict[str, datetime]:
    zones = where(person, address)
    if not zones:
        return {"zone_unknown": FOREVER}
    if all_open(now, zones, person, pack):
        return {}
    excluded = any(_excluded(_local(now, zone).date(), person, pack) for zone in zones)
    name = "excluded_day" if excluded else "calling_hours"
    if person.preferred and not excluded and all_open(now, zones, PersonFacts(0, country="ES"), pack):
        name = "preferred_hours"
    end = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=35)
    at = datetime(now.year, now.month, now.day, now.hour, tzinfo=UTC)
    while at < end:
        if at > now and all_open(at, zones, person, pack):
            return {name: at}
        at += STEP
    return {name: FOREVER}


def all_open(at: datetime, zones: list[str], person: PersonFacts, pack: RulePack) -> bool:
    """Whether every clock on the wall says that it is open."""
    return all(_open(_local(at, zone), person, pack) for zone in zones)


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def _open(wall: datetime, person: PersonFacts, pack: RulePack) -> bool:
    """What a clock on the wall and a calendar beside it would tell."""
    if _excluded(wall.date(), person, pack):
        return False
    if person.preferred:
        minute = wall.hour * 60 + wall.minute
        if not [wish for wish in person.preferred if wish[0] <= minute < wish[1]]:
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
    if day in pack.excluded_days.open_anyway:
        return False
    if not pack.excluded_days.public_holidays:
        return False
    days = pack.calendar(person.country or "", person.region, day.year)
    return days is not None and day in days
