"""The gate agrees with the slow model on every rule and every instant, clock changes included."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    Refused,
    RulePack,
    may_contact,
)
from tests.premises import premise
from tests.unit.portfolio.contact_rules.reference_gate import (
    FOREVER,
    LINES,
    all_open,
    in_force,
    refusals,
    where,
)
from tests.unit.portfolio.packs import SOURCE, WEEK, cap, every_day, pack, silence

NUMBERS = tuple(number for line in LINES for number in line)
ZONES = (
    "Europe/Madrid", "Atlantic/Canary", "America/Mexico_City", "America/New_York", "America/Santiago",
    "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC",
)  # fmt: skip
CLOCK_CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 5, 3, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2026, 3, 28, 22, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=UTC),
)

instants = st.builds(
    lambda base, seconds: base + timedelta(seconds=seconds),
    st.sampled_from(CLOCK_CHANGES),
    st.integers(-3 * 86_400, 2 * 86_400) | st.integers(-240, 240).map(lambda quarter: quarter * 900),
)
zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True).map(tuple)
quarters = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
windows = st.fixed_dictionaries(
    {},
    optional={
        day: st.lists(st.fixed_dictionaries({"start": quarters, "end": quarters}), min_size=1, max_size=2)
        for day in WEEK
    },
).filter(bool)
holidays = st.frozensets(
    st.integers(-3, 6).flatmap(
        lambda days: st.sampled_from(CLOCK_CHANGES).map(lambda base: base.date() + timedelta(days=days))
    ),
    max_size=4,
)


def _with_calendar(days: frozenset[date], found: dict[str, object]) -> RulePack:
    def calendar(country: str, region: str | None, year: int) -> frozenset[date]:
        return days

    # A day of the calendar on which this firm works all the same.
    anyway = [day for day in days if day.day % 3 == 0]
    excluded = {"public_holidays": True, "open_anyway": anyway, **SOURCE}
    return pack(windows=found, excluded_days=excluded, calendar=calendar)


wishes = st.lists(
    st.tuples(st.integers(0, 95), st.integers(1, 40)).map(
        lambda one: (one[0] * 15, min(1440, (one[0] + one[1]) * 15))
    ),
    max_size=2,
).map(tuple)


@settings(max_examples=120, deadline=None)
@given(instants, zones, st.just(()) | zones, windows, holidays, wishes)
def test_calling_hours(
    now: datetime,
    zones: tuple[str, ...],
    region: tuple[str, ...],
    found: dict[str, object],
    days: frozenset[date],
    wished: tuple[tuple[int, int], ...],
) -> None:
    """Open or closed, by which rule, and exactly until when."""
    rules = _with_calendar(days, found)
    person = PersonFacts(1, country="ES", preferred=wished, zones=region)
    address = AddressFacts(NUMBERS[0], zones=zones)
    verdict = may_contact(person, Channel.VOICE, address, rules, [], now)
    assert _as_dict(verdict) == refusals(person, "voice", address, rules, [], now, Approach())


channels = st.sampled_from([Channel.VOICE, Channel.VOICE, Channel.SMS])
debts = st.frozensets(st.integers(1, 3), max_size=2)
entries = st.lists(
    st.builds(
        LedgerEntry,
        kind=st.sampled_from(["attempt", "reserved", "conversation", "abandoned", "machine"])
        | st.sampled_from(["attempt", "attempt", "stop"]),
        at=st.integers(-60 * 60, 60).map(
            lambda m: datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(minutes=m)
        ),
        channel=channels,
        number=st.sampled_from([*NUMBERS, None]),
        same_person=st.booleans(),
        debts=st.none() | st.frozensets(st.integers(1, 3), min_size=1, max_size=2),
    ),
    max_size=12,
)
units = st.sampled_from(["person", "number", "debt"])
spans = st.sampled_from(
    [("hours", 1), ("hours", 6), ("hours", 24), ("calendar_day", None), ("calendar_week", None)]
)
caps = st.lists(
    st.builds(
        lambda most, span, unit, counts, on, invited: cap(
            most, span[1], per=span[0], unit=unit, counts=counts, channels=on, unless_invited=invited
        ),
        st.integers(0, 4),
        spans,
        units,
        st.sampled_from([["attempt", "reserved"], ["attempt"], ["conversation"]]),
        st.sampled_from([["voice"], ["voice", "sms"]]),
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda found: found["most"],
).map(lambda found: [{**one, "name": f"cap_{number}"} for number, one in enumerate(found)])
silences = st.lists(
    st.builds(
        lambda after, span, unit, unless, elsewhere, invited: silence(
            after,
            span[1],
            per=span[0],
            unit=unit,
            unless_agent_reserved=unless,
            other_channels=elsewhere,
            unless_invited=invited,
        ),
        st.sampled_from(["conversation", "abandoned", "machine"]),
        spans,
        units,
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda found: found["name"],
)
some_channels = st.frozensets(st.sampled_from(["voice", "sms"]), max_size=1)
people = st.builds(
    PersonFacts,
    person_id=st.just(1),
    zone=st.sampled_from([None, "Europe/Madrid", "America/Havana"]),
    zones=st.sampled_from([(), ("Atlantic/Canary",), ("UTC", "America/Havana")]),
    flags=st.frozensets(
        st.sampled_from(["deceased", "lawyer", "minor", "dispute", "paid", "vulnerable"]), max_size=1
    ),
    stopped=st.booleans(),
    granted=some_channels,
    refused=some_channels,
)
addresses = st.builds(
    AddressFacts,
    number=st.sampled_from(NUMBERS),
    status=st.sampled_from(["unknown", "right_party", "wrong_party", "dead"]),
    zones=st.sampled_from([(), ("UTC",), ("Europe/Madrid", "Atlantic/Canary")]),
    do_not_call=st.booleans(),
    do_not_call_until=st.none()
    | st.sampled_from([datetime(year, 1, 1, tzinfo=UTC) for year in (2026, 2027)]),
    busy=st.booleans(),
    rests_until=st.none()
    | st.integers(-30, 30).map(lambda h: datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(hours=h)),
)
approaches = st.builds(
    Approach,
    agent_reserved=st.booleans(),
    trained=st.booleans(),
    invited=st.booleans(),
    debts=debts,
    caller_id=st.sampled_from(["", "+34910000000", "+553030000"]),
    registered=st.booleans(),
)
caller_ids = st.none() | st.fixed_dictionaries(
    {
        "must_be": st.sampled_from(["presented", "registered"]),
        "prefixes": st.sampled_from([[], ["+55303"]]),
        "not_prefixes": st.sampled_from([[], ["+346", "+349"]]),
    }
).map(lambda rule: {**rule, **SOURCE})
more = st.fixed_dictionaries(
    {
        "caller_id": caller_ids,
        "channels": st.sampled_from([["voice"], ["voice", "sms"]]),
        "consent_required": st.sampled_from([[], ["voice"], ["sms"]]),
        "care_flags": st.sampled_from([["vulnerable", "dispute"], ["vulnerable"], []]),
    }
)


@settings(max_examples=600, deadline=None)
@given(people, channels, addresses, entries, caps, silences, approaches, more)
def test_all_other_rules(
    person: PersonFacts,
    channel: Channel,
    address: AddressFacts,
    ledger: list[LedgerEntry],
    caps: list[dict[str, object]],
    silences: list[dict[str, object]],
    how: Approach,
    rest: dict[str, Any],
) -> None:
    """The same rules refuse, until the same instants."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    rules = pack(caps=caps, silences=silences, **rest)
    verdict = may_contact(person, channel, address, rules, ledger, now, how)
    expected = refusals(person, channel, address, rules, ledger, now, how)
    assert _as_dict(verdict) == expected
    if premise(expected):
        assert isinstance(verdict, Refused)
        assert verdict.until == (None if FOREVER in expected.values() else max(expected.values()))
        assert verdict.rule == verdict.detail[0].rule


