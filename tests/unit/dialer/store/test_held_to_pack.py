"""A supervisor can be stricter than the law, never laxer."""

from datetime import UTC, date, datetime

import pytest

from dialer.model.call import ClockStart
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.store.contact_gate import held_to_pack
from portfolio.rule_packs import load_pack
from portfolio.rule_packs.shelf import SHELF
from tests.unit.portfolio.packs import pack

NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
LAW = datetime(2026, 12, 28, 11, tzinfo=UTC)
"""The first noon under Ley 10/2025."""


def a_campaign(**more: object) -> Campaign:
    settings = CampaignSettings.model_validate({"rule_pack": "default-strict", **more})
    return Campaign(
        id=1,
        code="one",
        name="One",
        trunk="carrier",
        caller_id="+34910000000",
        status=CampaignStatus.RUNNING,
        settings=settings,
        settings_version=1,
    )


def test_the_pack_wins_over_laxer_settings() -> None:
    law = load_pack("default-strict").conduct
    held = held_to_pack(a_campaign(connect_limit=5.0, max_abandonment=0.10, ring_limit=15.0), NOON).settings
    assert held.connect_limit == law.connect_limit_seconds
    assert held.max_abandonment == law.max_abandonment
    assert held.ring_limit >= law.minimum_ring_seconds


def test_stricter_settings_stand() -> None:
    strict = a_campaign(
        connect_limit=0.5, max_abandonment=0.0, ring_limit=60.0, clock_start=ClockStart.ANSWERED
    )
    assert held_to_pack(strict, NOON).settings == strict.settings


def test_the_windows_and_the_minimum_ring_come_from_the_pack() -> None:
    held = held_to_pack(a_campaign(), NOON)
    assert [window.name for window in held.windows] == ["calendar_day", "rolling_24h", "rolling_30d"]
    assert held.minimum_ring == load_pack("default-strict").conduct.minimum_ring_seconds


def test_the_pack_says_whether_the_law_counts_who_hung_up_in_silence() -> None:
    assert held_to_pack(a_campaign(rule_pack="default-strict"), NOON).unserved_by_law
    assert not held_to_pack(a_campaign(rule_pack="us-collections"), NOON).unserved_by_law


def test_the_pack_says_from_which_day_on_the_case_number_is_told() -> None:
    spain = a_campaign(rule_pack="es-collections")
    assert [held_to_pack(spain, at).tells_case_number for at in (NOON, LAW)] == [False, True]
    assert held_to_pack(
        a_campaign(rule_pack="es-collections", inbound_case_number=True), NOON
    ).tells_case_number
    assert not held_to_pack(a_campaign(rule_pack="us-collections"), LAW).tells_case_number


def test_an_unknown_pack_changes_nothing_as_nobody_is_called_under_it() -> None:
    lost = a_campaign(rule_pack="no-such-pack")
    assert held_to_pack(lost, NOON) == lost


def test_conduct_with_a_date_holds_from_that_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stricter = {**pack().conduct.model_dump(mode="json"), "max_abandonment": 0.01}
    dated = pack(changes=[{"effective_from": date(2026, 12, 28), "conduct": stricter}])
    monkeypatch.setitem(SHELF._own, "casa", (1, dated))  # as a firm publishes it
    campaign = a_campaign(rule_pack="casa", max_abandonment=0.05)
    held = [held_to_pack(campaign, at).settings.max_abandonment for at in (NOON, LAW)]
    assert held == [0.03, 0.01]


@pytest.mark.parametrize(
    ("shown", "registered", "rules"),
    [
        ("+34910000000", True, ["", ""]),
        ("+34910000000", False, ["", "caller_id_unregistered"]),
        ("+34612345678", True, ["caller_id_prefix", "caller_id_prefix"]),
        ("", False, ["caller_id_hidden", "caller_id_hidden"]),
    ],
)
def test_the_number_a_campaign_shows_is_judged_by_the_day(
    shown: str, registered: bool, rules: list[str]
) -> None:
    """Before and under the Spanish law of 28 December 2026."""
    campaign = a_campaign(rule_pack="es-collections")
    campaign = campaign.model_copy(update={"caller_id": shown, "caller_registered": registered})
    assert [held_to_pack(campaign, at).caller_id_refused for at in (NOON, LAW)] == rules
