"""What is known of a call, in the person's own day."""

from datetime import UTC, datetime, timedelta

import numpy as np

from dialer.store.lead_facts import LeadFact, features_of

AT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
"""Monday night in London, Tuesday half past midnight in Madrid, Monday evening in Bogotá."""


def test_hour_and_weekday_are_the_persons() -> None:
    zones = ("Europe/London", "Europe/Madrid", "America/Bogota", None, "Not/AZone", "../etc/passwd")
    found = features_of([LeadFact(1, 2, AT, zone) for zone in zones])
    assert found.hour[:3].tolist() == [23.5, 0.5, 18.5]
    assert np.isnan(found.hour[3:]).all()
    assert found.weekday.tolist() == [0, 1, 0, -1, -1, -1]


def test_counts_are_of_attempts_before_and_ages_in_days() -> None:
    known = LeadFact(
        campaign_id=1,
        list_id=2,
        at=AT,
        kind="mobile",
        phone_attempts=2,
        lead_attempts=3,
        last_outcome="busy",
        known_at=AT - timedelta(days=10),
        answered_at=AT - timedelta(hours=12),
    )
    found = features_of([known, LeadFact(1, 2, AT)])
    assert (found.attempt.tolist(), found.lead_attempt.tolist()) == ([3, 1], [4, 1])
    assert (found.known_days[0], found.answered_days[0]) == (10.0, 0.5)
    assert np.isnan(found.known_days[1])
    assert np.isnan(found.answered_days[1])
    assert (found.kind.tolist(), found.last_outcome.tolist()) == (["mobile", ""], ["busy", ""])


def test_no_facts_are_no_features() -> None:
    assert len(features_of([])) == 0
