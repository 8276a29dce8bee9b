"""Hazards from ends and exposure, against the estimator of the textbooks."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing.hazards import RING_BINS, RING_STEP, Forgetting, RingCounts, TimeCounts, time_edges

NEVER = 1e12
KINDS = ("human", "machine", "other", "cancelled")
CALLS = st.lists(st.tuples(st.floats(0, 130), st.sampled_from(KINDS)), min_size=1, max_size=40)
ONCE = Forgetting(NEVER)


def counts_of(calls: list[tuple[float, str]], memory: float = NEVER) -> RingCounts:
    counts = RingCounts(Forgetting(memory))
    for seconds, end in calls:
        counts.add(seconds, end, 1.0)
    return counts


@given(CALLS)
def test_the_share_still_ringing_is_that_of_kaplan_and_meier(calls: list[tuple[float, str]]) -> None:
    counts = counts_of(calls)
    bins = [(min(RING_BINS - 1, int(seconds / RING_STEP)), end) for seconds, end in calls]
    alive = 1.0
    for at in {last for last, _ in bins} | {last + 1 for last, _ in bins if last + 1 < RING_BINS}:
        # A cancelled call is at risk in the bins it rang through, not in the one it was given up in.
        risk = sum(last > at or (last == at and end != "cancelled") for last, end in bins)
        ended = sum(last == at and end != "cancelled" for last, end in bins)
        assert counts.exposed[at] == pytest.approx(risk)
        assert sum(ends[at] for ends in counts.ends.values()) == pytest.approx(ended)
        alive *= 1.0 - (ended / risk if risk else 0.0)
    found = np.prod(1.0 - sum(counts.ends.values()) / np.maximum(counts.exposed, 1e-12))
    assert found == pytest.approx(alive, abs=1e-6)


@given(st.lists(st.floats(0, 130), max_size=30))
def test_calls_that_ring_on_are_at_risk_in_the_bins_they_have_left(ages: list[float]) -> None:
    found = RingCounts(ONCE).still(np.asarray(ages))
    for at in range(0, RING_BINS, 7):
        assert found[at] == sum(min(RING_BINS - 1, int(age / RING_STEP)) > at for age in ages)


def test_cancelling_biases_nothing() -> None:
    """Calls given up at a time that has nothing to do with them leave the hazard as it was."""
    draw = np.random.default_rng(7)
    rings = draw.exponential(12.0, 20_000)
    given_up = draw.exponential(15.0, rings.size)
    whole = counts_of([(ring, "human") for ring in rings])
    cut = counts_of(
        [(min(r, c), "human" if r < c else "cancelled") for r, c in zip(rings, given_up, strict=True)]
    )
    early = slice(0, 40)
    truth = -math.expm1(-RING_STEP / 12.0)
    for counts in (whole, cut):
        hazard = counts.ends["human"][early] / counts.exposed[early]
        assert hazard.mean() == pytest.approx(truth, rel=0.04)


def test_old_evidence_fades_to_a_third_after_its_memory() -> None:
    counts = counts_of([(1.0, "human")] * 1 + [(9.0, "other")] * 500, memory=500.0)
    share = counts.ends["human"][2] / counts.fade.weight
    assert share == pytest.approx(math.exp(-1.0), rel=0.01)
    assert counts.exposed[0] / counts.fade.weight == pytest.approx(500 * (1 - math.exp(-1)), rel=0.01)


def test_weights_that_grew_too_large_are_made_small_again_and_change_nothing() -> None:
    counts = counts_of([(1.0, "human"), (3.0, "other")] * 2000, memory=100.0)
    assert counts.fade.weight < 1e10
    assert counts.ends["human"][2] / counts.exposed[2] == pytest.approx(0.5, abs=0.01)


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=30), st.lists(st.floats(0, 5000), max_size=10))
def test_exposure_is_the_time_that_passed_in_each_bin(times: list[float], going: list[float]) -> None:
    counts = TimeCounts(time_edges(), Forgetting(NEVER))
    for seconds in times:
        counts.add(seconds)
    edges = np.append(counts.edges, np.inf)
    passed = [sum(min(max(t - a, 0.0), b - a) for t in times) for a, b in itertools.pairwise(edges)]
    assert counts.exposure == pytest.approx(np.asarray(passed), abs=1e-4)
    assert counts.ends.sum() == pytest.approx(len(times))
    still = counts.still(np.asarray(going))
    assert still.sum() == pytest.approx(sum(going), abs=1e-6)


def test_times_still_going_take_the_bias_out_of_those_that_ended() -> None:
    """Half an hour after the start, long conversations have not come to their end yet."""
    draw = np.random.default_rng(3)
    times, since = draw.exponential(600.0, 20_000), draw.uniform(0, 1800, 20_000)
    counts = TimeCounts(time_edges(), Forgetting(NEVER))
    for seconds in times[times <= since]:
        counts.add(float(seconds))
    without = counts.ends.sum() / counts.exposure.sum()
    whole = counts.exposure + counts.still(since[times > since])
    assert counts.ends.sum() / whole.sum() == pytest.approx(1 / 600.0, rel=0.03)
    assert without > 1.5 / 600.0


def test_bins_cover_an_hour_and_widen() -> None:
    edges = time_edges()
    assert edges[0] == 0.0
    assert edges[-1] >= 3600.0
    assert (np.diff(edges, 2) >= -1e-9).all()
