"""Numbers on screens and in logs."""

import pytest

from dialer.model import masking
from portfolio.masking import masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+34600111222", "+346•••••222"),
        ("+123456789", "+123•••789"),
        ("+12345678", "•••••••••"),
        ("112", "•••"),
        ("", ""),
    ],
)
def test_enough_to_recognise_and_too_little_to_call(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_the_dialer_masks_as_the_portfolio_does() -> None:
    assert masking.masked is masked
