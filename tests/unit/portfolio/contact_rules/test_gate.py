"""Every rule of the gate, alone: in each case one rule refuses, so without it the call would be made."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    Refused,
    may_contact,
    next_permitted,
)
from tests.unit.portfolio.packs import SOURCE, cap, every_day, pack, silence

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NUMBER = "+34600000001"
HOUR = timedelta(hours=1)

RULES = pack(
    windows=every_day("09:00", "19:00"),
    also=[date(2026, 11, 25)],
    caps=[cap(2, 24, name="per_person"), cap(1, 24, name="per_number", unit="number")],
    silences=[
        silence("conversation", 168),
        silence("abandoned", 72, unit="number", unless_agent_reserved=True),
        silence("machine", 24, unit="number"),
    ],
    forbidden_prefixes=["+34806"],
    countries={"codes": ["ES", "US", "GB"], "such_as": NUMBER, **SOURCE},
    caller_id={"must_be": "registered", "prefixes": ["+34"], **SOURCE},
    consent_required=["email"],
    channels=["voice", "email"],
)
COLD = Approach(caller_id="+34910000000", registered=True)
HELD = replace(COLD, agent_reserved=True)
CARE = replace(HELD, trained=True)


@dataclass(frozen=True)
class Case:
    """Something about a call that only one rule minds."""

    check: str
    rule: str
    until: datetime | None = None
    person: dict[str, Any] = field(default_factory=dict)
    address: dict[str, Any] = field(default_factory=dict)
    ledger: tuple[LedgerEntry, ...] = ()
    now: datetime = NOON
    channel: Channel = Channel.VOICE
    approach: Approach = COLD


def ago(hours: float, kind: str, number: str | None = NUMBER, same_person: bool = True) -> LedgerEntry:
    """A ledger line."""
    return LedgerEntry(kind, NOON - hours * HOUR, number=number, same_person=same_person)


CASES = [
    Case("pack", "channel", channel=Channel.SMS),
    Case(
        "pack", "not_in_force", datetime(2020, 1, 1, tzinfo=UTC), now=datetime(2019, 12, 31, 12, tzinfo=UTC)
    ),
    Case("stop", "stop", person={"stopped": True}),
    Case("stop", "stop", ledger=(ago(9999, "stop"),)),
    Case("do_not_call", "do_not_call", address={"do_not_call": True}),
    Case(
        "do_not_call",
        "do_not_call",
        NOON + HOUR,
        address={"do_not_call": True, "do_not_call_until": NOON + HOUR},
    ),
    *[
        Case("flags", flag, person={"flags": frozenset({flag})})
        for flag in ("deceased", "lawyer", "minor", "dispute", "paid", "vulnerable")
    ],
    Case("flags", "vulnerable", person={"flags": frozenset({"vulnerable"})}, approach=HELD),
    Case(
        "flags",
        "dispute",
        person={"flags": frozenset({"dispute"})},
        approach=replace(CARE, agent_reserved=False),
    ),
    Case("consent", "channel_refused", person={"refused": frozenset({"voice"})}),
    Case("consent", "no_consent", channel=Channel.EMAIL),
    Case("caller_id", "caller_id_hidden", approach=Approach(registered=True)),
    Case("caller_id", "caller_id_unregistered", approach=Approach(caller_id="+34910000000")),
    Case("caller_id", "caller_id_prefix", approach=Approach(caller_id="+1202555000", registered=True)),
    Case("flags", "unknown_flag", person={"flags": frozenset({"bankrupt"})}),
    Case("phone_status", "wrong_party", address={"status": "wrong_party"}),
    Case("phone_status", "dead_number", address={"status": "dead"}),
    Case("number_rests", "number_rests", NOON + HOUR, address={"rests_until": NOON + HOUR}),
    Case("phone_status", "unknown_status", address={"status": "reassigned"}),
    *[
        Case("special_number", "special_number", address={"number": number})
        for number in ("112", "+34112", "+34806123456", "600000001", "+340600000001x", "+34600000001\n", "")
    ],
    Case("line_busy", "line_busy", NOON + timedelta(seconds=10), address={"busy": True}),
    *[
        Case("country", "country_not_listed", address={"number": number})
        for number in (
            "+18765551234",
            "+18095551234",
            "+16135550123",
            "+252612345678",
            "+447781123456",
            "+447624123456",
            "+1999555123",
            "+881612345678",
            "+870773111632",
            "+999123456789",
        )
    ],
    Case("calling_hours", "zone_unknown", person={"zone": "Etc/Unknown"}),
    Case("calling_hours", "zone_unknown", person={"zone": "Europe/Atlantis"}),
    Case("calling_hours", "zone_unknown", person={"zone": "America"}),
    Case("calling_hours", "zone_unknown", person={"zone": "../../etc/passwd"}),
    Case("calling_hours", "zone_unknown", person={"zone": ""}),
    Case("calling_hours", "zone_unknown", person={"zone": None}),
    Case("calling_hours", "zone_unknown", person={"zone": None}, address={"zones": ("UTC", "Etc/Unknown")}),
    Case("calling_hours", "calling_hours", NOON.replace(hour=9), now=NOON.replace(hour=3)),
    Case(
        "calling_hours", "preferred_hours", NOON.replace(hour=17), person={"preferred": ((17 * 60, 18 * 60),)}
    ),
    Case("calling_hours", "excluded_day", NOON.replace(day=26, hour=9), now=NOON.replace(day=25)),
    Case(
        "per_person",
        "per_person",
        NOON + HOUR,
        ledger=(ago(23, "attempt", "+34600000009"), ago(1, "reserved", "+34600000008")),
    ),
    Case("per_number", "per_number", NOON + HOUR, ledger=(ago(23, "attempt", same_person=False),)),
    Case(
        "after_conversation",
        "after_conversation",
        NOON + HOUR,
        ledger=(ago(167, "conversation", "+34600000009"),),
    ),
    Case("after_abandoned", "after_abandoned", NOON + HOUR, ledger=(ago(71, "abandoned"),)),
    Case("after_machine", "after_machine", NOON + HOUR, ledger=(ago(23, "machine"),)),
]


def ask(case: Case, approach: Approach | None = None) -> Permitted | Refused:
    """The gate's answer for a case."""
    person = PersonFacts(**{"person_id": 1, "zone": "UTC", **case.person})
    address = AddressFacts(**{"number": NUMBER, **case.address})
    return may_contact(person, case.channel, address, RULES, case.ledger, case.now, approach or case.approach)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{CASES.index(case)}")
