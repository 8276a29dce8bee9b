"""What becomes of a lead."""

import pytest

from dialer.model.outcomes import VERDICTS, Outcome, Retry
from dialer.store.lead_advice import DELAYS, LeadAdvice, lead_advice


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_advice(outcome: Outcome) -> None:
    expected = {
        Retry.LATER: LeadAdvice(DELAYS[Retry.LATER]),
        Retry.SOON: LeadAdvice(DELAYS[Retry.SOON]),
        Retry.DONE: LeadAdvice(None),
        Retry.NEVER: LeadAdvice(None, dead=True),
    }
    assert lead_advice(outcome) == expected[VERDICTS[outcome].retry]


def test_later_is_later_than_soon() -> None:
    assert DELAYS[Retry.LATER] > DELAYS[Retry.SOON]
