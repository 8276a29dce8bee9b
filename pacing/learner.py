"""Learns a campaign online, from the end of every phase of every call; censoring-aware, forgetting."""

import math
from collections import deque
from typing import Any, Literal

import numpy as np

from pacing.floor import Ages, Floor, Window
from pacing.hazards import RING_BINS, RING_STEP, Forgetting, RingCounts, TimeCounts, time_edges
from pacing.level import MEMORY, QUICK_MEMORY, Level
from pacing.model import Model, left_in_ring
from pacing.predictive import balance, first_price

RingEnd = Literal["human", "machine", "other", "cancelled"]

RING_MEMORY = 4000.0
"""Calls after which the shape of the ring's hazards has forgotten to 1/e; the level is followed by
`scale`."""
TIME_MEMORY = 2000.0
"""The same for conversations and wrap-ups."""
PRICE_GAIN = 0.0007
"""Share of the balance's pull that goes into the level of the price at each live answer."""
PRICE_RANGE = 1.0
"""How far the level of the price may move from where it began, in its logarithm."""
_SCREEN_BINS = 24
"""Half seconds of the screening's distribution."""
_FRESH = 60.0
"""Seconds between two versions of the model, at least; sooner when the evidence has grown by a quarter."""
_PRIOR_CALLS, _PRIOR_TIMES, _PRIOR_LEVEL = 40.0, 12.0, 3.0
_PRIOR_TALK, _PRIOR_WRAP = 120.0, 25.0
"""Prior means in seconds; Brown et al. 2005 for the log-normal law, Prodigal for the wrap-up."""
_SHAPE, _SHAPE_CV = 20.0, 0.6
"""Rings seen to their end after which their shape is half trusted, and the doubt about the answers before."""
_AGENT_PRIOR = 25.0
"""Ends after which an agent's own pace counts as much as the campaign's."""


