"""The fingerprint of what a campaign's leads are judged by."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.model.campaign import BESIDE_THE_GATE, Campaign, CampaignSettings
from dialer.store.rules_digest import rules_digest
from tests.unit.dialer.store.test_held_to_pack import a_campaign
from tests.unit.portfolio.packs import cap, every_day, pack

NOW = datetime(2026, 11, 24, 11, tzinfo=UTC)
RULES = pack()


def other(campaign: Campaign, **more: object) -> bool:
    return rules_digest(campaign.model_copy(update=more), RULES, NOW) != rules_digest(campaign, RULES, NOW)


@pytest.mark.parametrize(
    "more",
    [
        {"rule_pack": "lab-open"},
        {"creditor": "Banco"},
        {"language": "en"},
        {"match_language": True},
        {"creditor_licence": True},
        {"rotate_numbers": False},
        {"best_hour": 2.0},
        {"mode": "preview", "care": True},
        {"zone": "America/Mexico_City"},
    ],
)
def test_a_setting_that_the_gate_looks_at_is_another_rule(more: dict[str, object]) -> None:
    first, second = a_campaign(), a_campaign(**more)
    assert rules_digest(first, RULES, NOW) != rules_digest(second, RULES, NOW)


def test_a_setting_of_the_pace_is_none_and_each_of_those_exists() -> None:
    assert set(CampaignSettings.model_fields) >= BESIDE_THE_GATE
    first, second = a_campaign(), a_campaign(boost=2.0, max_lines=3, wrap_limit=9.0)
    assert rules_digest(first, RULES, NOW) == rules_digest(second, RULES, NOW)


def test_who_works_here_and_which_number_is_shown_are_rules() -> None:
    campaign = a_campaign()
    assert other(campaign, staffed=frozenset({"lang-en"}))
    assert other(campaign, caller_id="+34910000001")
    assert other(campaign, caller_registered=True)
    assert not other(campaign, name="Two", settings_version=9)


def test_another_pack_or_one_that_cannot_be_used_is_another_rule() -> None:
    campaign = a_campaign()
    packs = [None, RULES, pack(caps=[cap(3, 24)]), pack(windows=every_day("09:00", "20:00"))]
    assert len({rules_digest(campaign, one, NOW) for one in packs}) == len(packs)


def test_a_dated_change_is_another_rule_from_its_day_on() -> None:
    change = {"effective_from": date(2026, 11, 25), "zone": "UTC", "caps": [cap(3, 24)]}
    rules, campaign = pack(changes=[change]), a_campaign()
    at = [rules_digest(campaign, rules, NOW + timedelta(hours=hours)) for hours in (0, 12, 13, 40)]
    assert at[0] == at[1] != at[2] == at[3]


def test_every_process_says_the_same() -> None:
    """Whatever order its sets have."""
    script = (
        "from portfolio.rule_packs import load_pack; print(load_pack('es-collections').digest,"
        " load_pack('us-collections').digest)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
