"""By when a complaint is answered."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from portfolio.contact_rules import deadline
from portfolio.rule_packs import BrokenPack, built_in, load_pack, read_pack
from tests.unit.portfolio.packs import SOURCE, pack
from tests.unit.portfolio.rule_packs.test_rule_packs import text_of

MADRID = ZoneInfo("Europe/Madrid")
LAW = load_pack("es-collections")


def asks(days: int, **more: object) -> dict[str, object]:
    """A law on complaints."""
    return {
        "answered_within_seconds": 180,
        "answered_share": 0.95,
        "complaint_working_days": days,
        "complaint_country": "ES",
        **SOURCE,
        **more,
    }


def test_fifteen_working_days_of_spain_from_28_december_2026_on() -> None:
    """29-31 Dec, 4-5 and 7-8 Jan, 11-15, 18-20: the first, the sixth and the weekends are none."""
    assert deadline(LAW, datetime(2026, 12, 27, 23, 59, 59, tzinfo=MADRID)) is None
    found = deadline(LAW, datetime(2026, 12, 28, tzinfo=MADRID))
    assert found is not None
    assert found.due_on == date(2027, 1, 20)
    assert found.until == datetime(2027, 1, 21, tzinfo=MADRID)
    assert "secondary sources only" in found.source


def test_the_last_day_is_whole_also_when_the_clock_changes() -> None:
    found = deadline(LAW, datetime(2027, 3, 8, 12, tzinfo=MADRID))
    assert found is not None
    assert (found.due_on, found.until) == (date(2027, 3, 30), datetime(2027, 3, 30, 22, tzinfo=UTC))


def test_the_deadline_is_data_of_the_pack() -> None:
    opened = datetime(2027, 2, 1, 12, tzinfo=UTC)
    ten = deadline(pack(inbound=asks(10)), opened)
    six_days = deadline(pack(inbound=asks(10, complaint_weekdays=["monday", "saturday"])), opened)
    assert (ten and ten.due_on, six_days and six_days.due_on) == (date(2027, 2, 15), date(2027, 3, 8))


@pytest.mark.parametrize(
    "name", [name for name in built_in() if name not in ("es-collections", "default-strict")]
)
def test_a_pack_without_the_rule_sets_no_deadline(name: str) -> None:
    assert deadline(load_pack(name), datetime(2027, 2, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("ago", range(0, 400, 7))
def test_it_is_a_working_day_and_never_further_than_the_calendar_allows(ago: int) -> None:
    """Another way to count: strike out what is free between the two days."""
    opened = datetime(2027, 1, 4, 15, tzinfo=MADRID) + timedelta(days=ago)
    found = deadline(LAW, opened)
    assert found is not None
    days = [opened.date() + timedelta(days=n) for n in range(1, (found.due_on - opened.date()).days + 1)]
    free = {day for year in (2027, 2028) for day in LAW.calendar("ES", "", year) or ()}
    assert len([day for day in days if day.isoweekday() < 6 and day not in free]) == 15
    assert found.due_on.isoweekday() < 6


def test_the_pack_s_own_examples_guard_the_deadline() -> None:
    (law,) = LAW.model_dump(mode="json")["changes"]
    for weak in (14, 16, None):
        with pytest.raises(BrokenPack):
            read_pack(
                text_of(
                    "es-collections",
                    changes=[{**law, "inbound": {**law["inbound"], "complaint_working_days": weak}}],
                )
            )


@pytest.mark.parametrize(
    "wrong",
    [{"complaint_country": None}, {"complaint_weekdays": []}, {"complaint_zone": "Europe/Atlantis"}],
)
def test_a_deadline_that_nobody_could_reckon_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        pack(inbound=asks(15, **wrong))
