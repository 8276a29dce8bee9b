"""A supervisor can be stricter than the law, never laxer."""

from dialer.model.call import ClockStart
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.store.contact_gate import held_to_pack
from portfolio.rule_packs import load_pack


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
    held = held_to_pack(a_campaign(connect_limit=5.0, max_abandonment=0.10, ring_limit=15.0)).settings
    assert held.connect_limit == law.connect_limit_seconds
    assert held.max_abandonment == law.max_abandonment
    assert held.ring_limit >= law.minimum_ring_seconds


def test_stricter_settings_stand() -> None:
    strict = a_campaign(
        connect_limit=0.5, max_abandonment=0.0, ring_limit=60.0, clock_start=ClockStart.ANSWERED
    )
    assert held_to_pack(strict).settings == strict.settings


def test_the_windows_and_the_minimum_ring_come_from_the_pack() -> None:
    held = held_to_pack(a_campaign())
    assert [window.name for window in held.windows] == ["calendar_day", "rolling_24h", "rolling_30d"]
    assert held.minimum_ring == load_pack("default-strict").conduct.minimum_ring_seconds


def test_the_pack_says_whether_the_law_counts_who_hung_up_in_silence() -> None:
    assert held_to_pack(a_campaign(rule_pack="default-strict")).unserved_by_law
    assert not held_to_pack(a_campaign(rule_pack="us-collections")).unserved_by_law


def test_an_unknown_pack_changes_nothing_as_nobody_is_called_under_it() -> None:
    lost = a_campaign(rule_pack="no-such-pack")
    assert held_to_pack(lost) == lost
