"""The simulated twin of a recorded day: its staff, its calls and its pace, to be lived again. Pure."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from dialer.model.automatic import reach_of
from dialer.model.campaign import CampaignSettings
from pacing import Floor, Learner, Model, Pace
from pacing.floor import Ages
from pacing.hazards import RING_BINS, RING_STEP
from pacing.learner import RingEnd
from pacing.model import left_in_ring
from pacing.predictive import SHARED, first_price
from pacing.simulator.course import Course, lived
from pacing.simulator.day import TICK, Simulation
from pacing.simulator.pacers import Cadencia
from pacing.simulator.policies import Named
from pacing.simulator.whatif import world_of
from pacing.simulator.world import Curve, Shift, World

QUARTER = 900.0
"""Seconds for which one share of answers stands."""
CREW = 300.0
"""Seconds for which one number of agents at work stands."""
LONGEST_GAP = 15.0
"""Seconds a recorded floor stands for, at most: a running campaign stores one every ten."""
FEWEST_CALLS = 200
"""With fewer recorded calls no twin is made."""
_PRIOR = 4.0
"""Answers that a quarter of an hour has as on the whole day, beside its own."""
_MOST_TOLD = 2000
"""Calls that the twin's learner is told of before its day, at most."""
_UNFADING = 1e12


class _WholeDay(Learner):
    """Forgets nothing: every call of the day counts the same."""

    def __init__(self) -> None:
        super().__init__()
        for counts in (self._ring, self._talk, self._wrap):
            counts.fade.memory = _UNFADING


@dataclass(slots=True)
class Came:
    """What really came of the day."""

    dials: int = 0
    live: int = 0
    abandoned: int = 0
    unserved: int = 0
    connected: int = 0
    machines: int = 0
    cancels: int = 0
    busy: float = 0.0
    """Agent seconds of talk and wrap-up, from the stored floors."""
    idle: float = 0.0

    @property
    def occupancy(self) -> float:
        """Busy / at work."""
        return self.busy / (self.busy + self.idle) if self.busy + self.idle > 0 else math.nan

    @property
    def idle_per_call(self) -> float:
        """Idle seconds per conversation."""
        return self.idle / self.connected if self.connected else math.nan

    def abandonment(self, errors: float) -> float:
        """(A + F + U) / (L + F), F = machine verdicts times the share of false ones, U = the unserved."""
        false = self.machines * errors
        whole = self.live + false
        return (self.abandoned + self.unserved + false) / whole if whole > 0 else math.nan

    @property
    def unserved_share(self) -> float:
        """U / L."""
        return self.unserved / self.live if self.live else math.nan


