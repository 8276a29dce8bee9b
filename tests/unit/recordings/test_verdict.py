"""What a capture is worth."""

from pathlib import Path

import pytest

from recordings.captured import Capture, Condition, Side
from recordings.verdict import Status, judge


def _side(condition: Condition, seconds: float = 10.0) -> Side:
    samples = 0 if condition in (Condition.MISSING, Condition.EMPTY, Condition.UNREADABLE) else seconds * 8000
    return Side(Path("x"), condition, 8000, 44, int(samples), int(2 * samples) + 44)


@pytest.mark.parametrize("agent", list(Condition))
@pytest.mark.parametrize("customer", list(Condition))
def test_only_two_whole_sides_make_a_good_recording(customer: Condition, agent: Condition) -> None:
    verdict = judge(Capture(_side(customer), _side(agent)), 10.0)
    good = {Condition.CLOSED, Condition.OPEN}
    if customer is agent is Condition.MISSING:
        assert verdict.status is Status.MISSING
    else:
        assert (verdict.status is Status.ARCHIVED) == ({customer, agent} <= good)
    assert (verdict.detail == "") == (customer is agent is Condition.CLOSED)


@pytest.mark.parametrize(
    ("answered", "recorded", "good"),
    [(10.0, 9.9, True), (10.0, 7.1, True), (10.0, 6.9, False), (600.0, 541.0, True), (600.0, 539.0, False),
     (None, 1.0, True), (3.0, 30.0, True)],
)  # fmt: skip
def test_a_recording_much_shorter_than_its_call_is_damaged(
    answered: float | None, recorded: float, good: bool
) -> None:
    side = _side(Condition.CLOSED, recorded)
    verdict = judge(Capture(side, side), answered)
    assert (verdict.status is Status.ARCHIVED) == good


def test_a_killed_pbx_may_cut_the_end() -> None:
    side = _side(Condition.OPEN, 10.0)
    assert judge(Capture(side, side), 100.0).status is Status.ARCHIVED
