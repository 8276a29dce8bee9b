"""Whose doing an outcome is decides whether it counts as a call to the person."""

import pytest

from dialer.model.outcomes import VERDICTS, Blame, Outcome, spares, tells_of_nobody

BROKEN = {Outcome.CONGESTION, Outcome.CARRIER_FAILURE, Outcome.BARRED, Outcome.CALLER_BLOCKED}


def test_what_the_network_or_we_broke_is_no_call_to_the_person() -> None:
    assert {outcome for outcome in Outcome if spares(outcome, rang=False)} >= BROKEN


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_telephone_that_rang_counts_whoever_broke_the_call(outcome: Outcome) -> None:
    """Also where nobody could hear anybody: spared, who has no codec of ours would be rung for ever."""
    assert not spares(outcome, rang=True)
    assert tells_of_nobody(outcome, rang=True) is (outcome is Outcome.NO_MEDIA)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_was_no_call_tells_nothing_of_who_answers(outcome: Outcome) -> None:
    assert tells_of_nobody(outcome, rang=False) is spares(outcome, rang=False)


@pytest.mark.parametrize("outcome", [one for one in Outcome if VERDICTS[one].blame is Blame.CALLEE])
def test_what_the_other_side_did_always_counts(outcome: Outcome) -> None:
    assert not spares(outcome, rang=False)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.LOST, Outcome.UNKNOWN, Outcome.INTERCEPT])
def test_where_nobody_knows_whether_it_rang_it_counts(outcome: Outcome) -> None:
    assert not spares(outcome, rang=False)