def test_exactly_this_rule_refuses(case: Case) -> None:
    """One rule says no, until the instant it should."""
    verdict = ask(case)
    assert isinstance(verdict, Refused)
    assert [refusal.rule for refusal in verdict.detail] == [case.rule] == [verdict.rule]
    assert verdict.until == case.until


ENDING = [case for case in CASES if case.until and case.rule != "line_busy"]
"""Nobody knows when a call ends."""


@pytest.mark.parametrize("case", ENDING, ids=lambda case: case.rule)
def test_until_is_the_first_instant_at_which_the_rule_is_silent(case: Case) -> None:
    """One microsecond before it still refuses; at `until` it does not."""
    assert case.until is not None
    person = PersonFacts(**{"person_id": 1, "zone": "UTC", **case.person})
    address = AddressFacts(**{"number": NUMBER, **case.address})

    def refusing(now: datetime) -> bool:
        verdict = may_contact(person, case.channel, address, RULES, case.ledger, now, COLD)
        return isinstance(verdict, Refused) and case.rule in [refusal.rule for refusal in verdict.detail]

    before = case.until - timedelta(microseconds=1)
    # The day after an excluded day is closed by its hours until it opens.
    assert refusing(before) or case.rule == "excluded_day"
    assert not refusing(case.until)


