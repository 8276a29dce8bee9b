"""What may be promised: at the first instant that is told the gate permits, and not a minute before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    Foreseen,
    LedgerEntry,
    Permitted,
    PersonFacts,
    RulePack,
    foresee,
    may_contact,
)
from portfolio.rule_packs import load_pack
from tests.unit.portfolio.packs import cap, every_day, pack, silence

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NUMBER, OTHER = "+34600000001", "+34600000002"
COLD = Approach(caller_id="+34910000000", registered=True)
INVITED = replace(COLD, invited=True)
PERSON = PersonFacts(1, zone="Europe/Madrid", country="ES", region="MD", granted=frozenset({"voice"}))
STRICT = load_pack("default-strict")
SPAIN = load_pack("es-collections")
TALKED = (
    LedgerEntry("attempt", NOON - 2 * MINUTE, number=NUMBER),
    LedgerEntry("conversation", NOON - MINUTE, number=NUMBER),
)


def test_the_strictest_rules_put_off_what_was_agreed_in_the_first_call() -> None:
    """One attempt a week, and the call in which it is agreed was that one."""
    found = foresee(PERSON, [AddressFacts(NUMBER)], STRICT, TALKED, NOON + DAY, COLD)
    assert found == Foreseen(NOON + DAY, "attempts_per_week", NOON - 2 * MINUTE + 7 * DAY)
    later = foresee(PERSON, [AddressFacts(NUMBER)], STRICT, TALKED, NOON + 7 * DAY, COLD)
    assert later.permitted


def test_a_callback_that_was_agreed_is_asked_as_one() -> None:
    """Spain lets the same day be called again who asked for it: a cold call would wait for tomorrow."""
    found = foresee(PERSON, [AddressFacts(NUMBER)], SPAIN, TALKED, NOON + 60 * MINUTE, COLD)
    assert found.permitted
    night = foresee(PERSON, [AddressFacts(NUMBER)], SPAIN, TALKED, NOON.replace(hour=22), COLD)
    assert night == Foreseen(NOON.replace(hour=22), "calling_hours", NOON.replace(day=25, hour=8))


def test_no_consent_is_never() -> None:
    silent = replace(PERSON, granted=frozenset())
    found = foresee(silent, [AddressFacts(NUMBER)], STRICT, (), NOON + DAY, COLD)
    assert found == Foreseen(NOON + DAY, "no_consent", None)
    assert foresee(PERSON, [], STRICT, (), NOON + DAY, COLD) == Foreseen(NOON + DAY, "no_number", None)


def test_the_number_that_may_be_called_first_answers_and_the_line_they_speak_on_is_free_then() -> None:
    dead, busy = AddressFacts(OTHER, status="dead"), AddressFacts(NUMBER, busy=True)
    assert foresee(PERSON, [dead, busy], SPAIN, (), NOON, COLD).permitted
    rests = [AddressFacts(OTHER, rests_until=NOON + 3 * DAY), AddressFacts(NUMBER, rests_until=NOON + DAY)]
    assert foresee(PERSON, rests, SPAIN, (), NOON, COLD) == Foreseen(NOON, "number_rests", NOON + DAY)


def test_the_first_instant_is_a_full_minute_though_the_window_shuts_within_it() -> None:
    """At 18:59:30 it would be permitted for half a minute: nobody can agree that."""
    rules = pack(windows=every_day("09:00", "19:00"))
    person, rests = PersonFacts(1, zone="UTC"), NOON.replace(hour=18, minute=59, second=30)
    found = foresee(person, [AddressFacts(NUMBER, rests_until=rests)], rules, (), NOON, COLD)
    assert found.first_at == (NOON + DAY).replace(hour=9)


_kinds = st.sampled_from(["attempt", "reserved", "conversation", "abandoned", "machine"])
_ledgers = st.lists(
    st.builds(
        LedgerEntry,
        kind=_kinds,
        at=st.integers(-9 * 86_400, 0).map(lambda seconds: NOON + timedelta(seconds=seconds)),
        number=st.sampled_from([NUMBER, OTHER, None]),
        same_person=st.booleans(),
    ),
    max_size=8,
)
_addresses = st.lists(
    st.builds(
        AddressFacts,
        st.sampled_from([NUMBER, OTHER]),
        status=st.sampled_from(["unknown", "unknown", "dead"]),
        zones=st.just(("Europe/Madrid",)),
        busy=st.booleans(),
        rests_until=st.none()
        | st.integers(0, 5 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    ),
    min_size=1,
    max_size=2,
)
_own_rules = pack(
    windows=every_day("09:07", "18:53"),
    also=[date(2026, 11, 27)],
    caps=[cap(2, 24), cap(3, None, name="of_the_week", per="calendar_week", unless_invited=True)],
    silences=[silence("conversation", 31), silence("machine", 24, unless_agent_reserved=True)],
)


def _not_told(found: Foreseen) -> list[datetime]:
    """Instants at which it must be refused: right before the first, or those of weeks where there is none."""
    if found.first_at is None:
        return [found.at + days * DAY + timedelta(hours=12) for days in range(20)]
    before = found.first_at - MINUTE
    return [before] if before >= found.at else []


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([STRICT, SPAIN, _own_rules]),
    _ledgers,
    _addresses,
    st.integers(0, 12 * 1440).map(lambda minutes: NOON + minutes * MINUTE),
    st.booleans(),
)
def test_the_gate_permits_at_the_first_instant_and_refuses_a_minute_before(
    rules: RulePack, ledger: list[LedgerEntry], addresses: list[AddressFacts], at: datetime, held: bool
) -> None:
    approach = replace(COLD, agent_reserved=held)

    def permits(now: datetime) -> bool:
        """As the engine will ask then: somebody invited us, and the line is free."""
        asked = replace(INVITED, agent_reserved=held)
        free = [replace(address, busy=False) for address in addresses]
        answers = [may_contact(PERSON, Channel.VOICE, one, rules, ledger, now, asked) for one in free]
        return any(isinstance(answer, Permitted) for answer in answers)

    found = foresee(PERSON, addresses, rules, ledger, at, approach)
    assert found.permitted == permits(at)
    event("permitted" if found.permitted else "later" if found.first_at else "never")
    assert permits(found.first_at or at) == (found.first_at is not None)
    assert [when for when in _not_told(found) if permits(when)] == []
