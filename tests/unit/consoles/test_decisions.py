"""The pacing's lines are read as the pacing writes them."""

import numpy as np
import pytest

from consoles.decisions import cancelled_in, mode_of, was_capped
from pacing import FixedRatio, Floor, Limits, OnDemand, Policy, Progressive, guarded

NONE = np.zeros(0)
CROWD = Floor(np.zeros(9), NONE, NONE, NONE, NONE, NONE, NONE, Limits(lines=50, tokens=50))


@pytest.mark.parametrize(
    ("policy", "mode", "capped"),
    [
        (Progressive(), "progressive", False),
        (FixedRatio(2.5), "power", True),
        (OnDemand("manual"), "manual", False),
        (OnDemand("preview"), "preview", False),
    ],
)
def test_what_the_policies_write_is_understood(policy: Policy, mode: str, capped: bool) -> None:
    decision = guarded(policy, CROWD)
    assert mode_of(decision.reason) == mode
    assert was_capped(decision.reason) is capped is decision.capped


def test_the_predictive_line_is_understood() -> None:
    line = "predictive: 2 ready, 2.5 free soon, 6 in flight (1.4 live soon), chance 0.08 of price 0.083"
    assert mode_of(line) == "predictive"
    assert cancelled_in(f"{line}; cancels 3; held to 0 by line limit") == 3
    assert not was_capped(f"{line}; cancels 3; held to 0 by line limit")
    assert cancelled_in(line) == 0


def test_another_wording_is_not_guessed_at() -> None:
    assert mode_of("erlang: 12") == ""