WITH_AGENT = "only with a trained agent who waits for the call"


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (Case("pack", "channel", channel=Channel.SMS), "sms is not in the pack"),
        (
            Case("pack", "not_in_force", now=datetime(2019, 12, 31, 12, tzinfo=UTC)),
            "the pack does not hold yet",
        ),
        (Case("stop", "stop", person={"stopped": True}), ""),
        (Case("flags", "deceased", person={"flags": frozenset({"deceased"})}), ""),
        (Case("flags", "vulnerable", person={"flags": frozenset({"vulnerable"})}), WITH_AGENT),
        (Case("flags", "unknown_flag", person={"flags": frozenset({"bankrupt"})}), "bankrupt"),
        (Case("consent", "channel_refused", person={"refused": frozenset({"voice"})}), "voice"),
        (Case("consent", "no_consent", channel=Channel.EMAIL), "email"),
        (Case("phone_status", "unknown_status", address={"status": "reassigned"}), "reassigned"),
        (
            Case(
                "caller_id", "caller_id_prefix", approach=Approach(caller_id="+1202555000", registered=True)
            ),
            "+34",
        ),
    ],
    ids=lambda value: value.rule if isinstance(value, Case) else "",
)
def test_a_refusal_says_what_was_seen(case: Case, words: str) -> None:
    """It is read on the page that says why somebody was not called."""
    verdict = ask(case)
    assert isinstance(verdict, Refused)
    assert [(refusal.rule, refusal.detail) for refusal in verdict.detail] == [(case.rule, words)]


def test_every_caller_id_that_would_do_is_named() -> None:
    caller_id = {"must_be": "presented", "prefixes": ["+55303", "+55304"], **SOURCE}
    rules = pack(windows=every_day("09:00", "19:00"), caller_id=caller_id)
    person, address = PersonFacts(1, zone="UTC"), AddressFacts(NUMBER)
    verdict = may_contact(person, Channel.VOICE, address, rules, [], NOON, COLD)
    assert isinstance(verdict, Refused)
    assert verdict.detail[0].detail == "+55303, +55304"


def test_two_flags_are_two_refusals_in_the_order_of_the_alphabet() -> None:
    """Also where an agent who waits may call for one of them."""
    both = Case("", "", person={"flags": frozenset({"vulnerable", "minor"})})
    for approach, rules in ((COLD, ["minor", "vulnerable"]), (CARE, ["minor"])):
        verdict = ask(both, approach)
        assert isinstance(verdict, Refused)
        assert [refusal.rule for refusal in verdict.detail] == rules


def test_a_verdict_names_its_pack_and_its_instant_in_utc() -> None:
    """In whatever zone the clock came."""
    local = NOON.astimezone(ZoneInfo("America/Havana"))
    for case in (Case("", "", now=local), Case("", "", now=local, person={"stopped": True})):
        verdict = ask(case)
        assert (verdict.pack, verdict.version) == ("test-pack", 3)
        assert (verdict.at, verdict.at.tzinfo) == (NOON, UTC)
    permitted = ask(
        Case("", "", now=local, person={"zone": None}, address={"zones": ("UTC", "Africa/Dakar")})
    )
    assert isinstance(permitted, Permitted)
    assert permitted.zones == ("UTC", "Africa/Dakar")


def test_a_pack_that_allows_none_refuses_whoever_was_never_called() -> None:
    """A cap of nothing holds without a history."""
    rules = pack(windows=every_day("09:00", "19:00"), caps=[cap(0, 24, name="nobody")])
    person, address = PersonFacts(1, zone="UTC"), AddressFacts(NUMBER)
    verdict = may_contact(person, Channel.VOICE, address, rules, [], NOON, COLD)
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.until) == ("nobody", None)


def test_without_a_rule_on_caller_ids_none_is_asked_for() -> None:
    rules = pack(windows=every_day("09:00", "19:00"))
    person, address = PersonFacts(1, zone="UTC"), AddressFacts(NUMBER)
    assert isinstance(may_contact(person, Channel.VOICE, address, rules, [], NOON), Permitted)
    assert isinstance(may_contact(person, Channel.VOICE, address, RULES, [], NOON), Refused)


def test_every_rule_has_a_case() -> None:
    """A rule that is added needs a case above."""
    verdict = ask(Case("", ""))
    assert isinstance(verdict, Permitted)
    assert set(verdict.rules) == {case.check for case in CASES}


@pytest.mark.parametrize("number", ["+12025550123", "+447400123456", "+34910000000"])
def test_a_number_of_a_listed_country_is_called(number: str) -> None:
    """Also where the calling code is shared with countries that are not."""
    assert isinstance(ask(Case("", "", address={"number": number})), Permitted)


