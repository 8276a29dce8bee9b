"""The learned chance that a person answers: right, calibrated, careful, forgetful."""

from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacing.lead_scores import scores
from pacing.lead_training import train
from pacing.leads import COLD, FACTORS, LeadFeatures, LeadModel, cold_model
from tests.unit.pacing.lead_worlds import World, alike, drawn, leads, world


@pytest.fixture(scope="module")
def seen() -> World:
    return world(20_000, 1)


@pytest.fixture(scope="module")
def model(seen: World) -> LeadModel:
    return train(seen.leads, seen.answered, age_days=seen.age_days)


def test_predictions_come_close_to_those_of_who_knows_the_world(seen: World, model: LeadModel) -> None:
    fresh = world(20_000, 2)
    chances, _ = model.predict(fresh.leads)
    base = float(seen.answered.mean())
    ours = scores(chances, fresh.answered, base=base)
    oracle = scores(fresh.chances, fresh.answered, base=base)
    known = ours.base_log_loss - oracle.log_loss
    assert ours.base_log_loss - ours.log_loss > 0.96 * known
    assert ours.brier - oracle.brier < 0.001
    assert oracle.auc - ours.auc < 0.004
    assert ours.calibration_error < 0.012


def test_known_effects_are_recovered(model: LeadModel) -> None:
    def effect(**differing: object) -> float:
        chance, _ = model.predict(alike(2, **differing))
        logits = np.log(chance / (1 - chance))
        return float(logits[1] - logits[0])

    assert effect(kind=["fixed", "mobile"]) == pytest.approx(0.9, abs=0.2)
    assert effect(last_outcome=["no_answer", "conversation"]) == pytest.approx(0.9, abs=0.2)
    assert effect(last_outcome=["no_answer", "machine"]) == pytest.approx(-0.5, abs=0.2)
    recently = [effect(answered_days=[np.nan, days]) for days in (0.5, 2.0, 5.0, 10.0, 20.0, 45.0)]
    assert np.mean(recently) == pytest.approx(0.8, abs=0.2)
    assert effect(campaign_id=[1, 3]) == pytest.approx(0.6, abs=0.2)


def test_the_standard_error_covers_the_truth(model: LeadModel) -> None:
    fresh = world(5_000, 3)
    chances, error = model.predict(fresh.leads)
    assert np.mean(np.abs(chances - fresh.chances) < 2 * error) > 0.85


def test_where_nothing_matters_everybody_is_near_the_mean() -> None:
    same = leads(8_000, 4)
    nothing = drawn(same, np.full(len(same), 0.2), 4)
    model = train(nothing.leads, nothing.answered, age_days=nothing.age_days)
    chances, _ = model.predict(leads(2_000, 5))
    assert chances.std() < 0.015
    assert chances.mean() == pytest.approx(0.2, abs=0.02)


def test_a_thin_group_stays_near_the_mean_and_a_thick_one_does_not() -> None:
    """Twelve lists between 15 and 26 %, and one of which eight attempts of eight were answered."""
    lists = np.append(np.repeat(np.arange(1, 13), 600), [13] * 8)
    shares = 0.14 + 0.01 * lists
    answered = np.where(lists == 13, True, (np.arange(lists.size) % 100) < 100 * shares)
    model = train(alike(lists.size, list_id=lists), answered, age_days=np.zeros(lists.size))
    (low, high, thin), error = model.predict(alike(3, list_id=[1, 12, 13]))
    assert low < 0.18
    assert high > 0.23
    assert thin < 0.4
    assert error[2] > 2 * error[1]


def test_old_evidence_is_forgotten() -> None:
    count = 4_000
    then, now = np.arange(count) % 10 < 4, np.arange(count) % 10 < 1
    model = train(
        alike(2 * count),
        np.concatenate([then, now]),
        age_days=np.repeat([70.0, 0.0], count),
        half_life=14.0,
    )
    chances, _ = model.predict(alike(1))
    assert chances[0] == pytest.approx(0.1 + 0.3 / 33, abs=0.01)
    assert model.evidence == pytest.approx(count * (1 + 1 / 32), rel=1e-6)


def test_without_attempts_all_are_average() -> None:
    nobody = train(leads(0, 1), np.zeros(0, dtype=bool), age_days=np.zeros(0))
    assert nobody.cold
    assert nobody.odds(leads(5, 1)).tolist() == [1.0] * 5
    chances, error = nobody.predict(leads(5, 1))
    assert chances == pytest.approx(np.full(5, COLD))
    assert (error > 0.1).all()


@pytest.mark.parametrize("answer", [True, False])
def test_one_sided_evidence_is_believed_with_measure(answer: bool) -> None:
    model = train(alike(30), np.full(30, answer), age_days=np.zeros(30))
    (chance,), _ = model.predict(alike(1))
    assert 0.0 < chance < 1.0
    assert bool(chance > COLD) is answer


def test_the_unseen_and_the_missing_are_average_and_uncertain(model: LeadModel) -> None:
    count = 500
    strange = replace(
        leads(count, 6),
        hour=np.full(count, np.nan),
        weekday=np.full(count, -1),
        list_id=np.full(count, 999),
        campaign_id=np.full(count, 998),
        kind=np.full(count, "satellite"),
        last_outcome=np.full(count, "eaten_by_a_dog"),
    )
    chances, error = model.predict(strange)
    _, usual = model.predict(leads(count, 6))
    assert np.isfinite(chances).all()
    assert error.mean() > 2 * usual.mean()
    assert 0.5 < model.odds(strange).mean() < 2.0