def _as_dict(verdict: object) -> dict[str, datetime]:
    if isinstance(verdict, Permitted):
        return {}
    detail = getattr(verdict, "detail")  # noqa: B009 - the other half of the union
    return {refusal.rule: refusal.until or FOREVER for refusal in detail}


days_of_change = st.lists(
    st.integers(-3, 3).map(lambda days: date(2026, 11, 24) + timedelta(days=days)),
    min_size=1,
    max_size=2,
    unique=True,
).map(sorted)
changed_parts = st.fixed_dictionaries(
    {"caps": caps},
    optional={
        "caller_id": caller_ids.filter(bool),
        "silences": silences,
        "hours": windows.map(lambda found: {"windows": found, **SOURCE}),
    },
)


@settings(max_examples=250, deadline=None)
@given(
    people, addresses, entries, caps, approaches, days_of_change, st.data(), st.integers(-4 * 1440, 4 * 1440)
)
def test_dated_rules(
    person: PersonFacts,
    address: AddressFacts,
    ledger: list[LedgerEntry],
    before: list[dict[str, object]],
    how: Approach,
    days: list[date],
    draw: st.DataObject,
    minutes: int,
) -> None:
    """What holds today is what has begun to hold, by the calendar of the law's own place."""
    zone = draw.draw(st.sampled_from(["UTC", "Europe/Madrid", "America/Mexico_City"]))
    changes = [{"effective_from": day, "zone": zone, **draw.draw(changed_parts)} for day in days]
    rules = pack(caps=before, changes=changes)
    now = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(minutes=minutes)
    verdict = may_contact(person, Channel.VOICE, address, rules, ledger, now, how)
    assert _as_dict(verdict) == refusals(person, "voice", address, rules, ledger, now, how)
    premise(now.astimezone(ZoneInfo(zone)).date() >= days[0])


MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
FAR_APART = (
    ("Europe/Madrid", "America/Mexico_City"),
    ("Europe/Madrid",),
    ("America/Santiago", "Asia/Beirut"),
    ("America/Mexico_City", "Australia/Lord_Howe"),
    ("Pacific/Kiritimati", "Europe/Madrid"),
)
EVENING = MIDNIGHT + timedelta(hours=16.5)
KINDS = ("attempt", "conversation", "abandoned")
at_work = st.sampled_from(
    [every_day("09:00", "17:00"), every_day("08:00", "14:00"), every_day("10:00", "18:00")]
)
listed = st.frozensets(st.sampled_from(["ES", "AR", "MX", "BR"]), min_size=1).map(
    lambda codes: {"codes": sorted(codes), "such_as": "+34600000001", **SOURCE}
)
prefixes = st.sampled_from([[], ["+34600000002"], ["+549"], ["+5255"]])
laws = st.fixed_dictionaries(
    {"hours": at_work.map(lambda found: {"windows": found, **SOURCE}), "caps": caps},
    optional={
        "silences": silences,
        "countries": listed,
        "forbidden_prefixes": prefixes.map(lambda starts: {"starts": starts, **SOURCE}),
    },
)
in_doubt = st.builds(
    lambda person, region: replace(
        person, zone=None, zones=region, stopped=False, flags=frozenset(), refused=frozenset()
    ),
    people,
    st.sampled_from([(), (), (), (), ("Europe/Madrid",), ("America/Mexico_City", "Asia/Beirut")]),
)
spelled = st.builds(
    lambda address, number, zones: replace(
        address, number=number, zones=zones, do_not_call=False, busy=False
    ),
    addresses,
    st.sampled_from([number for line in LINES[2:] for number in line]),
    st.sampled_from(FAR_APART),
)
mostly = st.sampled_from([True, True, False])
# Integers would lie mostly near their middle and their ends.
a_minute_within_a_day = st.sampled_from(range(-1440, 1441))
a_minute_of_a_day = st.sampled_from(range(1440))


@st.composite
def on_one_line(draw: st.DrawFn) -> tuple[AddressFacts, list[LedgerEntry]]:
    """A number, and contacts of whoever shares its line, in any of its spellings."""
    address = draw(spelled)
    line = next(line for line in LINES if address.number in line)
    ledger = [replace(entry, number=draw(st.sampled_from([*line, entry.number]))) for entry in draw(entries)]
    if draw(st.sampled_from([True, True, True, False])):
        other = next(number for number in line if number != address.number)
        at, kind = MIDNIGHT - timedelta(hours=draw(st.integers(0, 30))), draw(st.sampled_from(KINDS))
        ledger.append(LedgerEntry(kind, at, number=other, same_person=False))
    return address, ledger


def _next(at: datetime, wanted: Callable[[datetime], bool]) -> datetime:
    """The first of the next days' half hours that is wanted; else that instant."""
    return next((one for half in range(48) if wanted(one := at + timedelta(minutes=30 * half))), at)


@settings(max_examples=60, deadline=None)
@given(in_doubt, on_one_line(), approaches, st.data())
def test_lines_zones_in_doubt_and_a_law_that_begins_meanwhile(
    person: PersonFacts, at: tuple[AddressFacts, list[LedgerEntry]], how: Approach, data: st.DataObject
) -> None:
    """All of them at once, before and after the law begins: the gate refuses whatever the model does."""
    address, ledger = at
    zone = data.draw(st.sampled_from(["UTC", "Europe/Madrid", "America/Mexico_City"]))
    old = pack(windows=data.draw(at_work), caps=data.draw(caps), silences=data.draw(silences))
    law = data.draw(laws)
    maybe = where(person, address)
    first = EVENING + timedelta(minutes=data.draw(a_minute_within_a_day))
    last = first + timedelta(days=1, minutes=data.draw(a_minute_of_a_day))
    if data.draw(mostly):
        first = _next(first, lambda now: len({all_open(now, [it], person, old) for it in maybe}) > 1)
    if data.draw(mostly):
        new = RulePack.model_validate({**old.model_dump(), "hours": law["hours"]})
        last = _next(last, lambda now: all_open(now, maybe, person, old) != all_open(now, maybe, person, new))
    begins = {"effective_from": last.astimezone(ZoneInfo(zone)).date(), "zone": zone, **law}
    rules = RulePack.model_validate({**old.model_dump(), "changes": [begins]})

    def model(now: datetime, by: RulePack = rules) -> dict[str, datetime]:
        return refusals(person, "voice", address, by, ledger, now, how)

    found = [
        _as_dict(may_contact(person, Channel.VOICE, address, rules, ledger, now, how))
        for now in (first, last)
    ]
    assert found == [model(first), model(last)]
    premise(found[1] != model(last, old))
    line = next(line for line in LINES if address.number in line)
    premise(any(not e.same_person and e.number in line and e.number != address.number for e in ledger))
    held = {now: in_force(rules, now) for now in (first, last)}
    premise(any(len({all_open(now, [there], person, held[now]) for there in maybe}) > 1 for now in held))