@dataclass(slots=True)
class Recording:
    """Gathers a day from its stored floors and attempts, in bounded memory."""

    start: datetime
    came: Came = field(default_factory=Came)
    paces: list[tuple[float, Pace]] = field(default_factory=list)
    first: tuple[Floor, Model] | None = None
    end: float = 0.0
    calls_per_agent: float = math.inf
    minimum_ring: float = 15.0
    connect_limit: float = 2.0
    limit: float = 1.0
    _crew: dict[int, list[float]] = field(default_factory=dict)
    _before: tuple[float, Floor] | None = None
    _learner: Learner = field(default_factory=_WholeDay)
    _rings: dict[int, Ages] = field(default_factory=dict)
    _answers: dict[int, int] = field(default_factory=dict)
    _waited: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _stood: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Seconds that persons stood without an agent, and how many of them hung up in it."""

    def floor(self, at: datetime, floor: Floor, pace: Pace, model: Model) -> None:
        """A stored decision, in the order of time."""
        now = (at - self.start).total_seconds()
        if self._before is not None:
            self._passed(*self._before, min(LONGEST_GAP, now - self._before[0]))
        self._before, self.end = (now, floor), now
        if self.first is None:
            self.first = (floor, model)
        if not self.paces or self.paces[-1][1] != pace:
            self.paces.append((now, pace))
        self.calls_per_agent = floor.limits.calls_per_agent
        self.connect_limit, self.minimum_ring = floor.limits.connect_limit, floor.limits.minimum_ring
        self.limit = min((window.limit for window in floor.windows), default=self.limit)

    def _passed(self, since: float, floor: Floor, seconds: float) -> None:
        """A floor was as it is for so long."""
        busy = floor.on_call.size + floor.wrap_up.size
        self.came.busy += busy * seconds
        self.came.idle += floor.ready.size * seconds
        crew = self._crew.setdefault(int(since // CREW), [0.0, 0.0])
        crew[0] += floor.agents * seconds
        crew[1] += seconds

    def attempt(self, row: Any) -> None:
        """A recorded call that came to its end; the columns of `recorded_attempts`."""
        end: RingEnd = row["end"]
        self._learner.ring_over(row["ring"], end)
        if row["screening"] is not None:
            self._learner.screening_over(row["screening"], end == "human")
        if row["talk"] is not None and row["agent_id"] is not None:
            self._learner.talk_over(row["talk"], row["agent_id"])
            if row["wrap"] is not None:
                self._learner.wrap_over(row["wrap"], row["agent_id"])
        if row["waited"] is not None:
            self._waited[0] += row["waited"]
            self._waited[1] += 1.0
        if row["stood"] is not None:
            self._stood[0] += row["stood"]
            self._stood[1] += row["unserved"]
        quarter = int((row["placed_at"] - self.start).total_seconds() // QUARTER)
        rings = self._rings.get(quarter)
        if rings is None:
            rings = self._rings[quarter] = np.zeros(RING_BINS)
        # A call that was given up could have been answered until then; any other, until the end.
        seen = int(row["ring"] / RING_STEP) if end == "cancelled" else RING_BINS
        rings[min(RING_BINS, max(1, seen)) - 1] += 1.0
        self._answers[quarter] = self._answers.get(quarter, 0) + (end == "human")
        came = self.came
        came.dials += 1
        came.live += row["live"]
        came.abandoned += row["abandoned"]
        came.unserved += row["unserved"]
        came.connected += row["connected"]
        came.machines += end == "machine"
        came.cancels += end == "cancelled"

    def twin(self, settings: CampaignSettings) -> "Twin | None":
        """The day to live again; None when too little was recorded."""
        crew = self._staff()
        if self.first is None or self.came.dials < FEWEST_CALLS or not crew or max(crew) < 1:
            return None
        self._learner.settle_in()
        model, (floor, first_model) = self._learner.model(), self.first
        credit = min((w.spare() * (1.0 - w.limit) for w in floor.windows), default=0.0)
        waited, times = self._waited
        reach = reach_of(settings, max(crew))
        return Twin(
            model=model.as_record(),
            human=self._human(model),
            crew=tuple(crew),
            seconds=max(CREW, self.end),
            patience=waited / times if times >= 5 else self.connect_limit,
            leaves=self._stood[1] / self._stood[0] if self._stood[0] > 0 else 0.0,
            limit=self.limit,
            credit=credit,
            errors=settings.machine_error,
            lines=min(float(reach.lines), self.calls_per_agent * max(crew)),
            cps=reach.cps,
            paces=tuple(self.paces),
            first_model=first_model.as_record(),
            log_price=floor.trim.get("log_price"),
        )

    def _staff(self) -> list[int]:
        last = max(self._crew, default=-1)
        spans = (self._crew.get(span, [0.0, 0.0]) for span in range(last + 1))
        return [round(sum_ / seconds) if seconds > 0 else 0 for sum_, seconds in spans]

    def _human(self, model: Model) -> tuple[tuple[float, float], ...]:
        """Share of persons by quarter hours: answers that came over those that the whole day expects."""
        mass = np.cumsum(left_in_ring(model.human, model.machine, model.other)[1])
        whole = float(mass[-1])
        points = []
        for quarter in range(int(self.end // QUARTER) + 1):
            expected = float(self._rings.get(quarter, np.zeros(RING_BINS)) @ mass)
            came = self._answers.get(quarter, 0)
            points.append((quarter * QUARTER, min(0.95, whole * (came + _PRIOR) / (expected + _PRIOR))))
        return tuple(points)


@dataclass(frozen=True, slots=True)
class Twin:
    """A recorded day made into a world; can be sent to another process."""

    model: dict[str, Any]
    """Of the whole day's calls."""
    human: tuple[tuple[float, float], ...]
    crew: tuple[int, ...]
    """Agents at work by spans of CREW seconds."""
    seconds: float
    patience: float
    leaves: float
    """Rate per second at which who waits hangs up."""
    limit: float
    credit: float
    errors: float
    lines: float
    cps: float
    paces: tuple[tuple[float, Pace], ...]
    first_model: dict[str, Any]
    log_price: float | None

    @property
    def agents(self) -> int:
        """The most who were at work."""
        return max(self.crew)

    def world(self) -> World:
        """The world that the calls of the day are drawn from anew."""
        plain = world_of(Model.from_record(self.model))
        share = plain.human.at(0.0)
        # Persons whom screening took for machines are among the machine verdicts.
        false = self.errors * plain.machine * (1.0 - share) / 0.82
        grown = (share + false) / max(1e-9, share)
        return replace(
            plain,
            name="twin",
            human=Curve(tuple((at, min(0.97, value * grown)) for at, value in self.human)),
            machine=plain.machine * (1.0 - self.errors),
            busy=plain.busy + plain.machine * self.errors,
            false_positives=false / max(1e-9, share + false),
            patience=self.patience,
            leaves=self.leaves,
            shifts=rostered(self.crew),
            lines_per_agent=self.lines / self.agents,
            cps=self.cps,
            limit=self.limit,
        )

    def learner(self) -> Learner:
        """One that knows about as much as the recorded one did when the day began."""
        model = Model.from_record(self.first_model)
        told = min(_MOST_TOLD, int(model.seen))
        learner = Learner()
        if told > 0:
            _tell(learner, world_of(model), told)
            learner.settle_in()
        return Learner.from_record({**learner.as_record(), "log_price": self.log_price})


