"""Simulated days in a table, in JSON and in a plot."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dialer.cli.day_plot import clock, draw
from dialer.cli.day_table import day_record, day_table, differences, table
from dialer.cli.day_words import WORDS
from dialer.cli.replay_words import REPLAY_WORDS
from pacing.simulator.course import Course
from pacing.simulator.measures import Day

DAY = Day(
    0.80, 0.7, 30.0, 0.02, 0.06, 1000, 20, 6000, 100, 980,
    decision_ms_mean=0.5, decision_ms_p99=1.0, hourly=()
)  # fmt: skip
OURS = [DAY, replace(DAY, occupancy=0.84, abandonment=0.04)]
OTHERS = [replace(DAY, occupancy=0.60), replace(DAY, occupancy=0.64, abandonment=0.04)]


def test_a_table_has_a_line_for_each_policy_and_says_how_they_differ() -> None:
    said = day_table({"predictive": OURS, "progressive": OTHERS}, 0.03, WORDS["en"]).splitlines()
    assert said[0].split()[:3] == ["policy", "occupancy", "%"]
    assert said[1].startswith("predictive ")
    assert "82.0 ± 25.4" in said[1]
    assert said[1].endswith("1 of 2")
    assert said[-1] == (
        "progressive beside predictive: -20.0 ± 0.0 points of occupancy, +0.00 ± 0.00 of abandonment."
    )


def test_one_day_has_no_interval() -> None:
    said = day_table({"predictive": [DAY]}, 0.03, WORDS["es"])
    assert "±" not in said.splitlines()[1]
    assert "sin intervalo" in said


def test_differences_are_taken_day_by_day() -> None:
    found = differences(OURS, OTHERS)["occupancy"]
    assert found.mean == pytest.approx(0.2)
    assert found.half == pytest.approx(0.0, abs=1e-9)


def test_json_has_none_where_there_is_no_interval() -> None:
    record = day_record({"predictive": [DAY]}, 0.03)["policies"]["predictive"]
    assert record["occupancy"] == {"mean": 0.80, "half": None}
    assert (record["days"], record["days_over_limit"]) == (1, 0)


def test_columns_are_as_wide_as_they_need() -> None:
    assert table(["a", "bb"], [["x", "1"], ["yyy", "222"]]) == "a     bb\nx      1\nyyy  222"


@pytest.mark.parametrize("words", [WORDS, REPLAY_WORDS])
def test_both_languages_say_the_same_things(words: dict[str, dict[str, str]]) -> None:
    assert set(words["es"]) == set(words["en"])


@pytest.mark.parametrize("name", ["day.png", "day.svg"])
def test_a_plot_is_drawn_even_where_nobody_was_at_work(tmp_path: Path, name: str) -> None:
    ends = np.asarray([600.0, 1200.0, 4800.0])
    some = np.asarray([np.nan, 0.8, 0.9])
    course = Course(ends, some, some / 40.0, np.asarray([0.0, 5.0, 7.0]), np.asarray([0.0, 1.0, 2.0]), DAY)
    path = tmp_path / name
    draw(
        path, {"a": [course, course], "b": [course]}, title="T", opens=32400.0, limit=0.03, words=WORDS["es"]
    )
    head = path.read_bytes()[:200]
    assert head.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")


def test_times_of_the_day() -> None:
    assert [clock(seconds) for seconds in (0.0, 34200.0, 90000.0)] == ["00:00", "09:30", "01:00"]
