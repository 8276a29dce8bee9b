"""Dialers for the simulation: ours as it runs live, and the oracles that know what nobody can."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pacing.baselines.view import Pacer as CountingPacer
from pacing.baselines.view import View
from pacing.decide import Pace, decide
from pacing.decision import Decision
from pacing.floor import Ages, Floor, Limits
from pacing.learner import Learner, RingEnd
from pacing.level import Level
from pacing.model import Model
from pacing.predictive import outlooks, placed, price_of, tables_of
from pacing.simulator.day import BREAK, IDLE, RING, SCREEN, TALK, WAIT, WRAP, Simulation
from pacing.simulator.standing import Standing, since
from pacing.simulator.world import World

Slots = NDArray[np.int_]


class Cadencia:
    """Ours, cold: what it knows it learned in this day."""

    def __init__(
        self,
        pace: Pace,
        *,
        limit: float = 0.03,
        credit: float = 0.0,
        standing: Standing | None = None,
        learner: Learner | None = None,
        odds: bool = False,
        lines: bool = False,
    ) -> None:
        """Under one window of `limit` and `credit`, or where a campaign is `standing` already."""
        self.name, self.pace_, self._odds = "cadencia", pace, odds
        self._standing = standing or Standing.of_a_new_day(limit, credit)
        self.lines_seen: list[int] | None = [] if lines else None
        self.learner = learner or Learner()
        self.ear = self
        self.last: Decision | None = None

    # What happens goes on to the learner.
    def ring_over(self, seconds: float, end: RingEnd, odds: float = 1.0) -> None:
        """A call left the ring."""
        self.learner.ring_over(seconds, end, odds if self._odds else 1.0)

    def screening_over(self, seconds: float, human: bool) -> None:
        """A verdict."""
        self.learner.screening_over(seconds, human)

    def talk_over(self, seconds: float, agent: int) -> None:
        """A conversation ended."""
        self.learner.talk_over(seconds, agent)

    def wrap_over(self, seconds: float, agent: int) -> None:
        """A wrap-up ended."""
        self.learner.wrap_over(seconds, agent)

    def settled(self, abandoned: bool) -> None:
        """A live answer was settled."""
        self.learner.answer(abandoned, self.pace_.target)

    def pace(self, day: Simulation) -> tuple[int, tuple[int, ...]]:
        """One decision."""
        floor, ringing = floor_of(day, self._standing, self.learner, self._odds)
        self.learner.watch(floor, day.now)
        model = self.learner.model()
        floor = replace(floor, trim=self.learner.trim(), model=model.version)
        decision = self.decided(day, floor)
        self.last = decision
        if self.lines_seen is not None:
            self.lines_seen.append(floor.in_flight + floor.on_call.size)
        return decision.calls, tuple(int(ringing[place]) for place in decision.cancel)

    def decided(self, day: Simulation, floor: Floor) -> Decision:
        """The decision itself."""
        return decide(self.pace_, self.learner.model(), floor)


def floor_of(day: Simulation, standing: Standing, learner: Learner, odds: bool) -> tuple[Floor, Slots]:
    """What an engine would see, and the slots of the ringing calls."""
    now, counts, world = day.now, day.counts, day.world
    age = now - day.agent_since
    idle, talk, wrap = (np.nonzero(day.agent_phase == phase)[0] for phase in (IDLE, TALK, WRAP))
    ringing, screening, waiting = (np.nonzero(day.call_phase == phase)[0] for phase in (RING, SCREEN, WAIT))
    placed = now - day.call_placed[ringing]
    none = np.zeros(0)
    differ = world.speeds > 0
    false = counts.machines * audited(world)
    passed = (counts.live, counts.abandoned, false, counts.unserved)
    floor = Floor(
        ready=age[idle],
        on_call=age[talk],
        wrap_up=age[wrap],
        dialing=none,
        ringing=placed,
        screening=now - day.call_since[screening],
        waiting=now - day.call_since[waiting],
        limits=Limits(
            lines=talk.size + ringing.size + screening.size + waiting.size + min(day.line_room(), 100_000),
            tokens=1_000_000,
            connect_limit=world.patience,
        ),
        windows=tuple(since(window, *passed) for window in standing.windows),
        dialed=standing.settled + counts.ended,
        live_answers=standing.settled_live + counts.live + counts.early,
        rung=placed,
        on_call_speed=_paces(learner, talk, 0) if differ else none,
        wrap_up_speed=_paces(learner, wrap, 1) if differ else none,
        ringing_odds=day.call_odds[ringing] if odds else none,
        next_odds=day.odds_ahead(32) if odds else none,
        screening_after=day.call_answered[screening],
        reserved=float(day.inbound),
    )
    return floor, ringing


def audited(world: World) -> float:
    """Share of the machine verdicts that were persons, as a large audit would find it."""
    human = world.human.at(0.0)
    wrong = human * world.false_positives
    return wrong / max(1e-9, wrong + world.machine * (1.0 - world.false_negatives))


class OracleA(Cadencia):
    """Knows when every busy agent will be ready; decides by the same rule, without the cap."""

    def decided(self, day: Simulation, floor: Floor) -> Decision:
        """The decision with certain agents."""
        tables = tables_of(self.learner.model(), floor)
        looks = outlooks(tables, floor)
        busy = np.nonzero(np.isin(day.agent_phase, (TALK, WRAP)))[0]
        at = np.asarray([day.free_at(int(agent)) for agent in busy]) - day.now - day.world.patience
        known = replace(looks, busy=(at[:, None] > tables.at[None, :]).astype(np.float64))
        return placed(
            _sure(floor, "free_cv"), tables, known, price_of(floor, self.pace_.target), self.pace_.cancel
        )


class OracleB(Cadencia):
    """Knows which calls in the air will be answered by a person, and when."""

    def decided(self, day: Simulation, floor: Floor) -> Decision:
        """The decision with certain answers."""
        tables = tables_of(self.learner.model(), floor)
        looks = outlooks(tables, floor)
        slots = np.concatenate([np.nonzero(day.call_phase == phase)[0] for phase in (RING, SCREEN)])
        at = np.asarray([day.ready_at(int(slot)) for slot in slots]) - day.now
        known = replace(looks, needs=(at[:, None] <= tables.at[None, :]).astype(np.float64))
        return placed(
            _sure(floor, "answer_cv"), tables, known, price_of(floor, self.pace_.target), self.pace_.cancel
        )


def _sure(floor: Floor, doubt: str) -> Floor:
    return replace(floor, trim={**floor.trim, doubt: 0.0})


class Known(Learner):
    """Has a model and keeps it; only the level of answering and the price go on."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model, self._built_at = model, math.inf
        self._level = Level(200.0, 200.0)
        self._to_the_end = 1000.0


