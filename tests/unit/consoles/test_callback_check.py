"""What is told of a callback that the rules refuse: no time that could not be agreed."""

from datetime import UTC, datetime, timedelta

from consoles.callback_check import within_horizon
from dialer.model.values import CALLBACK_HORIZON
from portfolio.contact_rules import Foreseen

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_first_time_beyond_all_that_is_ever_agreed_is_none() -> None:
    last = NOW + CALLBACK_HORIZON
    for first in (NOW, last):
        assert within_horizon(Foreseen(NOW, "some_rule", first), NOW) == first
    assert within_horizon(Foreseen(NOW, "some_rule", last + timedelta(minutes=1)), NOW) is None
    assert within_horizon(Foreseen(NOW, "no_consent", None), NOW) is None