def test_the_longest_refusal_speaks_and_all_are_listed() -> None:
    """A refusal for ever comes before one that ends."""
    verdict = ask(
        Case("", "", address={"status": "dead"}, ledger=(ago(1, "conversation"), ago(1, "machine"))),
    )
    assert isinstance(verdict, Refused)
    assert [refusal.rule for refusal in verdict.detail] == [
        "dead_number",
        "after_conversation",
        "after_machine",
    ]
    assert (verdict.rule, verdict.until) == ("dead_number", None)


def test_of_refusals_that_end_the_last_to_end_speaks() -> None:
    """Caps are asked before silences; what counts is the instant."""
    verdict = ask(Case("", "", ledger=(ago(1, "attempt"), ago(2, "conversation"), ago(3, "machine"))))
    assert isinstance(verdict, Refused)
    assert [refusal.rule for refusal in verdict.detail] == [
        "after_conversation",
        "per_number",
        "after_machine",
    ]
    assert verdict.until == NOON + 166 * HOUR


def test_a_channel_that_the_pack_does_not_know_is_named() -> None:
    verdict = ask(Case("", "", channel=Channel.SMS))
    assert isinstance(verdict, Refused)
    assert "sms" in verdict.detail[0].detail


def test_a_trained_agent_who_waits_may_call_the_vulnerable_and_repeat_an_abandoned_call() -> None:
    """And nothing else changes."""
    case = Case("", "", person={"flags": frozenset({"vulnerable"})}, ledger=(ago(1, "abandoned"),))
    assert isinstance(ask(case, CARE), Permitted)
    verdict = ask(Case("", "", person={"flags": frozenset({"paid"})}), CARE)
    assert isinstance(verdict, Refused)


def test_a_reserved_call_counts_as_made() -> None:
    """Two workers cannot both take the last slot."""
    verdict = ask(
        Case("", "", ledger=(ago(0, "reserved", "+34600000009"), ago(0, "reserved", "+34600000008")))
    )
    assert isinstance(verdict, Refused)
    assert verdict.rule == "per_person"


def test_what_another_said_on_the_line_is_silence_for_the_line() -> None:
    """Persons who share a telephone share its caps and silences; each decides alone whom to stop."""
    assert isinstance(ask(Case("", "", ledger=(ago(99, "stop", same_person=False),))), Permitted)
    verdict = ask(Case("", "", ledger=(ago(1, "conversation", same_person=False),)))
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.detail[0].detail) == (
        "after_conversation",
        "after conversation on the line",
    )
    elsewhere = ago(1, "conversation", "+34600000009", same_person=False)
    assert isinstance(ask(Case("", "", ledger=(elsewhere,))), Permitted)


def test_a_busy_line_is_asked_again_soon_and_no_call_lasts_for_ever() -> None:
    person, address = PersonFacts(1, zone="UTC"), AddressFacts(NUMBER, busy=True)
    for now, then in (
        (NOON, NOON + timedelta(seconds=10)),
        (NOON.replace(hour=3), NOON.replace(hour=9)),
    ):
        assert next_permitted(person, Channel.VOICE, address, RULES, [], now, COLD) == then


def test_a_contact_on_no_known_number_counts_for_each_number() -> None:
    """What is not known refuses."""
    verdict = ask(Case("", "", ledger=(ago(1, "machine", None),)))
    assert isinstance(verdict, Refused)


def test_the_address_comes_before_the_number() -> None:
    """A Spanish number of somebody who lives in Mexico is called in Mexican hours."""
    person = PersonFacts(1, zone="America/Mexico_City")
    address = AddressFacts(NUMBER, zones=("Europe/Madrid",))
    verdict = may_contact(person, Channel.VOICE, address, RULES, [], NOON, COLD)
    assert isinstance(verdict, Refused)
    assert verdict.until == NOON.replace(hour=15)


def test_a_naive_clock_is_refused() -> None:
    """A wall clock without a zone is nobody's time."""
    with pytest.raises(ValueError, match="naive"):
        may_contact(PersonFacts(1), Channel.VOICE, AddressFacts(NUMBER), RULES, [], NOON.replace(tzinfo=None))


