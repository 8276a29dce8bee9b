"""What the network says of a call, as an outcome with its blame and advice."""

import pytest

from dialer.model.outcomes import VERDICTS, Blame, Outcome, Retry
from dialer.model.signalling import (
    HEARD_OUTCOMES,
    heard_outcome,
    no_common_codec,
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
        (0, "SIP 500", Outcome.CARRIER_FAILURE),
        (0, "SIP 700", Outcome.UNKNOWN),
        (17, "SIP 599", Outcome.BUSY),
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


OF = Outcome
BY_STATUS = {
    OF.BARRED: (401, 402, 403, 407, 415, 488, 606),
    OF.UNALLOCATED: (404, 484, 485, 604),
    OF.NO_ANSWER: (408, 480, 487),
    OF.NUMBER_CHANGED: (410,),
    OF.BUSY: (486, 600),
    OF.CONGESTION: (503,),
    OF.DECLINED: (603,),
    OF.UNWANTED: (607,),
    OF.CALLER_BLOCKED: (608,),
    OF.CARRIER_FAILURE: (500, 501, 502, 504, 505, 513, 580),
    OF.UNKNOWN: (100, 200, 300, 400, 499, 699),
}
"""RFC 3261 chapter 21, with 607 and 608 of RFC 8197 and RFC 8688; the cause says nothing."""
BY_CAUSE = {
    OF.UNALLOCATED: (1, 28),  # unallocated; number incomplete
    OF.CARRIER_FAILURE: (2, 3, 27, 38, 41, 58, 127),  # no route, out of order, failure, bearer, interworking
    OF.INTERCEPT: (4,),  # send special information tone
    OF.NO_ANSWER: (16, 18, 19, 26, 31, 102),  # cleared, no response, no answer, timer
    OF.BUSY: (17,),
    OF.UNREACHABLE: (20,),  # subscriber absent
    OF.REJECTED: (21,),
    OF.NUMBER_CHANGED: (22,),
    OF.CONGESTION: (34, 42, 44),  # no circuit, switching congestion, channel not available
    OF.BARRED: (50, 52, 57),  # facility not subscribed, outgoing calls barred, bearer not authorised
    OF.UNKNOWN: (0, 5, 29, 43, 99, 111),
}
"""ITU-T Q.850 table 1, without a status."""
DOING = {
    Blame.CALLEE: {
        OF.CONVERSATION, OF.MACHINE, OF.MESSAGE_LEFT, OF.FAX, OF.HUNG_UP_EARLY, OF.BUSY, OF.NO_ANSWER,
        OF.REJECTED, OF.UNREACHABLE, OF.UNALLOCATED, OF.NUMBER_CHANGED, OF.GAVE_UP, OF.CALLBACK_TAKEN,
        OF.DECLINED, OF.UNWANTED,
    },
    Blame.CARRIER: {
        OF.INTERCEPT, OF.CONGESTION, OF.CARRIER_FAILURE, OF.ONE_WAY_AUDIO, OF.NO_MEDIA,
        OF.UNKNOWN,
    },
    Blame.OURS: {OF.ABANDONED, OF.BARRED, OF.CALLER_BLOCKED, OF.CANCELLED, OF.UNSERVED, OF.LOST},
}  # fmt: skip
"""Whoever answered us and got nobody is on our account, whatever failed."""
AGAIN = {
    Retry.DONE: {OF.CONVERSATION},
    Retry.NEVER: {OF.FAX},
    Retry.DAY: {OF.UNALLOCATED, OF.NUMBER_CHANGED},
    Retry.TOMORROW: {OF.NO_MEDIA},
    Retry.SILENCE: {OF.UNWANTED},
    Retry.SOON: {OF.BUSY, OF.BARRED, OF.CALLER_BLOCKED, OF.CONGESTION, OF.CARRIER_FAILURE, OF.CALLBACK_TAKEN},
}
"""The rest: later."""


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(status, outcome) for outcome, statuses in BY_STATUS.items() for status in statuses],
)
def test_every_status(status: int, outcome: Outcome) -> None:
    assert outcome_of_signalling(0, status) is outcome


@pytest.mark.parametrize(
    ("cause", "outcome"), [(cause, outcome) for outcome, causes in BY_CAUSE.items() for cause in causes]
)
def test_every_cause(cause: int, outcome: Outcome) -> None:
    assert outcome_of_signalling(cause) is outcome


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("busy", OF.BUSY),
        ("congestion", OF.CONGESTION),
        ("unallocated", OF.UNALLOCATED),
        ("number_changed", OF.NUMBER_CHANGED),
        ("intercept", OF.INTERCEPT),
        ("no_answer", OF.NO_ANSWER),
        ("unreachable", OF.UNREACHABLE),
        ("rejected", OF.REJECTED),
        ("voicemail", OF.MACHINE),
        ("fax", OF.FAX),
    ],
)
def test_every_tone_and_announcement(word: str, outcome: Outcome) -> None:
    assert heard_outcome(word) is outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_whose_doing_it_was_and_whether_to_try_again(outcome: Outcome) -> None:
    assert outcome in DOING[VERDICTS[outcome].blame]
    told = [retry for retry, outcomes in AGAIN.items() if outcome in outcomes]
    assert [VERDICTS[outcome].retry] == (told or [Retry.LATER])


@pytest.mark.parametrize(
    ("cause", "status", "none"),
    [
        *((0, status, True) for status in (488, 606)),
        *((cause, None, True) for cause in (58, 65, 88)),
        *((cause, None, False) for cause in (16, 57, 59, 66, 89)),
        *((0, status, False) for status in (200, 486, 489, 503, 607)),
        (58, 486, False),  # the status says more than the cause that Asterisk makes of it
    ],
)
def test_a_codec_in_common_is_wanting_by_the_status_or_else_by_the_cause(
    cause: int, status: int | None, none: bool
) -> None:
    assert no_common_codec(cause, status) is none
