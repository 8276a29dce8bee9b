"""Grades from answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoles.scoring import BadAnswers, Grade, Item, grade
from tests.premises import premise

ITEMS = (Item("id", 20, fatal=True), Item("tone", 30, fatal=False), Item("close", 50, fatal=False))


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({"id": 100, "tone": 100, "close": 100}, Grade(100, failed=False)),
        ({"id": 100, "tone": 50, "close": 0}, Grade(35, failed=False)),
        ({"id": None, "tone": 50, "close": None}, Grade(50, failed=False)),
        ({"id": 0, "tone": 100, "close": 100}, Grade(0, failed=True)),
    ],
)
def test_the_grade_is_the_weighted_mean_of_what_was_answered(
    answers: dict[str, float | None], result: Grade
) -> None:
    assert grade(ITEMS, answers) == result


@pytest.mark.parametrize(
    "answers",
    [
        {"tone": 1, "close": 1},
        {"id": 100, "tone": 1, "close": 1, "more": 1},
        {"id": 50, "tone": 1, "close": 1},
        {"id": None, "tone": None, "close": None},
    ],
)
def test_answers_must_fit_the_scorecard(answers: dict[str, float | None]) -> None:
    with pytest.raises(BadAnswers):
        grade(ITEMS, answers)


answer = st.none() | st.floats(0, 100)


@given(fatal=st.sampled_from([0.0, 100.0, None]), tone=answer, close=answer)
def test_a_grade_is_between_0_and_100(fatal: float | None, tone: float | None, close: float | None) -> None:
    if premise((fatal, tone, close) != (None, None, None)):
        result = grade(ITEMS, {"id": fatal, "tone": tone, "close": close})
        assert 0 <= result.score <= 100
        assert result.failed == (fatal == 0)