def test_the_clock_may_come_in_any_zone() -> None:
    """An instant is an instant."""
    local = NOON.astimezone(tz=None)
    assert may_contact(
        PersonFacts(1, zone="UTC"), Channel.VOICE, AddressFacts(NUMBER), RULES, [], local, COLD
    ) == ask(Case("", ""))


def test_windows_are_elapsed_time_even_when_the_clock_changes() -> None:
    """From 12:30 in Madrid to 12:00 on the next day are 24.5 hours when the clock goes back between."""
    madrid = ZoneInfo("Europe/Madrid")
    made = LedgerEntry("machine", datetime(2026, 10, 24, 12, 30, tzinfo=madrid), number=NUMBER)
    now = datetime(2026, 10, 25, 12, tzinfo=madrid)
    person = PersonFacts(1, zone="UTC")
    assert isinstance(
        may_contact(person, Channel.VOICE, AddressFacts(NUMBER), RULES, [made], now, COLD), Permitted
    )


def test_verdicts_become_records_that_json_takes() -> None:
    """They are kept with the attempt; a phone number is not in them."""
    permitted, refused = ask(Case("", "")).as_record(), ask(CASES[2]).as_record()
    assert json.loads(json.dumps(permitted)) == permitted
    assert permitted["local_times"] == {"UTC": "2026-11-24T12:00:00+00:00"}
    assert (permitted["pack"], permitted["version"]) == ("test-pack", 3)
    assert refused["detail"] == [{"rule": "stop", "until": None, "detail": ""}]
    for case in CASES:
        assert NUMBER not in json.dumps(ask(case).as_record())


def test_next_permitted_goes_through_several_refusals() -> None:
    """Silence ends in the night of an excluded day: the first call is the morning after it."""
    person, address = PersonFacts(1, zone="UTC"), AddressFacts(NUMBER)
    ledger = [LedgerEntry("machine", NOON.replace(hour=22) - 24 * HOUR + 3 * HOUR, number=NUMBER)]
    at = next_permitted(person, Channel.VOICE, address, RULES, ledger, NOON, COLD)
    assert at == NOON.replace(day=26, hour=9)


def test_next_permitted_is_none_when_it_is_never_and_now_when_it_is_now() -> None:
    """A stop does not end by itself."""
    person = PersonFacts(1, zone="UTC")
    assert next_permitted(person, Channel.VOICE, AddressFacts(NUMBER), RULES, [], NOON, COLD) == NOON
    stopped = PersonFacts(1, zone="UTC", stopped=True)
    assert next_permitted(stopped, Channel.VOICE, AddressFacts(NUMBER), RULES, [], NOON, COLD) is None


def test_next_permitted_asks_in_the_way_of_the_approach_and_on_its_channel() -> None:
    """An agent who waits may repeat an abandoned call at once; cold it takes three days."""
    person, address = PersonFacts(1, zone="UTC", granted=frozenset({"email"})), AddressFacts(NUMBER)
    ledger = [ago(1, "abandoned")]
    cold = next_permitted(person, Channel.VOICE, address, RULES, ledger, NOON, COLD)
    assert cold == NOON.replace(day=27) - HOUR
    assert next_permitted(person, Channel.VOICE, address, RULES, ledger, NOON, HELD) == NOON
    assert next_permitted(person, Channel.EMAIL, address, RULES, [], NOON, COLD) == NOON
    assert next_permitted(person, Channel.SMS, address, RULES, [], NOON, COLD) is None
    assert next_permitted(person, Channel.VOICE, address, RULES, [], NOON) is None


def test_next_permitted_gives_up_after_so_many_questions() -> None:
    """Each asks from the instant at which the one before said it would end."""
    person, address = PersonFacts(1, zone="UTC"), AddressFacts(NUMBER)
    ledger = [ago(1, "machine")]
    after = (
        NOON + 23 * HOUR
    )  # noon less one hour, an excluded day: the second question finds the next morning

    def ask_at_most(asks: int) -> datetime | None:
        return next_permitted(person, Channel.VOICE, address, RULES, ledger, NOON, COLD, asks=asks)

    assert after.day == 25
    assert [ask_at_most(asks) for asks in (1, 2)] == [None, None]
    assert ask_at_most(3) == NOON.replace(day=26, hour=9)
