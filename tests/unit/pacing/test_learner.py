"""The learner against worlds whose laws are known."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import orjson
import pytest

from pacing import Floor, Learner, Pace, Window, decide
from pacing.learner import RingEnd
from pacing.level import MEMORY
from pacing.predictive import first_price, price_of
from tests.unit.pacing.worlds import LEARNERS, open_floor, taught

AIM = 0.025
TICK = 0.5


@dataclass
class Line:
    """Calls placed at an even rate into a world whose share of persons is a function of time."""

    share: Callable[[float], float]
    learner: Learner = field(default_factory=Learner)
    rate: float = 4.0
    """Calls per second."""
    seed: int = 0

    def __post_init__(self) -> None:
        self._draw = np.random.default_rng(self.seed)
        self._air: list[tuple[float, float, RingEnd]] = []
        self.now, self.heard = 0.0, 0
        self.scales: list[tuple[float, float]] = []

    def until(self, end: float) -> "Line":
        """Go on: calls are placed, ring, and are told of when they end."""
        while self.now < end:
            self.now += TICK
            over = [call for call in self._air if call[1] <= self.now]
            self._air = [call for call in self._air if call[1] > self.now]
            for placed, ends, kind in over:
                self.heard += kind == "human"
                self.learner.ring_over(ends - placed, kind)
            for _ in range(round(self.rate * TICK)):
                self._air.append(self._call())
            ages = np.asarray([self.now - placed for placed, _, _ in self._air])
            self.learner.watch(replace(open_floor(), ringing=ages), self.now)
            self.scales.append((self.now, self.believed()))
        return self

    def believed(self) -> float:
        """Share of persons that a decision now would reckon with."""
        model, trim = self.learner.model(), self.learner.trim()
        return model.tables(2.0, trim["scale"]).human_share

    def _call(self) -> tuple[float, float, RingEnd]:
        fate = self._draw.random()
        if fate < self.share(self.now):
            return self.now, self.now + min(25.0, float(self._draw.gamma(4.0, 3.0))), "human"
        if fate < self.share(self.now) + 0.1:
            return self.now, self.now + float(self._draw.normal(20.0, 2.0)), "machine"
        return self.now, self.now + float(self._draw.choice([2.5, 25.0], p=[0.15, 0.85])), "other"


@pytest.mark.parametrize("share", [0.06, 0.18, 0.40])
def test_learns_the_share_of_persons(share: float) -> None:
    """Twenty minutes of 4 calls a second from a cold start: within a tenth and what chance allows."""
    line = Line(lambda _: share, seed=round(100 * share)).until(1200.0)
    noise = 3 * math.sqrt(share * (1 - share) / 4800)
    assert line.believed() == pytest.approx(share, abs=0.1 * share + noise)


def test_learns_how_long_people_ring_talk_and_wrap_up() -> None:
    seen = taught(11, 4000, 0.2, 90.0).model().summary()
    assert seen["ring_mean"] == pytest.approx(12.0, rel=0.05)
    assert seen["talk_mean"] == pytest.approx(90.0 * math.exp(0.8**2 / 2), rel=0.10)
    assert seen["wrap_mean"] == pytest.approx(math.exp(3.0 + 0.5**2 / 2), rel=0.10)


def test_the_first_minute_is_not_taken_for_its_quick_ends() -> None:
    """A quarter of a minute in, only quick ends are known; who rings on is counted as ringing on."""
    line = Line(lambda _: 0.18, learner=Learner()).until(15.0)
    assert 0.09 < line.believed() < 0.36


def test_a_step_is_not_seen_before_it_can_be_and_pulls_no_other_way() -> None:
    """In the 25 s after the share halves, the level is neither raised nor driven below the new truth."""
    line = Line(lambda now: 0.18 if now < 900 else 0.09).until(900.0)
    before = line.believed()
    line.until(925.0)
    after = [share for now, share in line.scales if now > 900.0]
    assert max(after) < 1.25 * before
    assert min(after) > 0.75 * 0.09


@pytest.mark.parametrize("seed", range(3))
def test_follows_a_doubling_within_the_memory_of_its_level(seed: int) -> None:
    """The level comes within a quarter of the new share; over ten seeds after 60 answers in the median."""
    line = Line(lambda now: 0.12 if now < 900 else 0.24, seed=seed).until(900.0)
    heard = line.heard
    while line.believed() < 0.75 * 0.24:
        line.until(line.now + TICK)
        assert line.heard - heard < MEMORY
    line.until(1500.0)
    assert line.believed() == pytest.approx(0.24, rel=0.2)


@pytest.mark.parametrize("error", [0.5, 2.0])
def test_the_price_brings_the_share_to_the_aim_under_a_wrong_model(error: float) -> None:
    """A world that abandons `error` times as often as the price says, for 20 000 answers."""
    learner, draw = Learner(), np.random.default_rng(5)
    live = abandoned = 0
    for _ in range(20_000):
        windows = (Window("law", 0.03, live=live, abandoned=abandoned, credit=10.0),)
        floor = open_floor(windows=windows)
        learner.watch(floor, 0.0)
        price = price_of(replace(floor, trim=learner.trim()), AIM)
        missed = bool(draw.random() < error * price)
        learner.answer(missed, AIM)
        live, abandoned = live + 1, abandoned + missed
    assert abandoned / live == pytest.approx(AIM, abs=0.0015)


def test_without_windows_the_error_itself_moves_the_price() -> None:
    learner = Learner()
    for _ in range(200):
        learner.answer(True, AIM)
    assert learner.trim()["log_price"] < first_price(AIM)
    for _ in range(20_000):
        learner.answer(False, AIM)
    assert learner.trim()["log_price"] > first_price(AIM)


def test_the_price_does_not_run_away() -> None:
    learner = Learner()
    for _ in range(50_000):
        learner.answer(True, AIM)
    assert learner.trim()["log_price"] == pytest.approx(first_price(AIM) - 1.0)


@pytest.mark.parametrize("learner", LEARNERS, ids=range(len(LEARNERS)))
def test_a_restart_goes_on_with_what_was_learned(learner: Learner) -> None:
    read = Learner.from_record(orjson.loads(orjson.dumps(learner.as_record())))
    assert read.trim()["scale"] == pytest.approx(learner.trim()["scale"], rel=0.1)
    assert read.trim().get("log_price") == learner.trim().get("log_price")
    assert read.speed(3) == pytest.approx(learner.speed(3))
    again = Learner.from_record(read.as_record())
    assert orjson.dumps(again.as_record()) == orjson.dumps(read.as_record())
    for name in ("human", "machine", "other", "talk", "wrap", "screening"):
        found, kept = getattr(read.model(), name), getattr(again.model(), name)
        assert found.tobytes() == kept.tobytes()
        assert found == pytest.approx(getattr(learner.model(), name), rel=1e-9, abs=1e-12)


def test_a_restarted_learner_learns_on_as_if_nothing_had_been() -> None:
    kept, told = taught(3, 800, 0.2, 60.0), taught(3, 800, 0.2, 60.0)
    read = Learner.from_record(orjson.loads(orjson.dumps(told.as_record())))
    for learner in (kept, read):
        for _ in range(300):
            learner.ring_over(8.0, "human")
            learner.talk_over(45.0, 1)
        learner.settle_in()
    assert read.model().human == pytest.approx(kept.model().human, rel=1e-9)
    assert read.model().talk == pytest.approx(kept.model().talk, rel=1e-9)


def test_past_calls_leave_the_level_at_what_they_show() -> None:
    learner = taught(5, 3000, 0.3, 60.0)
    assert learner.trim()["scale"] == pytest.approx(1.0, abs=0.1)
    assert learner.model().summary()["human_share"] == pytest.approx(0.3, rel=0.1)


def test_the_pace_of_an_agent_is_believed_little_by_little() -> None:
    learner, draw = Learner(), np.random.default_rng(8)
    paces = [learner.speed(1)[0]]
    for more in (5, 150):
        for _ in range(more):
            for agent, mean in ((1, 50.0), (2, 100.0), (3, 100.0), (4, 100.0)):
                learner.talk_over(float(draw.exponential(mean)), agent)
        paces.append(learner.speed(1)[0])
    assert paces[0] == 1.0
    assert 0.9 < paces[1] < 1.35
    # 87.5 s are the mean of all; half trusted after 25 ends.
    assert 1.35 < paces[2] < 87.5 / 50.0
    assert learner.speed(99) == (1.0, 1.0)
    assert learner.speed(1)[1] == 1.0


def test_versions_of_the_model_rise_when_enough_was_learned_and_only_then() -> None:
    learner, floor = Learner(), open_floor()
    first = learner.model()
    learner.watch(floor, 0.0)
    learner.watch(floor, 100.0)
    assert learner.model() is first
    for _ in range(50):
        learner.ring_over(3.0, "human")
    learner.watch(floor, 200.0)
    assert learner.model().version > first.version


def test_the_same_story_teaches_the_same() -> None:
    def told() -> bytes:
        return orjson.dumps(Line(lambda _: 0.2).until(120.0).learner.as_record())

    assert told() == told()


def test_doubt_shrinks_with_evidence() -> None:
    new, old = LEARNERS[0].trim(), LEARNERS[3].trim()
    assert new["answer_cv"] > 3 * old["answer_cv"]
    assert new["free_cv"] > 3 * old["free_cv"]


def test_a_floor_without_trim_is_decided_by_the_first_price() -> None:
    floor: Floor = open_floor(ready=1, on_call=9)
    forecast = decide(Pace(target=AIM), LEARNERS[0].model(), floor).forecast
    assert forecast is not None
    assert forecast.price == pytest.approx(AIM)
