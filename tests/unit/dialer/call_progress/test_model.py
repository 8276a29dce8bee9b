"""The weights as text, and what they are refused for."""

import json

import numpy as np
import pytest

from dialer.call_progress.decision import Policy
from dialer.call_progress.model import FORMAT, Model, UnusableWeights, from_json
from dialer.call_progress.service import classifier, weights
from dialer.call_progress.timing import NAMES, Timing
from dialer.settings import Settings


def talking(seconds: float) -> Timing:
    """Somebody begins after half a second, and goes on with short breaths."""
    timing = Timing()
    for number in range(round((seconds + 0.5) / 0.032)):
        breath = number < 16 or number % 55 in (0, 1, 2, 3, 4, 5)
        timing.hear(0.05 if breath else 0.97, -55.0 if breath else -20.0)
    return timing


def hello(wait: float) -> Timing:
    timing = talking(0.5)
    for _ in range(round(wait / 0.032)):
        timing.hear(0.02, -60.0)
    return timing


def test_the_shipped_weights_know_turn_taking() -> None:
    model = weights()
    goes_on, waits = model.probability(talking(5.0).vector()), model.probability(hello(0.7).vector())
    assert goes_on > model.threshold_for(0.02)
    assert waits < Policy(1.0).clear


def test_a_stricter_share_never_lowers_the_threshold() -> None:
    model = weights()
    shares = [0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5]
    thresholds = [model.threshold_for(share) for share in shares]
    assert thresholds == sorted(thresholds, reverse=True)
    assert model.threshold_for(0.0) > 0.5


def test_weights_come_back_as_they_were() -> None:
    model = weights()
    again = from_json(model.as_json())
    vector = talking(2.0).vector()
    assert again.probability(vector) == pytest.approx(model.probability(vector), abs=1e-6)
    assert (again.version, again.points) == (model.version, model.points)


def without(**changes: object) -> str:
    content = json.loads(weights().as_json())
    content.update(changes)
    return json.dumps(content)


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "null",
        without(format=FORMAT + 1),
        without(features=["another"]),
        without(members=[]),
        without(mean=[0.0] * (len(NAMES) - 1)),
        without(scale=[0.0] * len(NAMES)),
        without(mean=["x"] * len(NAMES)),
    ],
)  # fmt: skip
def test_strange_weights_are_refused(text: str) -> None:
    with pytest.raises(UnusableWeights):
        from_json(text)


def test_probabilities_stay_between_0_and_1() -> None:
    model: Model = weights()
    vectors = np.random.default_rng(1).uniform(-50, 50, (200, len(NAMES)))
    found = [model.probability(vector) for vector in vectors]
    assert all(0.0 < p < 1.0 for p in found)


class Never:
    """A plug-in that takes nobody for a machine."""

    version = "never"

    def probability(self, vector: object) -> float:
        return 0.1

    def threshold_for(self, false_positives: float) -> float:
        return 1.1


def test_another_classifier_plugs_in_by_its_name() -> None:
    name = f"{Never.__module__}:Never"
    plugged = classifier(Settings(_env_file=None, progress_classifier=name))
    assert (plugged.version, plugged.probability(talking(5.0).vector())) == ("never", 0.1)
    assert classifier(Settings(_env_file=None)).version == weights().version
    with pytest.raises(ImportError):
        classifier(Settings(_env_file=None, progress_classifier="no.such.module:make"))
