"""The numbers of the tables."""

import math

import pytest

from bench.figures import between, bucket_percentile, highest_kept, histogram, percentile, spread, table

SCRAPED = """\
# TYPE dialer_commit_seconds histogram
dialer_commit_seconds_bucket{le="0.001"} 10.0
dialer_commit_seconds_bucket{le="0.002"} 30.0
dialer_commit_seconds_bucket{le="+Inf"} 40.0
dialer_commit_seconds_count 40.0
dialer_loop_lag_seconds_bucket{le="0.001"} 7.0
"""


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.51, 3.0), (0.75, 3.0), (0.99, 4.0), (1.0, 4.0)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_nothing_measured_is_no_number() -> None:
    assert math.isnan(percentile([], 0.5))
    assert spread([]).count == 0


def test_the_worst_is_the_largest() -> None:
    found = spread([float(n) for n in range(1, 201)])
    assert (found.count, found.p50, found.p95, found.p99, found.worst) == (200, 100.0, 190.0, 198.0, 200.0)


def test_a_histogram_is_read_by_its_whole_name() -> None:
    assert histogram(SCRAPED, "dialer_commit_seconds") == {0.001: 10.0, 0.002: 30.0, math.inf: 40.0}
    assert histogram(SCRAPED, "dialer_loop_lag_seconds") == {0.001: 7.0}
    assert histogram(SCRAPED, "commit_seconds") == {}


def test_only_what_came_between_two_readings_counts() -> None:
    assert between({1.0: 5.0}, {1.0: 8.0, 2.0: 4.0}) == {1.0: 3.0, 2.0: 4.0}


@pytest.mark.parametrize(("share", "value"), [(0.25, 0.001), (0.5, 0.0015), (0.75, 0.002), (0.99, 0.002)])
def test_a_percentile_of_buckets(share: float, value: float) -> None:
    assert bucket_percentile(histogram(SCRAPED, "dialer_commit_seconds"), share) == pytest.approx(value)


def test_a_percentile_of_empty_buckets_is_no_number() -> None:
    assert math.isnan(bucket_percentile({}, 0.5))
    assert math.isnan(bucket_percentile({1.0: 0.0, math.inf: 0.0}, 0.5))


@pytest.mark.parametrize(
    ("steps", "best"),
    [
        ([], 0.0),
        ([(10.0, False)], 0.0),
        ([(10.0, True), (20.0, True), (30.0, False), (40.0, True)], 20.0),
    ],
)
def test_a_rate_above_one_that_failed_does_not_count(steps: list[tuple[float, bool]], best: float) -> None:
    assert highest_kept(steps) == best


def test_a_table_is_markdown() -> None:
    assert table(("what", "ms"), [("join", 1.25), ("none", math.nan)]).splitlines() == [
        "| what | ms  |",
        "|------|-----|",
        "| join | 1.2 |",
        "| none | –   |",
    ]
