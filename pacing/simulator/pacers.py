"""Dialers for the simulation: ours as it runs live, and the oracles that know what nobody can."""

import math

import numpy as np

from pacing.decide import Pace, decide
from pacing.floor import Ages, Decision, Floor, Limits, Window
from pacing.learner import Learner
from pacing.simulator.day import FREE, HUMAN, IDLE, RING, SCREEN, TALK, WAIT, WRAP, Simulation


class Cadencia:
    """Ours, cold: what it knows it learned in this day."""

    def __init__(self, pace: Pace, *, limit: float = 0.03, credit: float = 0.0, learner: Learner | None = None, odds: bool = False) -> None:
        self.name, self.pace_, self._limit, self._odds = "cadencia", pace, limit, odds
        self._credit = credit
        self.learner = learner or Learner()
        self.ear = self
        self.last: Decision | None = None

    # What happens goes on to the learner.
    def ring_over(self, seconds: float, end: str, odds: float = 1.0) -> None:
        """A call left the ring."""
        self.learner.ring_over(seconds, end, odds if self._odds else 1.0)  # type: ignore[arg-type]

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
        floor, ringing = floor_of(day, (self._limit, self._credit), self.learner, self._odds)
        self.learner.watch(floor, day.now)
        model = self.learner.model()
        floor = _with(floor, self.learner.trim(), model.version)
        decision = self.decided(day, floor)
        self.last = decision
        return decision.calls, tuple(int(ringing[place]) for place in decision.cancel)

    def decided(self, day: Simulation, floor: Floor) -> Decision:
        """The decision itself."""
        return decide(self.pace_, self.learner.model(), floor)


def _with(floor: Floor, trim: dict[str, float], version: int) -> Floor:
    object.__setattr__(floor, "trim", trim)
    object.__setattr__(floor, "model", version)
    return floor


def floor_of(day: Simulation, law: tuple[float, float], learner: Learner, odds: bool) -> tuple[Floor, Ages]:
    """What an engine would see, and the slots of the ringing calls."""
    now, counts, world = day.now, day.counts, day.world
    age = now - day.agent_since
    idle, talk, wrap = (np.nonzero(day.agent_phase == phase)[0] for phase in (IDLE, TALK, WRAP))
    ringing, screening, waiting = (np.nonzero(day.call_phase == phase)[0] for phase in (RING, SCREEN, WAIT))
    placed = now - day.call_placed[ringing]
    none = np.zeros(0)
    differ = world.speeds > 0
    window = Window("law", law[0], counts.live, counts.abandoned, counts.screened_out, law[1])
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
        windows=(window,),
        dialed=counts.ended,
        live_answers=counts.live,
        rung=placed,
        on_call_speed=_paces(learner, talk, 0) if differ else none,
        wrap_up_speed=_paces(learner, wrap, 1) if differ else none,
        ringing_odds=day.call_odds[ringing] if odds else none,
        next_odds=day.odds_ahead(32) if odds else none,
        screening_after=day.call_answered[screening],
        reserved=float(day.inbound),
    )
    return floor, ringing


def _paces(learner: Learner, agents: Ages, place: int) -> Ages:
    return np.asarray([learner.speed(int(agent))[place] for agent in agents])
