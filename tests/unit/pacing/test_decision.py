"""A decision carries its data, and the sentence is made of it."""

import orjson
import pytest

from pacing import Basis, Bound, Decision, Forecast, Why

FORECAST = Forecast(abandon_chance=0.08, price=0.083, live_soon=1.4, free_soon=2.5)
PREDICTED = Decision(3, Basis("predictive", 1.5, 6), forecast=FORECAST)
LINE = "predictive: 1.5 ready, 2.5 free soon, 6 in flight (1.4 live soon), chance 0.080 of price 0.083"


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (Decision(0, Basis("manual")), "manual: agents start the calls"),
        (Decision(0, Basis("preview")), "preview: agents start the calls"),
        (Decision(4, Basis("progressive", 4, 0)), "progressive: 4 ready, 0 in flight"),
        (
            Decision(1, Basis("power", 4, 3, 2.5), capped=True, held_by=Bound.CAP),
            "2.5 per agent: 4 ready, 3 in flight; held to 1 by abandonment cap",
        ),
        (PREDICTED, LINE),
        (
            Decision(0, PREDICTED.basis, cancel=(4, 7), forecast=FORECAST, held_by=Bound.LEADS),
            f"{LINE}; cancels 2; held to 0 by no leads",
        ),
    ],
)
def test_the_sentence_is_made_of_the_data(decision: Decision, sentence: str) -> None:
    assert decision.reason == sentence


def test_what_is_stored_comes_back_the_same_and_knows_what_a_newer_version_does_not_tell_it() -> None:
    why = Decision(1, Basis("power", 4.0, 3, 2.5), True, (2,), held_by=Bound.LINES).why
    assert why == Why("power", 4.0, 3, 2.5, calls=1, cancels=1, capped=True, held_by="line limit")
    assert Why.from_record(orjson.loads(orjson.dumps(why.as_record()))) == why
    assert Why.from_record(why.as_record() | {"weather": "rain"}) == why


def test_other_numbers_are_no_news_another_limit_is() -> None:
    kind = PREDICTED.why.kind
    assert Decision(9, Basis("predictive", 7, 1), forecast=FORECAST).why.kind == kind
    assert Decision(3, PREDICTED.basis, held_by=Bound.LINES).why.kind != kind
    assert Decision(3, PREDICTED.basis, cancel=(0,)).why.kind != kind
    assert Decision(3, Basis("progressive", 1.5, 6)).why.kind != kind
