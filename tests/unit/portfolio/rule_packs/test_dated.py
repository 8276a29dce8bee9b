"""Rules with a date of effect: the day before, and the day of."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from portfolio.contact_rules import AddressFacts, Channel, PersonFacts, Refused, may_contact
from portfolio.rule_packs import BrokenPack, load_pack, read_pack
from tests.unit.portfolio.packs import SOURCE, cap, pack
from tests.unit.portfolio.rule_packs.test_rule_packs import text_of

MADRID = ZoneInfo("Europe/Madrid")


def change(day: date, **parts: Any) -> dict[str, Any]:
    """A change of law in Spain."""
    return {"effective_from": day, "zone": "Europe/Madrid", **parts}


def test_the_spanish_law_of_28_december_2026() -> None:
    """Until the last second of the 27th the old rules hold, from midnight on the new ones."""
    law = load_pack("es-collections")
    before = law.at(datetime(2026, 12, 27, 23, 59, 59, tzinfo=MADRID))
    after = law.at(datetime(2026, 12, 28, tzinfo=MADRID))
    assert before is law
    assert (before.caller_id is not None and before.caller_id.must_be) == "presented"
    assert before.inbound is None
    assert after.caller_id is not None
    assert (after.caller_id.must_be, after.caller_id.not_prefixes) == ("registered", ("+346", "+347"))
    assert after.inbound is not None
    assert (after.inbound.answered_within_seconds, after.inbound.answered_share) == (180, 0.95)
    assert after.inbound.complaint_working_days == 15
    assert "secondary sources only" in after.inbound.source
    assert (after.caps, after.hours, after.conduct) == (before.caps, before.hours, before.conduct)


def test_a_later_change_builds_on_the_one_before() -> None:
    two = pack(
        changes=[
            change(date(2027, 1, 1), caps=[cap(3, 24)]),
            change(date(2027, 2, 1), caller_id={"must_be": "registered", **SOURCE}),
        ]
    )
    january, february = (two.at(datetime(2027, month, 15, tzinfo=MADRID)) for month in (1, 2))
    assert (len(two.caps), len(january.caps), len(february.caps)) == (0, 1, 1)
    assert (january.caller_id, february.caller_id is not None) == (None, True)
    assert two.memory == january.memory  # the ledger is read for what is coming, too
    assert two.at(datetime(2027, 1, 15, tzinfo=MADRID)) is january


def test_conduct_countries_and_forbidden_numbers_change_on_a_day_too() -> None:
    conduct = {**pack().conduct.model_dump(mode="json"), "max_abandonment": 0.01, "minimum_ring_seconds": 25}
    rules = pack(
        countries={"codes": ["ES"], "such_as": "+34600000001", **SOURCE},
        changes=[
            change(
                date(2027, 1, 1),
                conduct=conduct,
                countries={"codes": ["ES", "PT"], "such_as": "+34600000001", **SOURCE},
                forbidden_prefixes={"starts": ["+34600"], **SOURCE},
            )
        ],
    )
    eve, day = (datetime(*on, 12, tzinfo=MADRID) for on in ((2026, 12, 31), (2027, 1, 1)))
    assert (rules.at(eve).conduct.max_abandonment, rules.at(day).conduct.max_abandonment) == (0.03, 0.01)

    def said(number: str, at: datetime) -> str:
        verdict = may_contact(PersonFacts(1, zone="UTC"), Channel.VOICE, AddressFacts(number), rules, [], at)
        return verdict.rule if isinstance(verdict, Refused) else ""

    assert [said("+351912345678", at) for at in (eve, day)] == ["country_not_listed", ""]
    assert [said("+34600000001", at) for at in (eve, day)] == ["", "special_number"]


def test_hours_that_change_are_not_remembered_from_before() -> None:
    """Openings are remembered per set of rules, never across a change."""
    law = load_pack("es-collections")
    after = law.at(datetime(2026, 12, 28, tzinfo=MADRID))
    assert after.openings is not law.openings


@pytest.mark.parametrize(
    "changes",
    [
        [change(date(2027, 1, 1))],
        [change(date(2027, 2, 1), caps=[]), change(date(2027, 1, 1), caps=[])],
        [change(date(2027, 1, 1), caps=[]), change(date(2027, 1, 1), silences=[])],
        [{**change(date(2027, 1, 1), caps=[]), "zone": "Europe/Atlantis"}],
        [change(date(2027, 1, 1), conduct={})],
        [change(date(2027, 1, 1), countries={"codes": []})],
        [change(date(2027, 1, 1), channels=["sms"])],
    ],
    ids=["nothing", "out of order", "twice a day", "no such zone", "conduct", "countries", "channels"],
)
def test_a_change_that_cannot_be_kept_is_refused(changes: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        pack(changes=changes)


def test_the_pack_s_own_examples_guard_the_date() -> None:
    """A day later, and a case of the law fails."""
    data = load_pack("es-collections").model_dump(mode="json")["changes"]
    later = [{**data[0], "effective_from": "2026-12-29"}]
    for weak in (later, []):
        with pytest.raises(BrokenPack):
            read_pack(text_of("es-collections", changes=weak))