def rostered(crew: tuple[int, ...]) -> tuple[Shift, ...]:
    """Shifts that put so many agents to work in each span: the n-th agent works whenever n are there."""
    most = max(crew)
    shifts = []
    for place in range(1, most + 1):
        there = [span for span, count in enumerate(crew) if count >= place]
        first, last = there[0], there[-1]
        gaps: list[tuple[float, float]] = []
        for before, after in pairwise(there):
            if after > before + 1:
                gaps.append(((before + 1) * CREW, after * CREW))
        shifts.append(Shift(1.0 / most, first * CREW, (last + 1) * CREW, tuple(gaps)))
    return tuple(shifts)


def _tell(learner: Learner, world: World, calls: int) -> None:
    """Past calls, drawn from a world."""
    chance, human = np.random.default_rng(7), world.human.at(0.0)
    kinds, rings = chance.random(calls), world.ring(chance, calls)
    machine_rings, failed = world.machine_ring(chance, calls), world.failed_ring(chance, calls)
    talks, wraps = world.talk(chance, calls), world.wrap(chance, calls)
    machine = human + world.machine * (1.0 - human) / 0.82
    for i, kind in enumerate(kinds.tolist()):
        if kind < human:
            learner.ring_over(float(rings[i]), "human")
            learner.talk_over(float(talks[i]), 0)
            learner.wrap_over(float(wraps[i]), 0)
        elif kind < machine:
            learner.ring_over(float(machine_rings[i]), "machine")
        else:
            learner.ring_over(float(failed[i]), "other")


class Scheduled(Cadencia):
    """Ours, under paces that the supervisor changed over the day."""

    def __init__(self, paces: tuple[tuple[float, Pace], ...], twin: Twin, learner: Learner) -> None:
        super().__init__(paces[0][1], limit=twin.limit, credit=twin.credit, learner=learner)
        self._paces = paces

    def pace(self, day: Simulation) -> tuple[int, tuple[int, ...]]:
        """One decision, under the pace in force."""
        self.pace_ = next((pace for at, pace in reversed(self._paces) if at <= day.now), self._paces[0][1])
        return super().pace(day)


@dataclass(frozen=True, slots=True)
class Shadow:
    """What is tried instead of the recorded pace; None = as recorded."""

    policy: Named | None = None
    target: float | None = None
    boost: float | None = None

    @property
    def differs(self) -> bool:
        """Whether anything is other than recorded."""
        return self != Shadow()

    def pace(self, recorded: Pace) -> Pace:
        """The recorded pace with what is tried."""
        changed = replace(
            recorded,
            target=recorded.target if self.target is None else self.target,
            boost=recorded.boost if self.boost is None else self.boost,
        )
        return self.policy.pace(changed) if self.policy is not None else changed

    def floor(self, floor: Floor, recorded: Pace) -> Floor:
        """The recorded floor with the learned level of the price moved as the target is."""
        prices = {name: floor.trim[name] for name in ("log_price", SHARED) if name in floor.trim}
        if self.target is None or not prices:
            return floor
        moved = first_price(self.target) - first_price(recorded.target)
        return replace(floor, trim=floor.trim | {name: price + moved for name, price in prices.items()})

    def text(self, as_recorded: str) -> str:
        """In tables."""
        parts = [self.policy.text if self.policy is not None else as_recorded]
        parts += [f"target {self.target:g}"] if self.target is not None else []
        parts += [f"boost {self.boost:g}"] if self.boost is not None else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class TwinDay:
    """The twin's day under a shadow."""

    twin: Twin
    shadow: Shadow

    def lived(self, seed: int) -> Course:
        """One such day."""
        twin, policy = self.twin, self.shadow.policy
        world = twin.world()
        if policy is not None and not policy.ours:
            pacer = policy.pacer(Pace(), twin.agents, limit=twin.limit, credit=twin.credit, odds=False)
        else:
            paces = tuple((at, self.shadow.pace(pace)) for at, pace in twin.paces)
            pacer = Scheduled(paces, twin, twin.learner())
        return lived(world, twin.agents, pacer, seed=seed, seconds=twin.seconds, tick=TICK)
