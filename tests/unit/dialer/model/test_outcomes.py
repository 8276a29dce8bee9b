"""Whose doing an outcome is decides whether it counts as a call to the person."""

import pytest

from dialer.model.outcomes import VERDICTS, Blame, Outcome, spares

BROKEN = {Outcome.CONGESTION, Outcome.CARRIER_FAILURE, Outcome.BARRED, Outcome.CALLER_BLOCKED}


def test_what_the_network_or_we_broke_is_no_call_to_the_person() -> None:
    assert {outcome for outcome in Outcome if spares(outcome, rang=False)} >= BROKEN


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_telephone_that_rang_counts_whoever_broke_the_call_but_where_nobody_could_hear(
    outcome: Outcome,
) -> None:
    """Answered without a codec in common is the network's or ours (issue 13), and rests for hours instead."""
    assert spares(outcome, rang=True) is (outcome is Outcome.NO_MEDIA)


@pytest.mark.parametrize("outcome", [one for one in Outcome if VERDICTS[one].blame is Blame.CALLEE])
def test_what_the_other_side_did_always_counts(outcome: Outcome) -> None:
    assert not spares(outcome, rang=False)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.LOST, Outcome.UNKNOWN, Outcome.INTERCEPT])
def test_where_nobody_knows_whether_it_rang_it_counts(outcome: Outcome) -> None:
    assert not spares(outcome, rang=False)
