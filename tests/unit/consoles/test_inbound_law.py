"""What the law asks of calls that come in: before the day, and from it on."""

from datetime import UTC, date, datetime

import pytest

from consoles.campaign_law import understood
from consoles.duty_watch import of_inbound
from consoles.inbound import InboundService, InboundWindow, asked_of, breached, law_of
from dialer.model.campaign import CampaignSettings
from portfolio.rule_packs import load_pack

BEGINS = datetime(2026, 12, 27, 23, 0, tzinfo=UTC)
"""Midnight of 28 December in Madrid."""


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        (datetime(2026, 12, 27, 22, 59, 59, tzinfo=UTC), date(2026, 12, 28)),
        (BEGINS, None),
        (datetime(2027, 6, 1, tzinfo=UTC), None),
    ],
)
def test_the_spanish_law_begins_at_midnight_in_madrid(now: datetime, starts: date | None) -> None:
    assert law_of(load_pack("es-collections"), now) == (180.0, 0.95, starts)


def test_a_pack_that_asks_nothing_is_measured_all_the_same() -> None:
    assert law_of(load_pack("mx-collections"), BEGINS) == (180.0, None, None)


@pytest.mark.parametrize(("region", "share"), [("", 0.95), ("ES", 0.95), ("MX", None)])
def test_a_pack_that_cannot_be_read_leaves_it_to_the_law_of_the_country(
    region: str, share: float | None
) -> None:
    settings = CampaignSettings(rule_pack="no-such-pack", region=region)
    assert asked_of(settings, BEGINS) == (180.0, share, None)


def test_settings_of_another_version_take_nobody_elses_law_away() -> None:
    rows = [
        {"id": 1, "settings": '{"mode": "by_thought"}'},
        {"id": 2, "settings": '{"region": "ES"}'},
    ]
    assert understood(rows) == {2: CampaignSettings(region="ES")}


def window(calls: int, in_time: int) -> InboundWindow:
    return InboundWindow(calls=calls, in_time=in_time, gave_up=0, callbacks=0)


def floor(
    month: InboundWindow,
    share: float | None = 0.95,
    starts: date | None = None,
    day: InboundWindow | None = None,
) -> InboundService:
    """A campaign that takes calls."""
    return InboundService(
        campaign_id=1,
        within_seconds=180,
        share=share,
        starts=starts,
        secondary=False,
        day=day or window(0, 0),
        month=month,
    )


@pytest.mark.parametrize(
    ("calls", "in_time", "missed"),
    [
        (0, 0, False),
        (1, 0, False),
        (19, 0, False),  # one call more or less is all there is to know
        (20, 19, False),  # exactly 95 %
        (20, 18, False),  # 90 %, and chance would do that
        (20, 17, True),
        (100, 95, False),
        (100, 92, False),
        (100, 89, True),
        (10_000, 9_500, False),
        (10_000, 9_470, False),
        (10_000, 9_450, True),
    ],
)
def test_the_share_is_missed_where_a_single_call_and_chance_cannot_have_done_it(
    calls: int, in_time: int, missed: bool
) -> None:
    found = window(calls, in_time)
    assert breached(floor(found), found) == missed
    if calls:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= in_time / calls <= found.high


def test_a_law_that_does_not_hold_or_asks_nothing_is_not_missed() -> None:
    bad = window(100, 10)
    assert not breached(floor(bad, starts=date(2026, 12, 28)), bad)
    assert not breached(floor(bad, share=None), bad)


def test_the_alarm_tells_the_figure_its_denominator_and_its_interval() -> None:
    (alarm,) = of_inbound([floor(window(100, 89), day=window(19, 0))], {1: "spring"})
    assert alarm == (
        "inbound_share_low",
        "spring month",
        "89.0% (89/100; 82.8%-93.2%) < 95% / 180 s, month",
    )
