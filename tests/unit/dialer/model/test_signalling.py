"""What the network says of a call, as an outcome with its blame and advice."""

import pytest

from dialer.model.outcomes import VERDICTS, Blame, Outcome, Retry
from dialer.model.signalling import (
    HEARD_OUTCOMES,
    heard_outcome,
    outcome_of_signalling,
    sip_status,
)


@pytest.mark.parametrize(
    ("cause", "words", "outcome"),
    [
        (17, "SIP 486", Outcome.BUSY),
        (17, "SIP 600", Outcome.BUSY),
        (19, "SIP 480", Outcome.NO_ANSWER),
        (18, "SIP 408", Outcome.NO_ANSWER),
        (20, "", Outcome.UNREACHABLE),
        (1, "SIP 404", Outcome.UNALLOCATED),
        (1, "SIP 604", Outcome.UNALLOCATED),
        (28, "SIP 484", Outcome.UNALLOCATED),
        (22, "SIP 410", Outcome.NUMBER_CHANGED),
        (21, "", Outcome.REJECTED),
        (21, "SIP 603", Outcome.DECLINED),
        (21, "SIP 607", Outcome.UNWANTED),
        (21, "SIP 608", Outcome.CALLER_BLOCKED),
        (21, "SIP 403", Outcome.BARRED),
        (21, "SIP 407", Outcome.BARRED),
        (58, "SIP 488", Outcome.BARRED),
        (34, "SIP 503", Outcome.CONGESTION),
        (38, "SIP 500", Outcome.CARRIER_FAILURE),
        (0, "SIP 599", Outcome.CARRIER_FAILURE),
        (127, "", Outcome.CARRIER_FAILURE),
        (0, "", Outcome.UNKNOWN),
        (99, "SIP 499", Outcome.UNKNOWN),
    ],
)
def test_the_status_says_more_than_the_cause(cause: int, words: str, outcome: Outcome) -> None:
    assert outcome_of_signalling(cause, sip_status(words)) is outcome


def test_a_decline_is_the_persons_and_a_forbidden_call_is_ours() -> None:
    assert VERDICTS[Outcome.DECLINED].blame is Blame.CALLEE
    assert VERDICTS[Outcome.CALLER_BLOCKED].blame is Blame.OURS
    assert VERDICTS[Outcome.BARRED].blame is Blame.OURS
    assert VERDICTS[Outcome.BARRED].retry is Retry.SOON


@pytest.mark.parametrize("words", ["", "SIP", "SIP abc", "Q.850 16", "SIP 4860"])
def test_words_without_a_status(words: str) -> None:
    assert sip_status(words) is None


def test_a_tone_that_is_not_listed_is_an_announcement() -> None:
    assert heard_outcome("unheard of") is Outcome.INTERCEPT
    assert set(HEARD_OUTCOMES.values()) <= set(Outcome)