class Counting:
    """A dialer that only counts, in the simulation."""

    ear = None

    def __init__(self, pacer: CountingPacer) -> None:
        self.name, self._pacer = pacer.name, pacer

    def pace(self, day: Simulation) -> tuple[int, tuple[int, ...]]:
        """One decision."""
        return self._pacer.calls(view_of(day)), ()


def view_of(day: Simulation) -> View:
    """What a dialer that counts sees."""
    counts, age = day.counts, day.now - day.agent_since
    agents = day.agent_phase
    phases = np.bincount(day.call_phase, minlength=4)
    return View(
        now=day.now,
        ready=int((agents == IDLE).sum()),
        on_call=age[agents == TALK],
        wrap_up=age[agents == WRAP],
        paused=int((agents == BREAK).sum()),
        ringing=int(phases[RING]),
        screening=int(phases[SCREEN]),
        waiting=int(phases[WAIT]),
        live=counts.live,
        abandoned=counts.abandoned,
        handled=counts.connected,
        dialed=counts.ended,
        answered=counts.answered,
        talk_mean=counts.talk_sum / max(1, counts.talks),
        ring_mean=counts.ring_sum / max(1, counts.answered),
    )


def _paces(learner: Learner, agents: Slots, place: int) -> Ages:
    return np.asarray([learner.speed(int(agent))[place] for agent in agents])
