"""Rows of the pacing benchmark, and ours beside the others."""

import json
import math

import pytest

from bench.pacing_table import Row, failures, report, row_of, standings
from pacing.simulator.intervals import Estimate
from tests.unit.bench.days import FakeDay


def row(
    family: str, occupancy: float, abandonment: float = 0.02, agents: int = 5, half: float = 0.001
) -> Row:
    return Row(
        "R1", agents, family, family, None, 10, Estimate(occupancy, half), 0.6, 45.0,
        Estimate(abandonment, half), 0.06, 0.0, 5.5, 0.0, 0.2, 0.9,
    )  # fmt: skip


def test_days_are_taken_together() -> None:
    days = [
        FakeDay(),
        FakeDay(occupancy=0.77, abandonment=0.04, live=200, dials=1100, connected=192, cancels=0),
    ]
    found = row_of("R1", 5, "per-idle", "1.90 per idle agent", 1.9, days, limit=0.03)
    assert (found.days, found.over, found.setting) == (2, 0.5, 1.9)
    assert found.occupancy.mean == pytest.approx(0.76)
    assert found.occupancy.half == pytest.approx(12.7062 * 0.01, rel=1e-4)
    assert found.abandonment.mean == pytest.approx((0.02 * 800 + 0.04 * 200) / 1000)
    assert (found.dials, found.cancels) == pytest.approx((5500 / 976, 40 / 976))


def test_a_day_without_answers_has_no_abandonment() -> None:
    empty = FakeDay(live=0, abandoned=0, connected=0, abandonment=0.0)
    assert row_of("dry", 5, "x", "x", None, [empty], 0.03).abandonment.mean == 0.0


def test_the_table_says_means_intervals_and_what_is_over_the_limit() -> None:
    days = [FakeDay(abandonment=0.03), FakeDay(abandonment=0.034)]
    rows = [row_of("R1", 5, "issabel", "Issabel", None, days, 0.03), row("cadencia", 0.7551)]
    lines = report(rows, 0.03).splitlines()
    cells = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    assert cells[0][:4] == ["scenario", "agents", "policy", "occupancy %"]
    assert cells[2][6] == "3.20 ± 2.54 !"
    assert cells[3] == [
        "R1", "5", "cadencia", "75.5 ± 0.1", "60.0", "45.0",
        "2.00 ± 0.10", "6.0", "0", "5.50", "0.00", "0.20 / 0.90",
    ]  # fmt: skip


def test_a_row_is_json() -> None:
    record = json.loads(json.dumps(row("cadencia", 0.755, half=math.nan).as_record()))
    assert (record["occupancy"], record["occupancy_half"], record["scenario"]) == (0.755, None, "R1")


def test_ours_stands_beside_the_best_that_keeps_the_limit() -> None:
    rows = [
        row("progressive", 0.56, 0.0),
        row("per-idle", 0.71),
        row("issabel", 0.80, 0.12),
        row("cadencia", 0.75),
        row("oracle-a", 0.775),
        row("oracle-b", 0.91),
        row("per-idle", 0.90, agents=50),
    ]
    (found,) = standings(rows, 0.03)
    assert found.rival is rows[1]
    assert found.ratio == pytest.approx(0.75 / 0.71)
    assert found.gap_closed == pytest.approx(0.19 / 0.215)
    assert found.text() == (
        "R1, 5 agents: ours 75.0 ± 0.1 % at 2.00 ± 0.10 % abandoned; "
        "best baseline 71.0 ± 0.1 % (per-idle), +4.0 points; 88% of the gap from progressive to oracle A"
    )


def test_ours_alone_is_compared_with_nothing() -> None:
    (found,) = standings([row("cadencia", 0.75)], 0.03)
    assert found.rival is None
    assert math.isnan(found.gap_closed)
    assert failures([found], 0.03, 1.0) == []


def test_the_gate_opens_when_ours_is_ahead_within_the_limit() -> None:
    rows = [row("per-idle", 0.71), row("cadencia", 0.75)]
    assert failures(standings(rows, 0.03), 0.03, 1.0) == []
    assert failures(standings(rows, 0.03), 0.03, 1.1) == ["R1, 5 agents: 1.056 of per-idle, asked for 1.100"]


def test_the_gate_forgives_what_may_be_chance() -> None:
    assert failures(standings([row("cadencia", 0.75, 0.0305)], 0.03), 0.03, 1.0) == []
    assert failures(standings([row("cadencia", 0.75, 0.0335)], 0.03), 0.03, 1.0) == [
        "R1, 5 agents: 3.35 ± 0.10 % abandoned, the limit is 3.0%"
    ]