def test_odds_are_one_on_average_in_each_campaign(seen: World, model: LeadModel) -> None:
    odds = model.odds(seen.leads)
    for campaign in (1, 2, 3):
        assert odds[seen.leads.campaign_id == campaign].mean() == pytest.approx(1.0, abs=0.03)
    assert odds.max() > 2.0


def test_a_stored_model_predicts_exactly_the_same(model: LeadModel) -> None:
    again = LeadModel.from_record(orjson.loads(orjson.dumps(model.as_record())))
    fresh = leads(300, 7)
    for ours, theirs in zip(model.predict(fresh), again.predict(fresh), strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(model.odds(fresh), again.odds(fresh))
    assert again.as_record() == model.as_record()


def test_a_record_of_another_version_is_refused(model: LeadModel) -> None:
    with pytest.raises(ValueError, match="other groups"):
        LeadModel.from_record({**model.as_record(), "groups": []})


# --- between trainings ----------------------------------------------------------------------------


def test_the_day_is_learned_between_trainings(model: LeadModel) -> None:
    better = world(3_000, 8, shift=0.8)
    learned = model
    for part in np.array_split(np.arange(3_000), 60):
        learned = learned.updated(better.leads.take(part), better.answered[part])
    fresh = world(5_000, 9, shift=0.8)
    before, after = (scores(m.predict(fresh.leads)[0], fresh.answered, base=0.2) for m in (model, learned))
    assert after.log_loss < before.log_loss
    assert after.calibration_error < before.calibration_error / 3
    assert abs(learned.odds(fresh.leads).mean() - 1.0) < 0.15


def test_learning_at_once_or_one_by_one_comes_to_nearly_the_same(model: LeadModel) -> None:
    day = world(40, 10)
    at_once = model.updated(day.leads, day.answered)
    singly = model
    for one in range(40):
        singly = singly.updated(day.leads.take([one]), day.answered[[one]])
    fresh = leads(100, 11)
    assert at_once.predict(fresh)[0] == pytest.approx(singly.predict(fresh)[0], abs=0.01)


def test_a_cold_model_waits_for_its_training() -> None:
    day = world(10, 12)
    assert cold_model().updated(day.leads, day.answered).cold


# --- whatever comes -------------------------------------------------------------------------------


@st.composite
def attempts(draw: st.DrawFn) -> World:
    """Any attempts, with missing values and few groups or many."""
    count = draw(st.integers(1, 40))
    maybe = st.one_of(st.just(float("nan")), st.floats(-5, 1e4))

    def column(values: st.SearchStrategy[object]) -> np.ndarray:
        return np.asarray(draw(st.lists(values, min_size=count, max_size=count)))

    known = LeadFeatures(
        hour=column(st.one_of(st.just(float("nan")), st.floats(0, 23.99))).astype(np.float64),
        weekday=column(st.integers(-1, 6)),
        attempt=column(st.integers(0, 200)),
        lead_attempt=column(st.integers(0, 200)),
        kind=column(st.sampled_from(["", "mobile", "fixed"])).astype(np.str_),
        last_outcome=column(st.sampled_from(["", "busy", "machine"])).astype(np.str_),
        known_days=column(maybe).astype(np.float64),
        answered_days=column(maybe).astype(np.float64),
        list_id=column(st.integers(0, 50)),
        campaign_id=column(st.integers(1, 30)),
    )
    answered = column(st.booleans()).astype(np.bool_)
    return World(known, np.zeros(count), answered, column(st.floats(-1, 400)).astype(np.float64))


@settings(max_examples=60, deadline=None)
@given(attempts())
def test_chances_are_chances_whatever_was_seen(data: World) -> None:
    model = train(data.leads, data.answered, age_days=data.age_days)
    model = model.updated(data.leads, data.answered)
    for asked in (data.leads, leads(20, 13)):
        chances, error = model.predict(asked)
        assert ((chances > 0.0) & (chances < 1.0)).all()
        assert (np.isfinite(error) & (error >= 0.0)).all()
        assert (model.odds(asked) > 0.0).all()


@settings(max_examples=40, deadline=None)
@given(attempts(), st.randoms(use_true_random=False))
def test_the_order_of_the_attempts_does_not_matter(data: World, chance: object) -> None:
    order = np.arange(len(data.leads))
    chance.shuffle(order)  # type: ignore[attr-defined]
    asked = leads(20, 14)
    one = train(data.leads, data.answered, age_days=data.age_days)
    other = train(data.leads.take(order), data.answered[order], age_days=data.age_days[order])
    assert one.predict(asked)[0] == pytest.approx(other.predict(asked)[0], abs=1e-5)


def test_the_model_stays_small_with_many_lists_and_campaigns() -> None:
    many = replace(
        leads(20_000, 15),
        list_id=np.arange(20_000) % 900,
        campaign_id=np.arange(20_000) % 90,
    )
    model = train(many, np.arange(20_000) % 5 == 0, age_days=np.zeros(20_000))
    assert model.effects.size < 420
    assert len(model.groups) == len(FACTORS)
