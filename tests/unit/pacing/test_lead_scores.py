"""Scores of predictions, on cases that can be counted by hand."""

import math

import numpy as np
import pytest

from pacing.lead_scores import auc, log_loss, scores


def test_scores_of_four_attempts() -> None:
    chances, answered = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    found = scores(chances, answered, base=0.5, buckets=2)
    assert found.auc == 0.75
    assert found.log_loss == pytest.approx(-np.mean(np.log([0.9, 0.6, 0.35, 0.8])))
    assert found.base_log_loss == pytest.approx(math.log(2))
    assert found.brier == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    assert [(b.attempts, b.answered) for b in found.buckets] == [(2, 0.5), (2, 0.5)]
    assert found.calibration_error == pytest.approx((abs(0.225 - 0.5) + abs(0.6 - 0.5)) / 2)


def test_who_knows_nothing_scores_a_half() -> None:
    assert auc(np.full(6, 0.3), np.array([True, False, True, False, False, False])) == 0.5
    assert auc(np.array([0.1, 0.2]), np.array([True, True])) == 0.5


def test_no_attempts_are_no_error() -> None:
    none = np.zeros(0)
    assert log_loss(none, none.astype(bool)) == 0.0
    assert scores(none, none.astype(bool), base=0.2).buckets == ()
