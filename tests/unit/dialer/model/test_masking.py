"""Numbers on screens and in logs."""

import pytest

from dialer.model.masking import masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+34600111222", "+34••••••222"), ("+1234567", "+12••567"), ("+12345", "••••••"), ("", "")],
)
def test_enough_to_recognise_and_too_little_to_call(number: str, shown: str) -> None:
    assert masked(number) == shown
