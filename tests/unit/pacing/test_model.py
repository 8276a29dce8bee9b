"""The tables of chances, against integrals and draws of the same laws."""

import math
from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import Floor, Model
from pacing.floor import Ages
from pacing.hazards import RING_BINS, RING_STEP, time_edges
from pacing.model import SPEEDS, left_in_ring, survival
from tests.unit.pacing.worlds import LEARNERS, MODELS, PROPERTY, open_floor

DRAWS = 200_000
NOISE = 0.006
"""Four standard deviations of a share of so many draws, and what the grid of half seconds adds."""
TALK, WRAP = 1 / 90.0, 1 / 20.0
BY = np.arange(RING_BINS)


def known(screening: Ages | None = None) -> Model:
    """People answer at a constant rate for 40 s, machines as well, the rest gives up."""
    open_ = (BY * RING_STEP < 40.0).astype(np.float64)
    edges = time_edges()
    return Model(
        version=1,
        human=0.008 * open_,
        machine=0.004 * open_,
        other=np.where(BY * RING_STEP < 40.0, 0.02, 1.0),
        screening=np.asarray([0.0, 0.25, 0.75, 1.0]) if screening is None else screening,
        edges=edges,
        talk=np.full(edges.size, TALK),
        wrap=np.full(edges.size, WRAP),
    )


MODEL = known()
TABLES = MODEL.tables(2.0, 1.0)


def drawn_calls(age: float, generator: np.random.Generator) -> Ages:
    """Seconds from now at which calls that have rung for `age` have a person for an agent; else infinite."""
    whole = MODEL.human + MODEL.machine + MODEL.other
    first = int(age / RING_STEP)
    alive = np.concatenate(([1.0], np.cumprod(1.0 - np.minimum(1.0, whole[first:]))))
    bins = np.minimum(
        np.searchsorted(-alive, -generator.random(DRAWS), side="right") - 1, RING_BINS - 1 - first
    )
    human = generator.random(DRAWS) < (MODEL.human / whole)[first + bins]
    verdict = np.searchsorted(MODEL.screening, generator.random(DRAWS), side="left")
    return np.where(human, (bins + 1 + verdict) * RING_STEP, math.inf)


@pytest.mark.parametrize("age", [0.0, 5.0, 12.5, 30.0])
def test_a_ringing_call_is_ready_as_drawn(age: float) -> None:
    ready = drawn_calls(age, np.random.default_rng(int(age)))
    found = TABLES.calls(np.asarray([age]), np.zeros(0))[0]
    seen = (ready[:, None] <= TABLES.at[None, :] + 1e-9).mean(axis=0)
    assert found == pytest.approx(seen, abs=NOISE)


def test_a_new_call_is_one_of_no_age_and_half_of_those_answered_come_by_the_middle_instant() -> None:
    assert pytest.approx(TABLES.calls(np.zeros(1), np.zeros(0))[0]) == TABLES.new
    ready = drawn_calls(0.0, np.random.default_rng(9))
    assert TABLES.human_share == pytest.approx(float(np.isfinite(ready).mean()), abs=NOISE)
    assert TABLES.at[5] == pytest.approx(float(np.median(ready[np.isfinite(ready)])), abs=1.5)
    assert (np.diff(TABLES.at) >= 0).all()


def test_odds_raise_the_chance_that_nobody_of_so_many_answers() -> None:
    ages, once = np.asarray([3.0]), np.zeros(0)
    thrice = TABLES.calls(ages, np.asarray([3.0]))[0]
    assert 1.0 - thrice == pytest.approx((1.0 - TABLES.calls(ages, once)[0]) ** 3)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_the_scale_is_that_of_the_hazard_of_persons(scale: float) -> None:
    scaled = MODEL.tables(2.0, scale).human_share
    by_hand = left_in_ring(MODEL.human * scale, MODEL.machine, MODEL.other)[1].sum()
    assert scaled == pytest.approx(float(by_hand), rel=0.03)


@pytest.mark.parametrize("age", [0.0, 61.0, 300.0])
def test_a_conversation_and_its_wrap_up_end_as_drawn(age: float) -> None:
    draw = np.random.default_rng(int(age))
    free = draw.exponential(1 / TALK, DRAWS) + draw.exponential(1 / WRAP, DRAWS)
    floor = open_floor(on_call=1)
    found = TABLES.busy(replace(floor, on_call=np.asarray([age])))[0]
    seen = (free[:, None] > TABLES.at[None, :] + 2.0).mean(axis=0)
    assert found == pytest.approx(seen, abs=NOISE)