class Learner:
    """One campaign's estimates. Times are seconds; the caller gives durations, never clocks."""

    def __init__(self) -> None:
        self._ring = RingCounts(Forgetting(RING_MEMORY))
        self._screens = np.zeros(_SCREEN_BINS)
        self._talk = TimeCounts(time_edges(), Forgetting(TIME_MEMORY))
        self._wrap = TimeCounts(time_edges(), Forgetting(TIME_MEMORY))
        self._means = {"talk": [_PRIOR_TALK, 3.0], "wrap": [_PRIOR_WRAP, 3.0]}
        self._paces: dict[int, list[float]] = {}
        self._log_price: float | None = None
        self._windows: tuple[Window, ...] = ()
        self._level = Level(_PRIOR_LEVEL, _PRIOR_LEVEL)
        self._due: deque[tuple[float, float]] = deque()
        self._rate = 0.0
        self._seen_at: float | None = None
        self._built_at, self._evidence, self._built_on = -math.inf, 0.0, 0.0
        self._model = self._built(1, None)

    # --- what happened -----------------------------------------------------------------------------

    def ring_over(self, seconds: float, end: RingEnd, odds: float = 1.0) -> None:
        """A call left the ring, `seconds` after it was placed: answered by a person or machine, ended, or
        cancelled by us, which says only that it rang so long.

        Told once the verdict is known; `odds` are those the call was placed with.
        """
        self._ring.add(seconds, end, odds)
        self._evidence += 1
        if end == "human":
            self._level.answered()

    def screening_over(self, seconds: float, human: bool) -> None:
        """The screening of an answered call came to a verdict."""
        self._screens[min(_SCREEN_BINS - 1, max(0, int(seconds / RING_STEP)))] += 1.0
        if self._screens.sum() > 4 * TIME_MEMORY:
            self._screens *= 0.5

    def talk_over(self, seconds: float, agent: int) -> None:
        """A conversation ended."""
        self._time_over(self._talk, "talk", seconds, agent, 0)

    def wrap_over(self, seconds: float, agent: int) -> None:
        """An agent's wrap-up ended, by disposition or limit."""
        self._time_over(self._wrap, "wrap", seconds, agent, 2)

    def _time_over(self, counts: TimeCounts, name: str, seconds: float, agent: int, place: int) -> None:
        counts.add(seconds)
        self._evidence += 3
        mean, weight = self._means[name]
        weight = min(TIME_MEMORY, weight + 1.0)
        self._means[name] = [mean + (seconds - mean) / weight, weight]
        pace = self._paces.setdefault(agent, [0.0, 0.0, 0.0, 0.0])
        fade = 1.0 - 1.0 / (8 * _AGENT_PRIOR)
        pace[place] = pace[place] * fade + 1.0
        pace[place + 1] = pace[place + 1] * fade + seconds / max(1e-6, self._means[name][0])

    def answer(self, abandoned: bool, aim: float) -> None:
        """A live answer was settled: the level of the price follows where the balance has moved the price to.

        So the balance comes to rest at its margin, and the long-run share at the aim. Without windows the
        price itself is moved by the error (adaptive conformal inference, Gibbs & Candès 2021).
        """
        aim = min([aim, *(window.limit for window in self._windows)])
        price = self._log_price if self._log_price is not None else first_price(aim)
        error = balance(self._windows, aim) if self._windows else aim - float(abandoned)
        moved = price + PRICE_GAIN * error - first_price(aim)
        self._log_price = first_price(aim) + min(PRICE_RANGE, max(-PRICE_RANGE, moved))

    def watch(self, floor: Floor, now: float) -> None:
        """See the floor at `now` (seconds of any steady clock), once before each decision."""
        if self._seen_at is not None:
            self._expect(floor, now, min(5.0, max(0.0, now - self._seen_at)))
        self._seen_at, self._windows = now, floor.windows
        old = now - self._built_at >= _FRESH
        grown = self._evidence > 1.25 * self._built_on + 20.0
        if (old and self._evidence > self._built_on) or (grown and now - self._built_at >= 5.0):
            self._built_at, self._built_on = now, self._evidence
            old_share = max(1e-6, self._share)
            self._model = self._built(self._model.version + 1, floor)
            self._level.rescaled(self._share / old_share)

    def _expect(self, floor: Floor, now: float, passed: float) -> None:
        """Answers that the model expects of the calls in the air meanwhile, heeding that not all have come
        yet."""
        due = (
            passed
            / RING_STEP
            * (
                self._hazard(floor.dialing, floor.dialing_odds)
                + self._hazard(floor.ringing, floor.ringing_odds)
            )
        )
        self._due.append((now, due))
        if passed > 0:
            self._rate += (due / passed - self._rate) * (1.0 - math.exp(-passed / 60.0))
        ripe = now - self._lag
        while self._due and self._due[0][0] <= ripe:
            expected = self._due.popleft()[1]
            self._level.due(expected, self._rate)
        self._level.restarted_where_it_changed()

    def _hazard(self, ages: Ages, odds: Ages) -> float:
        if not ages.size:
            return 0.0
        hazard = self._model.human[np.minimum((ages / RING_STEP).astype(np.intp), RING_BINS - 1)]
        return float(hazard @ odds) if odds.size else float(hazard.sum())

    def settle_in(self) -> None:
        """After past calls were told: nothing was expected of them, so the level starts at what they show."""
        self._model = self._built(self._model.version + 1, None)
        self._built_on = self._evidence
        told = min(MEMORY, self._level.came)
        self._level = Level(told, told, QUICK_MEMORY / 2)

    # --- what is believed --------------------------------------------------------------------------

    def model(self) -> Model:
        """The tables in force: the same object until enough was learned for a new version."""
        return self._model

    def trim(self) -> dict[str, float]:
        """Fast scalars that go into Floor.trim: the price's logarithm (once learned) and the answer scale."""
        came, expected = self._level.came, self._level.expected
        # Lean to the safe side: more answers lately than usual count at once, by their lower bound.
        quick, due = self._level.lately
        lately = (max(0.0, quick - math.sqrt(quick)) + 2.0) / (due + 2.0)
        level = max((came + 2.0) / (expected + 2.0), lately)
        # Until rings were seen to their end, few answers so far may only mean that people answer later.
        unseen = _SHAPE / (_SHAPE + self._to_the_end)
        scale = level ** (1.0 - unseen)
        doubt = 1.0 / (expected + 0.5) + (_SHAPE_CV * unseen) ** 2
        found = {
            "scale": scale,
            "answer_cv": math.sqrt(doubt),
            "free_cv": 1.0 / math.sqrt(self._means["talk"][1] + 5.0),
        }
        if self._log_price is not None:
            found["log_price"] = self._log_price
        return found

    def speed(self, agent: int) -> tuple[float, float]:
        """Pace of an agent in talk and wrap-up, 1 = the campaign's mean; shrunk toward it."""
        ends = self._paces.get(agent)
        if ends is None:
            return 1.0, 1.0
        return (
            (ends[0] + _AGENT_PRIOR) / (ends[1] + _AGENT_PRIOR),
            (ends[2] + _AGENT_PRIOR) / (ends[3] + _AGENT_PRIOR),
        )

    def _built(self, version: int, floor: Floor | None) -> Model:
        ring, weight = self._ring, self._ring.fade.weight
        exposed, by_odds = ring.exposed / weight, ring.exposed_odds / weight
        if floor is not None:
            going = ring.still(np.concatenate((floor.dialing, floor.ringing)))
            exposed, by_odds = exposed + going, by_odds + going
        at_risk = np.maximum(exposed + _PRIOR_CALLS * _PRIOR_RING["alive"], 1e-9)
        at_odds = np.maximum(by_odds + _PRIOR_CALLS * _PRIOR_RING["alive"], 1e-9)
        ends = {
            kind: counts / weight + _PRIOR_CALLS * _PRIOR_RING[kind] for kind, counts in ring.ends.items()
        }
        screens = self._screens + 8.0 * _PRIOR_SCREENING
        self._lag = float(screens @ (np.arange(_SCREEN_BINS) + 0.5) * RING_STEP / screens.sum())
        edges = self._talk.edges
        human = np.minimum(1.0, _smoothed(ends["human"]) / np.maximum(at_odds, _smoothed(at_odds) * 0.5))
        _, share, _ = left_in_ring(human, ends["machine"] / at_risk, ends["other"] / at_risk)
        self._share = float(share.sum())
        late = int(np.searchsorted(np.cumsum(share), 0.8 * self._share))
        self._to_the_end = float(exposed[min(late, RING_BINS - 1)])
        return Model(
            version=version,
            human=human,
            machine=np.minimum(
                1.0, _smoothed(ends["machine"]) / np.maximum(at_risk, _smoothed(at_risk) * 0.5)
            ),
            other=np.minimum(1.0, ends["other"] / at_risk),
            screening=np.cumsum(screens) / screens.sum(),
            edges=edges,
            talk=self._time_hazard(self._talk, "talk", floor.on_call if floor is not None else None),
            wrap=self._time_hazard(self._wrap, "wrap", floor.wrap_up if floor is not None else None),
            seen=float(exposed[0]),
        )

    def _time_hazard(self, counts: TimeCounts, name: str, going: Ages | None) -> Ages:
        """Observed ends over exposure, with a log-normal of the mean seen so far as the prior."""
        weight = counts.fade.weight
        exposure, ends = counts.exposure / weight, counts.ends / weight
        if going is not None and going.size:
            exposure = exposure + counts.still(going)
        prior_exposure, prior_ends = _lognormal_counts(counts.edges, self._means[name][0])
        return np.asarray((ends + _PRIOR_TIMES * prior_ends) / (exposure + _PRIOR_TIMES * prior_exposure))

    # --- restart -----------------------------------------------------------------------------------

    def as_record(self) -> dict[str, Any]:
        """Everything learned, JSON-able, for a restart."""
        ring, weight = self._ring, self._ring.fade.weight
        return {
            "exposed": (ring.exposed / weight).tolist(),
            "exposed_odds": (ring.exposed_odds / weight).tolist(),
            "ends": {kind: (counts / weight).tolist() for kind, counts in ring.ends.items()},
            "screens": self._screens.tolist(),
            "times": {
                name: [(c.exposure / c.fade.weight).tolist(), (c.ends / c.fade.weight).tolist()]
                for name, c in (("talk", self._talk), ("wrap", self._wrap))
            },
            "means": self._means,
            "paces": {str(agent): ends for agent, ends in self._paces.items()},
            "log_price": self._log_price,
            "level": self._level.as_record(),
            "evidence": self._evidence,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Learner":
        """The learner that as_record() wrote down; what was in the air then is not known any more."""
        made = cls()
        made._ring.exposed = np.asarray(record["exposed"])
        made._ring.exposed_odds = np.asarray(record["exposed_odds"])
        made._ring.ends = {kind: np.asarray(counts) for kind, counts in record["ends"].items()}
        made._screens = np.asarray(record["screens"])
        for name, counts in (("talk", made._talk), ("wrap", made._wrap)):
            counts.exposure, counts.ends = (np.asarray(part) for part in record["times"][name])
        made._means = {name: list(mean) for name, mean in record["means"].items()}
        made._paces = {int(agent): list(ends) for agent, ends in record["paces"].items()}
        made._log_price = record["log_price"]
        made._level = Level.from_record(record["level"])
        made._evidence = record["evidence"]
        made._model = made._built(1, None)
        return made


def _smoothed(counts: Ages) -> Ages:
    """Weighted over two seconds: a bin of half a second sees few answers."""
    padded = np.concatenate((np.zeros(2), counts, np.zeros(2)))
    return np.asarray(np.convolve(padded, _KERNEL, mode="valid"))


_KERNEL = np.asarray([0.1, 0.2, 0.4, 0.2, 0.1])


def _lognormal_counts(edges: Ages, mean: float, cv: float = 1.1) -> tuple[Ages, Ages]:
    """(exposure in seconds, ends) by bin of one log-normal time of that mean."""
    sigma = math.sqrt(math.log(1 + cv * cv))
    mu = math.log(mean) - sigma * sigma / 2
    left = np.ones(edges.size)
    left[1:] = [0.5 * math.erfc((math.log(edge) - mu) / (sigma * math.sqrt(2))) for edge in edges[1:]]
    ends = np.append(left[:-1] - left[1:], left[-1])
    widths = np.append(np.diff(edges), edges[-1] - edges[-2])
    return np.asarray(widths * (left - ends / 2)), ends


def _prior_ring() -> dict[str, Ages]:
    """Of one call: ends by bin, and the share still ringing. Reference pacing.md §3: people early,
    machines late."""
    at = (np.arange(RING_BINS) + 0.5) * RING_STEP
    human = at**2 * np.exp(-at * 3 / 10)
    machine = np.where(at < 5, 0.05, 0.0) + np.exp(-((at - 20) ** 2) / 18)
    other = np.where(at < 6, 1.0, 0.05) * np.where(at < 45, 1.0, 0.0)
    ends = {
        "human": 0.2 * human / human.sum(),
        "machine": 0.12 * machine / machine.sum(),
        "other": 0.3 * other / other.sum(),
    }
    gone = np.cumsum(sum(ends.values()))
    ends["alive"] = np.concatenate(([1.0], 1.0 - gone[:-1]))
    return ends


def _prior_screening() -> Ages:
    at = (np.arange(_SCREEN_BINS) + 0.5) * RING_STEP
    shape = np.where(at < 5, np.exp(-((at - 1.5) ** 2) / 1.5), 0.0)
    return np.asarray(shape / shape.sum())


_PRIOR_RING = _prior_ring()
_PRIOR_SCREENING = _prior_screening()
