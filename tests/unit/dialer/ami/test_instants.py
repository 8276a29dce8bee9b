"""The PBX's timestamps by our own clock, whatever either clock does."""

import pytest

from dialer.ami.instants import KEPT, OLDEST, Instants, stamp_of

HOUR = 3600.0
PBX = 1_700_000_000.0
"""What the PBX's clock shows when our loop's begins."""


def pinged(
    instants: Instants, at: float, *, there: float = 0.01, back: float = 0.01, off: float = PBX
) -> None:
    """A ping that took this long each way."""
    instants.measured(off + at + there, at, at + there + back)


def test_without_a_ping_nothing_is_believed() -> None:
    assert Instants().age(PBX + 3, 10.0) == 0.0


def test_an_event_that_waited_is_as_old_as_it_is() -> None:
    instants = Instants()
    pinged(instants, 100.0)
    assert instants.age(PBX + 103, 116.0) == pytest.approx(13.0, abs=0.02)


def test_the_quickest_ping_counts() -> None:
    """A busy machine answers late: half of that would be the error."""
    instants = Instants()
    pinged(instants, 100.0)
    pinged(instants, 102.0, there=0.0, back=0.9)
    assert instants.age(PBX + 103, 103.0 + 5) == pytest.approx(5.0, abs=0.02)


def test_a_clock_that_is_set_is_followed_at_the_next_ping() -> None:
    instants = Instants()
    for second in range(KEPT):
        pinged(instants, 100.0 + second)
    assert instants.age(PBX + HOUR + 110, 110.5) == 0.0
    pinged(instants, 112.0, there=0.05, back=0.05, off=PBX + HOUR)
    assert instants.age(PBX + HOUR + 113, 114.0) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("stamp", [PBX + 200, PBX - OLDEST, None])
def test_what_cannot_be_true_is_taken_as_of_now(stamp: float | None) -> None:
    instants = Instants()
    pinged(instants, 100.0)
    assert instants.age(stamp, 101.0) == 0.0


@pytest.mark.parametrize("text", ["", "now", "nan", "inf", "-1.0", "0"])
def test_what_is_no_timestamp_is_none(text: str) -> None:
    assert stamp_of(text) is None
    assert stamp_of("1700000000.25") == 1_700_000_000.25
