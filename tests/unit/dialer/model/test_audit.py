"""How often a machine verdict is wrong, and how sure we are of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.audit import Audits, error_share, expected_error, upper_bound, usual_error
from dialer.model.call import CallLimits
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus, Screening
from portfolio.contact_rules import AbandonmentWindow


@pytest.mark.parametrize(
    ("audits", "bound"),
    [
        # Exact one-sided 95 % bounds; with 0 of n it is 1 - 0.05 ** (1 / n).
        (Audits(0, 0), 1.0),
        (Audits(300, 0), 0.00994),
        (Audits(500, 1), 0.00945),
        (Audits(20, 2), 0.28262),
        (Audits(10, 10), 1.0),
    ],
)
def test_the_bound_is_clopper_and_pearsons(audits: Audits, bound: float) -> None:
    assert upper_bound(audits) == pytest.approx(bound, abs=1e-4)


@given(st.integers(1, 2000), st.data())
def test_the_bound_lies_above_what_was_found(n: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, n))
    assert wrong / n <= upper_bound(Audits(n, wrong)) <= 1.0
    assert upper_bound(Audits(n, wrong), 0.99) >= upper_bound(Audits(n, wrong), 0.95) - 1e-9


def test_the_estimate_begins_with_the_models_word_and_ends_with_the_audits() -> None:
    expected = usual_error(0.02)
    assert expected == pytest.approx(0.01 / 0.70)
    assert usual_error(0.005) == pytest.approx(0.005 / 0.695)
    assert expected_error(0.29, 0.85) == pytest.approx(0.29 / 1.14)
    assert error_share(Audits(), expected) == pytest.approx(expected)
    assert error_share(Audits(10_000, 800), expected) == pytest.approx(0.08, abs=0.001)
    assert expected_error(0.0) == 0.0


def campaign(limit: float | None = None, **more: object) -> Campaign:
    return Campaign(
        id=1, code="a", name="A", trunk="t", caller_id="+34910000000", status=CampaignStatus.RUNNING,
        settings=CampaignSettings(**more), settings_version=1,
        windows=(AbandonmentWindow(name="rolling_24h", limit=limit),),
    )  # fmt: skip


def test_false_machines_come_out_of_the_abandonment_limit() -> None:
    assert campaign().false_machines == pytest.approx(0.02)
    assert campaign(limit=0.015).false_machines == pytest.approx(0.01)
    assert campaign(max_abandonment=0.0).false_machines == 0.0
    assert campaign(false_machines=0.005).false_machines == 0.005


def test_what_a_call_is_expected_to_be_screened_like() -> None:
    usual = CampaignSettings().machine_error
    assert usual == pytest.approx(0.01 / 0.70)
    assert CallLimits().machine_error == pytest.approx(usual, abs=1e-4)
    assert CampaignSettings(screening=Screening.OFF).machine_error == 0.0
    assert CampaignSettings(screening=Screening.AMD).machine_error > 0.2
    assert CampaignSettings().limits().machine_error == pytest.approx(usual, abs=1e-6)


def test_a_setting_cannot_make_the_screening_better_than_it_is_known_for() -> None:
    assert CampaignSettings(screening_errors=0.2).machine_error == 0.2
    assert CampaignSettings(screening_errors=0.0).machine_error == CampaignSettings().machine_error
