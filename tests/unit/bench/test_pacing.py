"""Tuning, planning and the command line of the pacing benchmark, on a floor that is a formula."""

import io
import json
import math
from collections.abc import Sequence

import pytest

from bench.pacing import AGENTS, SCENARIOS, TINY, Job, Plan, cell, measure, parser, planned, tuned
from bench.pacing_families import FAMILIES, USUAL, between, chosen
from bench.pacing_table import Day
from pacing.baselines import View
from tests.unit.bench.days import FakeDay

BEST = {"per-idle": 3.4, "per-logged": 1.6, "vicidial-max": 7.0, "erlang": 0.03}
"""Settings at which the formula's abandonment is the limit."""


def formula(job: Job) -> FakeDay:
    """The more, the busier and the worse; other seeds differ a little."""
    share = job.setting / BEST[job.family] if job.family in BEST else 0.5
    chance = (job.seed % 10) / 1000
    return FakeDay(occupancy=0.6 + 0.3 * (1 - math.exp(-share)) + chance, abandonment=0.03 * share * share)


class Floor:
    """Runs days by the formula and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Job] = []

    def __call__(self, batch: Sequence[Job]) -> list[Day]:
        self.asked += batch
        return [formula(job) for job in batch]


def test_the_best_is_the_busiest_within_the_limit() -> None:
    assert chosen({1.0: (0.5, 0.01), 2.0: (0.7, 0.03), 4.0: (0.9, 0.031)}, 0.03) == 2.0


def test_when_none_keeps_the_limit_the_least_bad_is_taken() -> None:
    assert chosen({1.0: (0.5, 0.06), 2.0: (0.7, 0.04), 4.0: (0.9, 0.05)}, 0.03) == 2.0


def test_refining_asks_between_the_neighbours() -> None:
    tried = dict.fromkeys((1.0, 2.0, 4.0), (0.0, 0.0))
    assert between(2.0, tried) == (1.5, 3.0)
    assert between(1.0, tried) == (1.5,)
    assert between(1.0, {1.0: (0.0, 0.0)}) == ()


def test_every_setting_is_tuned_close_to_its_best() -> None:
    found = tuned("R1", 15, Plan(refinements=4), Floor())
    assert found.keys() == BEST.keys()
    for key, setting in found.items():
        assert BEST[key] * 0.9 <= setting <= BEST[key]


def test_days_for_tuning_are_shorter_and_not_those_of_the_table() -> None:
    floor = Floor()
    cell("R1", 5, Plan(seeds=3), floor)
    shown = [job for job in floor.asked if job.seed < 1000]
    tuning = [job for job in floor.asked if job.seed >= 1000]
    assert {(job.seed, job.hours) for job in shown} == {(0, 8.0), (1, 8.0), (2, 8.0)}
    assert {(job.seed, job.hours) for job in tuning} == {(1000, 4.0), (1001, 4.0)}
    assert {job.family for job in tuning} == BEST.keys()
    assert [job.family for job in shown if job.seed == 0] == list(USUAL)


def test_a_cell_has_one_row_for_each_policy_with_its_tuned_setting() -> None:
    rows = [
        row
        for row, _ in cell("R1", 5, Plan(seeds=3, families=("progressive", "per-idle", "cadencia")), Floor())
    ]
    assert [row.family for row in rows] == ["progressive", "per-idle", "cadencia"]
    assert [row.setting is None for row in rows] == [True, False, True]
    assert rows[1].policy == f"{rows[1].setting:.2f} per idle agent"
    assert rows[2].policy == "cadencia"
    assert rows[0].occupancy.mean == pytest.approx(0.6 + 0.3 * (1 - math.exp(-0.5)) + 0.001)


def test_what_is_measured_is_also_written_line_by_line() -> None:
    out = io.StringIO()
    plan = Plan(("R1", "tiny"), (5,), ("progressive", "cadencia"), seeds=2)
    rows = measure(plan, Floor(), out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["scenario"], line["agents"]) for line in lines[::2]] == [("R1", 5)] + [
        ("tiny", n) for n in TINY
    ]
    assert len(lines) == len(rows) == 8
    assert len(lines[0]["seeds"]) == 2
    assert lines[0]["seeds"][0]["hourly"] == [[100, 2]]


@pytest.mark.parametrize("key", FAMILIES)
def test_every_family_builds_a_pacer_of_its_own_for_each_day(key: str) -> None:
    family = FAMILIES[key]
    setting = family.settings[0] if family.settings else 0.0
    first, second = family.build(setting, 50), family.build(setting, 50)
    if isinstance(first, str):
        assert first == key
        return
    assert first is not second
    assert first.calls(View(ready=3)) >= 0
    assert sorted(family.settings) == list(family.settings)


def test_the_whole_run_is_every_scenario_at_every_size() -> None:
    plan = planned(parser().parse_args([]))
    assert (plan.scenarios, plan.agents, plan.seeds, plan.hours) == (SCENARIOS, AGENTS, 10, 8.0)
    assert {"progressive", "vicidial", "vicidial-max", "issabel", "webitel", "cadencia", "oracle-b"} <= set(
        plan.families
    )
    assert len(list(plan.cells())) == len(SCENARIOS) * 3


def test_parts_of_it_can_be_asked_for() -> None:
    asked = "--short --scenarios M,low --agents 3,200 --seeds 4 --policies cadencia,per-idle".split()
    plan = planned(parser().parse_args(asked))
    assert (plan.scenarios, plan.agents, plan.seeds, plan.hours) == (("M", "low"), (3, 200), 4, 4.0)
    assert plan.families == ("cadencia", "per-idle")


def test_an_unknown_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--scenarios", "R2"])
    assert "unknown: R2" in capsys.readouterr().err
