"""What AMD() says, judged."""

import pytest

from dialer.call_progress.amd import AmdScreener
from dialer.model.facts import Screened


@pytest.mark.parametrize(
    ("status", "cause", "machine"),
    [
        ("MACHINE", "LONGGREETING-1500-1500", True),
        ("MACHINE", "MAXWORDS-4-3", True),
        ("MACHINE", "INITIALSILENCE-1800-1800", False),
        ("HUMAN", "HUMAN-800-800", False),
        ("NOTSURE", "TOOLONG-4000", False),
        ("OFF", "", False),
        ("", "", False),
    ],
)
def test_a_machine_only_when_one_was_heard(status: str, cause: str, machine: bool) -> None:
    assert AmdScreener().hears_machine(Screened("a call", status, cause)) is machine
