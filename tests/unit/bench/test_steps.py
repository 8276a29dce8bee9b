"""When a rate counts as sustained."""

from dataclasses import replace

import pytest

from bench.bare_calls import BareStep
from bench.calls import Step, bare_kept, report

BARE = BareStep(rate=50.0, placed=300, done=300, per_second=50.0, answer_p99=0.01)
STEP = Step(
    rate=50.0,
    per_second=49.0,
    other=0,
    answer_p99=0.05,
    connect=(0.004, 0.02),
    lag_p99=0.004,
    commit=(0.002, 0.009),
    cpu={"engine": 0.4, "pbx": 0.6, "postgres": 0.2, "carrier": 0.5},
    idle=0.3,
)


@pytest.mark.parametrize(
    ("step", "kept"),
    [
        (BARE, True),
        (replace(BARE, per_second=47.0), False),
        (replace(BARE, done=290), False),
        (replace(BARE, answer_p99=0.6), False),
    ],
)
def test_bare_ami_keeps_a_rate(step: BareStep, kept: bool) -> None:
    assert bare_kept(step) is kept


def test_the_product_keeps_a_rate_by_what_comes_out_at_the_other_end() -> None:
    assert STEP.kept
    assert not replace(STEP, per_second=47.0).kept
    assert not replace(STEP, answer_p99=0.6).kept


def test_the_report_names_the_highest_rate_of_each_and_their_ratio() -> None:
    plain = [BARE, replace(BARE, rate=100.0, per_second=99.0), replace(BARE, rate=150.0, per_second=90.0)]
    steps = [STEP, replace(STEP, rate=75.0, per_second=74.0), replace(STEP, rate=90.0, per_second=70.0)]
    text = report(plain, steps)
    assert "sustained: 75 whole calls/s, bare AMI 100/s, ratio 75%; loop lag p99 4.0 ms" in text


def test_a_report_of_nothing_sustained_has_no_ratio() -> None:
    assert "ratio –" in report([replace(BARE, per_second=1.0)], [replace(STEP, per_second=1.0)])
