"""Calling hours at the corners of the calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portfolio.contact_rules import (
    AddressFacts,
    Channel,
    HolidayLookup,
    Permitted,
    PersonFacts,
    Refused,
    RulePack,
    may_contact,
)
from tests.unit.portfolio.packs import every_day, pack

MADRID, CANARY = "Europe/Madrid", "Atlantic/Canary"


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opening(now: str, rules: RulePack, *zones: str, **person: Any) -> datetime | str | None:
    """'open', or the instant of the next opening."""
    facts = PersonFacts(1, **person)
    verdict = may_contact(
        facts, Channel.VOICE, AddressFacts("+34600000001", zones=zones), rules, [], utc(now)
    )
    return "open" if isinstance(verdict, Permitted) else verdict.until


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # Madrid goes from +1 to +2 on 29 March 2026: nine o'clock is an hour sooner in UTC.
        ("2026-03-28T20:00", "2026-03-29T07:00"),
        ("2026-03-29T06:59:59", "2026-03-29T07:00"),
        ("2026-03-29T07:00", "open"),
        ("2026-03-29T18:59:59", "2026-03-30T07:00"),
        # And back on 25 October.
        ("2026-10-24T20:00", "2026-10-25T08:00"),
        ("2026-10-25T07:30", "2026-10-25T08:00"),
    ],
)
def test_days_on_which_the_clock_changes(now: str, expected: str) -> None:
    """Hours are hours of the wall clock."""
    found = opening(
        now,
        pack(windows=every_day("09:00", "19:00") | {"sunday": [{"start": "09:00", "end": "20:59"}]}),
        MADRID,
    )
    assert found == (expected if expected == "open" else utc(expected))


def test_a_window_that_begins_in_an_hour_that_does_not_exist() -> None:
    """02:30 is skipped in Madrid on 29 March: the window opens at 03:00, when the clock has jumped."""
    rules = pack(windows=every_day("02:30", "04:00"))
    assert opening("2026-03-29T00:00", rules, MADRID) == utc("2026-03-29T01:00")
    assert opening("2026-03-29T01:00", rules, MADRID) == "open"
    assert opening("2026-03-29T02:00", rules, MADRID) == utc("2026-03-30T00:30")


def test_a_window_in_an_hour_that_comes_twice() -> None:
    """02:15–02:45 is open twice in Madrid on 25 October, and closed between."""
    rules = pack(windows=every_day("02:15", "02:45"))
    assert opening("2026-10-25T00:00", rules, MADRID) == utc("2026-10-25T00:15")
    assert opening("2026-10-25T00:45", rules, MADRID) == utc("2026-10-25T01:15")
    assert opening("2026-10-25T01:45", rules, MADRID) == utc("2026-10-26T01:15")


def test_a_window_that_ends_in_an_hour_that_comes_twice_opens_again() -> None:
    """20:00–02:30: when the clock goes from 03:00 back to 02:00 it is open for another half hour."""
    rules = pack(windows=every_day("20:00", "02:30"))
    assert opening("2026-10-25T00:29", rules, MADRID) == "open"
    assert opening("2026-10-25T00:30", rules, MADRID) == utc("2026-10-25T01:00")
    assert opening("2026-10-25T01:29", rules, MADRID) == "open"


def test_midnight_that_does_not_exist() -> None:
    """Beirut jumps from 00:00 to 01:00 on 29 March 2026; a holiday ends with the jump."""
    rules = pack(also=[date(2026, 3, 28)])
    assert opening("2026-03-28T12:00", rules, "Asia/Beirut") == utc("2026-03-28T22:00")


def test_a_window_that_crosses_midnight_belongs_to_the_day_it_starts_on() -> None:
    """Friday 22:00–02:00 is open on Saturday at one, but not on Friday at one."""
    rules = pack(windows={"friday": [{"start": "22:00", "end": "02:00"}]})
    assert opening("2026-11-27T01:00", rules, "UTC") == utc("2026-11-27T22:00")
    assert opening("2026-11-28T01:59:59", rules, "UTC") == "open"
    assert opening("2026-11-28T02:00", rules, "UTC") == utc("2026-12-04T22:00")


def test_a_window_carried_over_from_or_into_an_excluded_day_is_closed() -> None:
    """Both days must be free."""
    windows = every_day("22:00", "02:00")
    assert opening("2026-11-28T01:00", pack(windows=windows, also=[date(2026, 11, 27)]), "UTC") == utc(
        "2026-11-28T22:00"
    )
    assert opening("2026-11-28T01:00", pack(windows=windows, also=[date(2026, 11, 28)]), "UTC") == utc(
        "2026-11-29T22:00"
    )


def test_a_number_of_two_zones_is_called_when_both_are_open() -> None:
    """Nine in the Canaries is ten in Madrid; seven in the evening in Madrid is six there."""
    rules = pack(windows=every_day("09:00", "19:00"))
    assert opening("2026-11-24T08:30", rules, CANARY, MADRID) == utc("2026-11-24T09:00")
    assert opening("2026-11-24T09:00", rules, CANARY, MADRID) == "open"
    assert opening("2026-11-24T18:00", rules, CANARY, MADRID) == utc("2026-11-25T09:00")


def test_zones_so_far_apart_that_they_are_never_open_together() -> None:
    """There is no next time, rather than a wrong one."""
    rules = pack(windows=every_day("09:00", "12:00"))
    assert opening("2026-11-24T10:00", rules, "Europe/Madrid", "Pacific/Auckland") is None


def test_far_zones_meet_at_the_first_instant_of_all() -> None:
    """Honolulu's Tuesday evening is Kiritimati's Wednesday evening, an hour in common."""
    rules = pack(windows=every_day("08:00", "20:00"))
    assert opening("2026-11-24T00:00", rules, "Pacific/Honolulu", "Pacific/Auckland") == "open"
    assert opening("2026-11-24T07:00", rules, "Pacific/Honolulu", "Pacific/Auckland") == utc(
        "2026-11-24T19:00"
    )


def test_a_holiday_is_a_day_of_the_person_not_of_the_server() -> None:
    """Christmas in Mexico begins six hours after it does in UTC, and ends six hours later."""
    rules = pack(also=[date(2026, 12, 25)])
    mexico = "America/Mexico_City"
    assert opening("2026-12-25T05:59", rules, mexico) == "open"
    assert opening("2026-12-25T06:00", rules, mexico) == utc("2026-12-26T06:00")


def test_a_closed_pack_never_opens() -> None:
    """A pack without a window is closed."""
    assert opening("2026-11-24T10:00", pack(windows={"monday": []}), "UTC") is None


def _regional(country: str, region: str | None, year: int) -> frozenset[date] | None:
    """Tuesday everywhere, Wednesday in one region."""
    if country != "ES":
        return None
    return frozenset({date(2026, 11, 24)} | ({date(2026, 11, 25)} if region in ("CT", None) else set()))


@pytest.mark.parametrize(
    ("region", "unknown_region", "expected"),
    [
        ("MD", "every_region", "2026-11-25T00:00"),
        ("CT", "every_region", "2026-11-26T00:00"),
        (None, "every_region", "2026-11-26T00:00"),
        (None, "national", "2026-11-25T00:00"),
    ],
)
def test_public_holidays(region: str | None, unknown_region: str, expected: str) -> None:
    """Of the person's region; of every region when it is not known and the pack is strict."""
    calendar: HolidayLookup = _regional
    rules = pack(public_holidays=True, calendar=calendar, unknown_region=unknown_region)
    assert opening("2026-11-24T10:00", rules, "UTC", country="ES", region=region) == utc(expected)


@pytest.mark.parametrize("country", [None, "ZZ"])
def test_holidays_that_are_not_known_refuse(country: str | None) -> None:
    """A pack without a calendar refuses too."""
    for rules in (pack(public_holidays=True, calendar=_regional), pack(public_holidays=True)):
        facts = PersonFacts(1, zone="UTC", country=country)
        now = utc("2026-11-23T10:00") + timedelta(days=2)
        verdict = may_contact(facts, Channel.VOICE, AddressFacts("+34600000001"), rules, [], now)
        assert isinstance(verdict, Refused)
        assert (verdict.rule, verdict.until) == ("holidays_unknown", None)
