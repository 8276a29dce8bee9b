"""What becomes of a lead."""

from datetime import timedelta

import pytest

from dialer.model.call import CallEvent, CallEventKind
from dialer.model.outcomes import VERDICTS, Outcome, Retry
from dialer.store.lead_advice import DELAYS, LeadAdvice, kills, lead_advice, rest_after_failure


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_advice(outcome: Outcome) -> None:
    expected = {
        Retry.LATER: LeadAdvice(DELAYS[Retry.LATER]),
        Retry.SOON: LeadAdvice(DELAYS[Retry.SOON]),
        Retry.DONE: LeadAdvice(None),
        Retry.DAY: LeadAdvice(DELAYS[Retry.DAY], refused=True),
        Retry.TOMORROW: LeadAdvice(DELAYS[Retry.TOMORROW]),
        Retry.SILENCE: LeadAdvice(None, silenced=True),
        Retry.NEVER: LeadAdvice(None, dead=True),
    }
    assert lead_advice(outcome) == expected[VERDICTS[outcome].retry]


def test_later_is_later_than_soon() -> None:
    assert DELAYS[Retry.LATER] > DELAYS[Retry.SOON]


@pytest.mark.parametrize(
    ("kind", "vacant", "dead"),
    [
        (CallEventKind.HEARD, True, True),
        (CallEventKind.HEARD, False, False),
        (CallEventKind.HUNG_UP, True, False),
    ],
)
def test_only_an_information_tone_that_was_heard_kills_at_once(
    kind: CallEventKind, vacant: bool, dead: bool
) -> None:
    assert kills(CallEvent(kind, reason="tone: sit_vc", vacant=vacant)) is dead


def test_what_the_network_breaks_again_rests_longer_and_a_day_at_most() -> None:
    rests = [rest_after_failure(timedelta(minutes=15), n) for n in (1, 2, 3, 7, 8, 10**6)]
    assert rests[:4] == [timedelta(minutes=15 * n) for n in (1, 2, 4, 64)]
    assert rests[4:] == [timedelta(days=1)] * 2
