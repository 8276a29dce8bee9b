"""The gate agrees with the slow model on every rule and every instant, clock changes included."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.contact_rules import (
    AddressFacts,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    RulePack,
    may_contact,
)
from tests.unit.portfolio.contact_rules.reference_gate import FOREVER, refusals
from tests.unit.portfolio.packs import WEEK, cap, pack, silence

NUMBERS = ("+34600000001", "+34600000002")
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

    return pack(windows=found, public_holidays=True, calendar=calendar)


@settings(max_examples=120, deadline=None)
@given(instants, zones, windows, holidays)
def test_calling_hours(
    now: datetime, zones: tuple[str, ...], found: dict[str, object], days: frozenset[date]
) -> None:
    """Open or closed, by which rule, and exactly until when."""
    rules = _with_calendar(days, found)
    person, address = PersonFacts(1, country="ES"), AddressFacts(NUMBERS[0], zones=zones)
    verdict = may_contact(person, Channel.VOICE, address, rules, [], now)
    assert _as_dict(verdict) == refusals(person, address, rules, [], now, agent_reserved=False)


entries = st.lists(
    st.builds(
        LedgerEntry,
        kind=st.sampled_from(["attempt", "reserved", "conversation", "abandoned", "machine"])
        | st.sampled_from(["attempt", "attempt", "stop"]),
        at=st.integers(-60 * 60, 60).map(
            lambda m: datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(minutes=m)
        ),
        number=st.sampled_from([*NUMBERS, None]),
        same_person=st.booleans(),
    ),
    max_size=12,
)
units = st.sampled_from(["person", "number"])
caps = st.lists(
    st.builds(
        lambda most, hours, unit, counts: cap(most, hours, unit=unit, counts=counts),
        st.integers(0, 4),
        st.sampled_from([1, 6, 24, 36]),
        units,
        st.sampled_from([["attempt", "reserved"], ["attempt"], ["conversation"]]),
    ),
    max_size=2,
    unique_by=lambda found: found["most"],
).map(lambda found: [{**one, "name": f"cap_{number}"} for number, one in enumerate(found)])
silences = st.lists(
    st.builds(
        lambda after, hours, unit, unless: silence(after, hours, unit=unit, unless_agent_reserved=unless),
        st.sampled_from(["conversation", "abandoned", "machine"]),
        st.sampled_from([1, 24, 72]),
        units,
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda found: found["name"],
)
people = st.builds(
    PersonFacts,
    person_id=st.just(1),
    zone=st.sampled_from([None, "Europe/Madrid"]),
    flags=st.frozensets(
        st.sampled_from(["deceased", "lawyer", "minor", "dispute", "paid", "vulnerable"]), max_size=1
    ),
    stopped=st.booleans(),
)
addresses = st.builds(
    AddressFacts,
    number=st.just(NUMBERS[0]),
    status=st.sampled_from(["unknown", "right_party", "wrong_party", "dead"]),
    zones=st.sampled_from([(), ("UTC",)]),
    do_not_call=st.booleans(),
)


@settings(max_examples=400, deadline=None)
@given(people, addresses, entries, caps, silences, st.booleans())
def test_all_other_rules(
    person: PersonFacts,
    address: AddressFacts,
    ledger: list[LedgerEntry],
    caps: list[dict[str, object]],
    silences: list[dict[str, object]],
    reserved: bool,
) -> None:
    """The same rules refuse, until the same instants."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    rules = pack(caps=caps, silences=silences)
    verdict = may_contact(person, Channel.VOICE, address, rules, ledger, now, agent_reserved=reserved)
    expected = refusals(person, address, rules, ledger, now, reserved)
    assert _as_dict(verdict) == expected
    if not isinstance(verdict, Permitted):
        assert verdict.until == (None if FOREVER in expected.values() else max(expected.values()))
        assert verdict.rule == verdict.detail[0].rule


def _as_dict(verdict: object) -> dict[str, datetime]:
    if isinstance(verdict, Permitted):
        return {}
    detail = getattr(verdict, "detail")  # noqa: B009 - the other half of the union
    return {refusal.rule: refusal.until or FOREVER for refusal in detail}
