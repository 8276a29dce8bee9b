"""The level of answering, told by its changes."""

import numpy as np
import orjson
import pytest

from pacing.level import MEMORY, Level

STEP = 0.25
"""Answers expected from one look to the next."""


def known(level: float = 1.0, expected: float = 100.0, seed: int = 1) -> Level:
    """A level that was watched for so many expected answers of a steady rate."""
    return lived(Level(2.0, 2.0), np.random.default_rng(seed), level, expected)[0]


def lived(
    level: Level, draw: np.random.Generator, rate: float, expected: float, until_changed: bool = False
) -> tuple[Level, float, int]:
    """(level, answers expected until it stopped, changes noticed on the way)."""
    noticed, gone = 0, 0.0
    while gone < expected and not (until_changed and noticed):
        for _ in range(draw.poisson(rate * STEP)):
            level.answered()
        level.due(STEP, rate=0.5)
        gone += STEP
        noticed += level.restarted_where_it_changed()
    return level, gone, noticed


def believed(level: Level) -> float:
    return level.came / level.expected


@pytest.mark.parametrize(("rate", "within"), [(2.0, 15.0), (3.0, 6.0), (0.2, 25.0)])
def test_a_change_is_noticed_after_few_answers(rate: float, within: float) -> None:
    """`within`: median of the answers that the old rate would have brought meanwhile."""
    late = [
        lived(known(seed=seed), np.random.default_rng(100 + seed), rate, 150.0, True)[1] for seed in range(30)
    ]
    assert np.median(late) <= within


def test_the_old_evidence_is_dropped_where_it_changed() -> None:
    level = known()
    assert believed(level) == pytest.approx(1.0, abs=0.25)
    lived(level, np.random.default_rng(3), 2.5, 40.0)
    assert level.expected < 60.0
    assert believed(level) == pytest.approx(2.5, rel=0.25)


def test_a_steady_level_is_hardly_ever_taken_for_a_changed_one() -> None:
    """Ten thousand are five and a half hours at one in two seconds; what comes after mends a mistake."""
    noticed = lived(known(), np.random.default_rng(4), 1.0, 10_000.0)[2]
    assert noticed <= 8


def test_nothing_is_compared_with_what_is_not_known() -> None:
    level = Level(2.0, 2.0)
    for _ in range(30):
        level.answered()
    level.due(4.0, rate=0.5)
    assert not level.restarted_where_it_changed()


def test_better_hazards_are_no_change() -> None:
    """Twice as much is expected of calls from now on and, looking back, of those before."""
    level = known(2.0)
    level.rescaled(2.0)
    assert believed(level) == pytest.approx(1.0, abs=0.2)
    assert lived(level, np.random.default_rng(5), 1.0, 100.0)[2] == 0


def test_evidence_fades_over_its_memory() -> None:
    level = Level(2.0, 2.0)
    for _ in range(round(5 * MEMORY)):
        level.answered()
        level.due(1.0, rate=0.1)
    assert level.expected == pytest.approx(MEMORY, rel=0.05)


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0])
def test_a_record_goes_on_where_it_stopped(rate: float) -> None:
    kept = known()
    read = Level.from_record(orjson.loads(orjson.dumps(kept.as_record())))
    for level in (kept, read):
        lived(level, np.random.default_rng(6), rate, 20.0)
    assert read.as_record() == kept.as_record()


def test_a_record_of_an_older_version_keeps_its_level() -> None:
    read = Level.from_record([[75.0, 150.0], [12.0, 20.0]])
    assert (read.came, read.expected, read.lately) == (75.0, 150.0, [12.0, 20.0])
