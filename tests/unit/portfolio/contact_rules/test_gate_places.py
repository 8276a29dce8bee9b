"""Where the called person may be, of which country the number is, and which number of ours is shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    Permitted,
    PersonFacts,
    Refused,
    RulePack,
    may_contact,
)
from portfolio.contact_rules.gate import zones_in_doubt
from tests.unit.portfolio.contact_rules.test_gate import COLD, NOON, NUMBER, RULES
from tests.unit.portfolio.packs import SOURCE, every_day, pack

MADRID, CANARY, RECIFE = "Europe/Madrid", "Atlantic/Canary", "America/Recife"


@pytest.mark.parametrize(
    ("told", "of_region", "of_number", "all_of"),
    [
        (RECIFE, (MADRID,), (CANARY,), (RECIFE,)),
        (None, (), (MADRID, CANARY), (MADRID, CANARY)),
        (None, (MADRID, CANARY), (), (MADRID, CANARY)),
        (None, (), (), ()),
        (None, (CANARY,), (MADRID, CANARY), (CANARY,)),
        (None, (CANARY, MADRID), (MADRID,), (MADRID,)),
        (None, (RECIFE,), (MADRID, CANARY), (RECIFE, MADRID, CANARY)),
    ],
)
def test_region_and_number_narrow_each_other_and_both_hold_where_they_contradict(
    told: str | None, of_region: tuple[str, ...], of_number: tuple[str, ...], all_of: tuple[str, ...]
) -> None:
    person = PersonFacts(1, zone=told, zones=of_region)
    assert zones_in_doubt(person, AddressFacts(NUMBER, zones=of_number)) == all_of


def refused(number: str = NUMBER, how: Approach = COLD, rules: RulePack = RULES) -> list[tuple[str, str]]:
    """Rules that refuse a call, with what is said beside them."""
    address = AddressFacts(number, zones=(MADRID,))
    verdict = may_contact(PersonFacts(1, zone=MADRID), Channel.VOICE, address, rules, (), NOON, how)
    return [(one.rule, one.detail) for one in verdict.detail] if isinstance(verdict, Refused) else []


@pytest.mark.parametrize(("number", "country"), [("+5215512345678", "MX"), ("+999123456789", "?")])
def test_a_country_that_is_not_listed_is_named(number: str, country: str) -> None:
    assert ("country_not_listed", country) in refused(number)


def test_a_number_of_ours_that_must_not_be_shown_is_told_with_its_kind() -> None:
    """A mobile of ours among the prefixes that are barred, however right the rest is."""
    barred = {"must_be": "registered", "not_prefixes": ["+346", "+347"], **SOURCE}
    rules = pack(windows=every_day("09:00", "19:00"), caller_id=barred)
    mobile = replace(COLD, caller_id="+34612345678")
    assert refused(how=mobile, rules=rules) == [("caller_id_prefix", "not +346, +347")]
    assert refused(rules=rules) == []


def test_an_instant_of_another_clock_is_the_same_instant_and_one_without_a_clock_is_none() -> None:
    address, person = AddressFacts(NUMBER, zones=(MADRID,)), PersonFacts(1, zone=MADRID)
    abroad = timezone(timedelta(hours=-9))
    late = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
    for instant, kind in ((NOON, Permitted), (late, Refused)):
        for said in (instant, instant.astimezone(abroad)):
            assert isinstance(may_contact(person, Channel.VOICE, address, RULES, (), said, COLD), kind)
    with pytest.raises(ValueError, match=r"^a naive datetime has no place in the contact rules$"):
        may_contact(person, Channel.VOICE, address, RULES, (), NOON.replace(tzinfo=None), COLD)