def test_a_conversation_of_a_law_with_memory_ends_as_integrated() -> None:
    """Log-normal talk of which a minute has passed; the wrap-up by its own law, on a fine grid."""
    model = LEARNERS[3].model()
    tables, age, step = model.tables(1.2, 1.0), 60.0, 0.05
    found = tables.busy(replace(open_floor(on_call=1), on_call=np.asarray([age])))[0]
    for instant, chance in zip(tables.at, found, strict=True):
        end = float(instant) + 1.2
        grid = np.arange(0.0, end, step)
        left = survival(model.edges, model.talk, age + np.append(grid, grid[-1] + step))
        wrapped = 1.0 - survival(model.edges, model.wrap, np.maximum(0.0, end - grid - step / 2))
        free = float(((left[:-1] - left[1:]) / left[0] * wrapped).sum())
        assert chance == pytest.approx(1.0 - free, abs=NOISE)


@pytest.mark.parametrize("age", [0.0, 10.0, 90.0])
def test_a_wrap_up_ends_by_its_law(age: float) -> None:
    found = TABLES.busy(replace(open_floor(wrap_up=1), wrap_up=np.asarray([age])))[0]
    assert found == pytest.approx(np.exp(-WRAP * (TABLES.at + 2.0)), abs=1e-9)


@pytest.mark.parametrize("pace", [0.5, 2.0])
def test_a_quick_agent_is_free_sooner_by_the_pace(pace: float) -> None:
    floor = replace(open_floor(wrap_up=1), wrap_up_speed=np.asarray([pace]))
    assert pace in SPEEDS
    assert TABLES.busy(floor)[0] == pytest.approx(np.exp(-WRAP * pace * (TABLES.at + 2.0)), abs=1e-9)


def test_a_screened_call_gets_its_verdict_by_what_is_left_of_the_law() -> None:
    person = MODEL.human[0] / (MODEL.human[0] + MODEL.machine[0])
    found = TABLES.screened(np.asarray([0.0, 1.2, 9.0]), np.asarray([3.0, 3.0, 3.0]))
    # All verdicts fall within two seconds, and the first instant is later.
    assert found == pytest.approx(np.full(found.shape, person))


def test_a_law_that_forgets_survives_by_its_exponential() -> None:
    edges = time_edges()
    at = np.asarray([0.0, 1.0, 77.7, 1000.0, 9000.0])
    assert survival(edges, np.full(edges.size, TALK), at) == pytest.approx(np.exp(-TALK * at))


@PROPERTY
@given(MODELS, st.floats(0.0, 2.0), st.floats(0.2, 4.0))
def test_tables_are_chances_that_never_fall_with_time(model: Model, wait: float, scale: float) -> None:
    tables = model.tables(wait, scale)
    ages = np.linspace(0.0, 130.0, 40)
    floor: Floor = replace(open_floor(on_call=40, wrap_up=40), on_call=ages * 6, wrap_up=ages)
    for chances, up in (
        (tables.calls(ages, np.zeros(0)), 1),
        (tables.screened(ages, ages), 1),
        (tables.busy(floor), -1),
    ):
        assert (chances >= -1e-9).all()
        assert (chances <= 1.0 + 1e-9).all()
        assert (up * np.diff(chances, axis=1) >= -1e-9).all()


@PROPERTY
@given(MODELS)
def test_a_record_is_exact(model: Model) -> None:
    read = Model.from_record(orjson.loads(orjson.dumps(model.as_record())))
    for name in ("human", "machine", "other", "screening", "edges", "talk", "wrap"):
        assert getattr(read, name).tobytes() == getattr(model, name).tobytes()
    assert (read.version, read.seen) == (model.version, model.seen)
    assert read.tables(1.2, 1.1).ringing.tobytes() == model.tables(1.2, 1.1).ringing.tobytes()


def test_what_a_supervisor_sees_of_it() -> None:
    seen = MODEL.summary()
    _, human, machine = left_in_ring(MODEL.human, MODEL.machine, MODEL.other)
    assert seen["human_share"] == pytest.approx(float(human.sum()))
    assert seen["answer_rate"] == pytest.approx(float((human + machine).sum()))
    assert seen["talk_mean"] == pytest.approx(90.0, rel=0.02)
    assert seen["wrap_mean"] == pytest.approx(20.0, rel=0.06)
