"""Patience between tries."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.ami.backoff import Backoff


def test_doubles_up_to_the_cap_and_begins_anew() -> None:
    backoff = Backoff(first=1.0, cap=10.0, chance=lambda: 1.0)
    assert [backoff.next() for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    backoff.reset()
    assert backoff.next() == 1.0


@given(failures=st.integers(0, 100_000), chance=st.floats(0.0, 1.0, exclude_max=True))
def test_is_always_between_half_the_step_and_the_cap(failures: int, chance: float) -> None:
    backoff = Backoff(first=0.25, cap=30.0, chance=lambda: chance, failures=failures)
    step = min(30.0, 0.25 * 2.0 ** min(failures, 40))
    assert step / 2 <= backoff.next() <= step


def test_two_engines_do_not_knock_together() -> None:
    assert len({Backoff(first=1.0).next() for _ in range(20)}) > 1
