"""A floor's day as discrete events: calls ring, are screened, wait, talk; agents come, wrap up and go.

The same seed draws the same fate for the n-th call whatever the pacer does (common random numbers).
"""

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from pacing.floor import Ages
from pacing.learner import RingEnd
from pacing.simulator.world import World

TICK = 0.5
"""Seconds between two decisions, unless a day is given another."""
UNSERVED_AFTER = 1.0
"""Seconds from the answer: who hangs up later and had no agent was left unserved, as in the rule packs."""
_BLOCK = 4096

OFF, IDLE, TALK, WRAP, BREAK = range(5)
FREE, RING, SCREEN, WAIT = range(4)
_RING_END, _SCREEN_END, _WAIT_END, _TALK_END, _WRAP_END, _STAFF, _INBOUND = range(7)
HUMAN, MACHINE, OTHER = range(3)


class Ear(Protocol):
    """What a pacer is told: the same facts an engine tells pacing.Learner."""

    def ring_over(self, seconds: float, end: RingEnd, odds: float = 1.0) -> None:
        """A call left the ring."""
        ...

    def screening_over(self, seconds: float, human: bool) -> None:
        """A verdict."""
        ...

    def talk_over(self, seconds: float, agent: int) -> None:
        """A conversation ended."""
        ...

    def wrap_over(self, seconds: float, agent: int) -> None:
        """A wrap-up ended."""
        ...

    def settled(self, abandoned: bool) -> None:
        """A live answer was settled; who hung up unserved counts as abandoned."""
        ...


class Pacer(Protocol):
    """A dialer in the simulation."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def ear(self) -> "Ear | None":
        """Who is told what happens; None = nobody."""
        ...

    def pace(self, day: "Simulation") -> tuple[int, tuple[int, ...]]:
        """Calls to place now and slots of ringing calls to give up."""
        ...


@dataclass(slots=True)
class Counts:
    """What happened so far."""

    dials: int = 0
    answered: int = 0
    live: int = 0
    """Connected, abandoned or unserved, as the dialer sees it."""
    abandoned: int = 0
    unserved: int = 0
    early: int = 0
    """Gone at once: no live answer, but an answer."""
    silent: int = 0
    """Persons among the unserved."""
    screened_out: int = 0
    machines: int = 0
    connected: int = 0
    cancels: int = 0
    ended: int = 0
    ring_sum: float = 0.0
    talk_sum: float = 0.0
    talks: int = 0
    settled: list[tuple[float, bool]] = field(default_factory=list)
    """(time, served by nobody) of each person: abandoned, unserved or screened out."""


class _Fates:
    """What the n-th call would come to, drawn in blocks."""

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._seed, self._first = world, seed, 0
        self._rows: list[tuple[float, ...]] = []

    def of(self, number: int) -> tuple[float, ...]:
        """(kind, machine kind, ring, machine ring, failed ring, screening, talk, wrap, error, kind of
        lead)."""
        if not self._first <= number < self._first + len(self._rows):
            self._first = number - number % _BLOCK
            self._rows = self._drawn(self._first // _BLOCK)
        return self._rows[number - self._first]

    def _drawn(self, block: int) -> list[tuple[float, ...]]:
        world, generator = self._world, np.random.default_rng([self._seed, 1, block])
        screening = world.screening or (lambda g, n: np.zeros(n))
        columns = (
            generator.random(_BLOCK),
            world.ring(generator, _BLOCK),
            world.machine_ring(generator, _BLOCK),
            world.failed_ring(generator, _BLOCK),
            screening(generator, _BLOCK),
            world.talk(generator, _BLOCK),
            world.wrap(generator, _BLOCK),
            generator.random(_BLOCK),
            generator.random(_BLOCK),
            generator.exponential(1.0, _BLOCK),
        )
        return list(zip(*(column.tolist() for column in columns), strict=True))


class Simulation:
    """One day under one pacer."""

    def __init__(
        self,
        world: World,
        agents: int,
        pacer: Pacer,
        *,
        seed: int,
        clock: Callable[[], float] | None = None,
        tick: float = TICK,
    ) -> None:
        self.world, self.size, self.now = world, agents, 0.0
        self.counts = Counts()
        self._pacer, self._clock, self._tick = pacer, clock, tick
        self._fates = _Fates(world, seed)
        self._heap: list[tuple[float, int, int, int, int]] = []
        self._order = 0
        self._staff(agents, seed)
        slots = 64
        self.call_phase = np.zeros(slots, dtype=np.int8)
        self.call_placed, self.call_since = np.zeros(slots), np.zeros(slots)
        self.call_odds, self.call_answered = np.ones(slots), np.zeros(slots)
        self._fate: list[tuple[float, ...]] = [()] * slots
        self.call_kind = [OTHER] * slots
        self.call_due = np.zeros(slots)
        """When the call leaves its phase by itself: what only an oracle may look at."""
        self._generation = [0] * slots
        self._free = list(range(slots - 1, -1, -1))
        self.queue: deque[int] = deque()
        self._tokens = 1.0
        self.decision_seconds: list[float] = []
        self.inbound = 0
        self._rest = agents * world.leads
        self._lead_generator = np.random.default_rng([seed, 3])
        self.next_kinds: deque[float] = deque()
        if world.inbound > 0:
            self._inbound_draws = np.random.default_rng([seed, 4])
            self._push(self._inbound_gap(), _INBOUND, 0, 0)

    # --- agents ------------------------------------------------------------------------------------

    def _staff(self, agents: int, seed: int) -> None:
        self.agent_phase = np.zeros(agents, dtype=np.int8)
        self.agent_since, self.agent_due = np.zeros(agents), np.full(agents, math.inf)
        generator = np.random.default_rng([seed, 2])
        spread = self.world.speeds
        self.agent_pace = np.exp(generator.normal(0.0, spread, agents)) if spread else np.ones(agents)
        self._leaving = [OFF] * agents
        """Where an agent goes after the call in progress; IDLE = stays."""
        self._wraps: dict[int, float] = {}
        self.idle: deque[int] = deque()
        self.talk_time = self.wrap_time = self.staffed_time = self.inbound_time = 0.0
        self._inbound_agents: set[int] = set()
        bounds = np.round(np.cumsum([shift.share for shift in self.world.shifts]) * agents).astype(int)
        first = 0
        for shift, last in zip(self.world.shifts, bounds, strict=True):
            for agent in range(first, int(last)):
                self._roster(agent, shift.start, shift.end, shift.breaks)
            first = int(last)

    def _roster(self, agent: int, start: float, end: float, breaks: tuple[tuple[float, float], ...]) -> None:
        self._push(start, _STAFF, agent, IDLE)
        if end < math.inf:
            self._push(end, _STAFF, agent, OFF)
        for leave, back in breaks:
            self._push(leave, _STAFF, agent, BREAK)
            self._push(back, _STAFF, agent, IDLE)

    def _push(self, time: float, kind: int, index: int, mark: int) -> None:
        self._order += 1
        heapq.heappush(self._heap, (time, self._order, kind, index, mark))

    def _agent_to(self, agent: int, phase: int) -> None:
        before = int(self.agent_phase[agent])
        passed = self.now - float(self.agent_since[agent])
        if before in (IDLE, TALK, WRAP):
            self.staffed_time += passed
        if before == TALK:
            self.talk_time += passed
        elif before == WRAP:
            self.wrap_time += passed
        self.agent_phase[agent], self.agent_since[agent] = phase, self.now

    def _staff_change(self, agent: int, to: int) -> None:
        phase = self.agent_phase[agent]
        if phase in (TALK, WRAP):
            self._leaving[agent] = to
            return
        self._leaving[agent] = IDLE
        if phase == IDLE and to != IDLE:
            self.idle.remove(agent)
        self._agent_to(agent, to)
        if to == IDLE:
            self._agent_free(agent)

    def _agent_free(self, agent: int) -> None:
        """Serve who waits, or be idle. The agent's phase is IDLE already."""
        if self.inbound > 0:
            self.inbound -= 1
            self._serve_inbound(agent)
            return
        while self.queue:
            slot = self.queue.popleft()
            if self.call_phase[slot] == WAIT:
                self._connect(slot, agent)
                return
        self.idle.append(agent)

    def _connect(self, slot: int, agent: int) -> None:
        fate, pace = self._fate[slot], float(self.agent_pace[agent])
        person = self.call_kind[slot] == HUMAN
        self.counts.connected += person
        self._settle(False, person)
        self._release(slot)
        self._agent_to(agent, TALK)
        seconds = fate[5] / pace if person else self.world.machine_talk
        self.agent_due[agent] = self.now + seconds
        self._push(self.now + seconds, _TALK_END, agent, 0)
        self._wraps[agent] = fate[6] / pace if person else 0.0

    def _talk_end(self, agent: int) -> None:
        seconds = self.now - float(self.agent_since[agent])
        self.counts.talk_sum += seconds
        self.counts.talks += 1
        if agent in self._inbound_agents:
            self._inbound_agents.discard(agent)
        elif self._pacer.ear is not None:
            self._pacer.ear.talk_over(seconds, agent)
        self._agent_to(agent, WRAP)
        self.agent_due[agent] = self.now + self._wraps[agent]
        if self._wraps[agent] > 0:
            self._push(self.now + self._wraps[agent], _WRAP_END, agent, 0)
        else:
            self._wrap_end(agent)

    def free_at(self, agent: int) -> float:
        """When a busy agent will be ready: what only an oracle may look at."""
        rest = self._wraps[agent] if self.agent_phase[agent] == TALK else 0.0
        return float(self.agent_due[agent]) + rest

    def ready_at(self, slot: int) -> float:
        """When a person will need an agent; infinite for everybody else. For oracles too."""
        if self.call_kind[slot] != HUMAN:
            return math.inf
        screening = self._fate[slot][4] if self.call_phase[slot] == RING and self.world.screening else 0.0
        return float(self.call_due[slot]) + screening

    def _wrap_end(self, agent: int) -> None:
        if self._pacer.ear is not None:
            self._pacer.ear.wrap_over(self.now - float(self.agent_since[agent]), agent)
        leaving = self._leaving[agent]
        self._leaving[agent] = IDLE
        self._agent_to(agent, leaving)
        self.agent_due[agent] = math.inf
        if leaving == IDLE:
            self._agent_free(agent)

    # --- inbound -----------------------------------------------------------------------------------

    def _inbound_gap(self) -> float:
        rate = self.world.inbound * self.size / 3600.0
        return self.now + float(self._inbound_draws.exponential(1.0 / rate))

    def _inbound_comes(self) -> None:
        self._push(self._inbound_gap(), _INBOUND, 0, 0)
        if self.idle:
            self._serve_inbound(self.idle.popleft())
        else:
            self.inbound += 1

    def _serve_inbound(self, agent: int) -> None:
        self._agent_to(agent, TALK)
        self._inbound_agents.add(agent)
        seconds = float(self.world.talk(self._inbound_draws, 1)[0])
        self._wraps[agent] = float(self.world.wrap(self._inbound_draws, 1)[0])
        self.agent_due[agent] = self.now + seconds
        self._push(self.now + seconds, _TALK_END, agent, 0)

    # --- calls -------------------------------------------------------------------------------------

    def place(self, calls: int) -> None:
        """Dial so many."""
        for _ in range(calls):
            if self._rest <= 0:
                return
            self._rest -= 1
            self._dial()

    def odds_ahead(self, count: int) -> Ages:
        """Odds of the leads that are next, for a pacer that knows its leads."""
        while len(self.next_kinds) < count:
            shares = [share for share, _ in self.world.odds]
            kind = int(np.searchsorted(np.cumsum(shares), self._lead_generator.random(), side="right"))
            self.next_kinds.append(self.world.odds[min(kind, len(shares) - 1)][1])
        return np.asarray([self.next_kinds[i] for i in range(count)])

    def _dial(self) -> None:
        odds = 1.0
        if len(self.world.odds) > 1:
            self.odds_ahead(1)
            odds = self.next_kinds.popleft()
        fate = self._fates.of(self.counts.dials)
        self.counts.dials += 1
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._generation[slot] += 1
        kind, rings = self._came_to(fate, odds)
        self.call_phase[slot], self.call_placed[slot], self.call_odds[slot] = RING, self.now, odds
        self._fate[slot], self.call_kind[slot] = fate, kind
        self.call_due[slot] = self.now + rings
        self._push(self.now + rings, _RING_END, slot, self._generation[slot])

    def _came_to(self, fate: tuple[float, ...], odds: float) -> tuple[int, float]:
        world = self.world
        if any(start <= self.now < end and fate[7] < share for start, end, share in world.carrier_fails):
            return OTHER, 0.5
        human = world.human.at(self.now)
        rest = (1.0 - human) / 0.82
        human *= odds
        if fate[0] < human:
            return HUMAN, fate[1]
        if world.everybody_rings:
            return OTHER, fate[1]
        left = (fate[0] - human) / max(1e-9, 1.0 - human) * 0.82 * rest / max(1e-9, rest)
        if left < world.machine:
            return MACHINE, fate[2]
        if left < world.machine + world.busy + world.unobtainable:
            return OTHER, fate[3]
        return OTHER, world.ring_limit

    def _grow(self) -> None:
        size = len(self._fate)
        for name in ("call_phase", "call_placed", "call_since", "call_odds", "call_due", "call_answered"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate((old, np.zeros_like(old))))
        self._fate += [()] * size
        self.call_kind += [OTHER] * size
        self._generation += [0] * size
        self._free = list(range(2 * size - 1, size - 1, -1))

    def _release(self, slot: int) -> None:
        self.call_phase[slot] = FREE
        self._generation[slot] += 1
        self._free.append(slot)
        self.counts.ended += 1

    def give_up(self, slot: int) -> None:
        """Cancel a ringing call."""
        if self.call_phase[slot] == RING:
            self.counts.cancels += 1
            if self._pacer.ear is not None:
                rang = self.now - float(self.call_placed[slot])
                self._pacer.ear.ring_over(rang, "cancelled", float(self.call_odds[slot]))
            self._release(slot)

    def _ring_end(self, slot: int) -> None:
        rang, kind = self.now - float(self.call_placed[slot]), self.call_kind[slot]
        if kind == OTHER:
            if self._pacer.ear is not None:
                self._pacer.ear.ring_over(rang, "other", float(self.call_odds[slot]))
            self._release(slot)
            return
        self.counts.answered += 1
        self.counts.ring_sum += rang
        self.call_answered[slot] = rang
        if self.world.screening is None:
            self._verdict(slot)
            return
        self.call_phase[slot], self.call_since[slot] = SCREEN, self.now
        self.call_due[slot] = self.now + self._fate[slot][4]
        self._push(float(self.call_due[slot]), _SCREEN_END, slot, self._generation[slot])

    def _verdict(self, slot: int) -> None:
        kind, fate, world = self.call_kind[slot], self._fate[slot], self.world
        error = world.false_positives if kind == HUMAN else world.false_negatives
        to_agent = (kind == HUMAN) != (fate[8] < error)
        ear = self._pacer.ear
        if ear is not None:
            end: RingEnd = "human" if to_agent else "machine"
            ear.ring_over(float(self.call_answered[slot]), end, float(self.call_odds[slot]))
            if world.screening is not None:
                ear.screening_over(self.now - float(self.call_since[slot]), to_agent)
        if not to_agent:
            self.counts.machines += 1
            if kind == HUMAN:
                self.counts.screened_out += 1
                self.counts.settled.append((self.now, True))
            self._release(slot)
            return
        self.call_phase[slot], self.call_since[slot] = WAIT, self.now
        if self.idle:
            agent = self.idle.popleft()
            self._connect(slot, agent)
        elif world.patience <= 0:
            self._abandon(slot)
        else:
            self.queue.append(slot)
            stays = fate[9] / world.leaves if world.leaves > 0 else math.inf
            mark = self._generation[slot]
            self._push(
                self.now + min(world.patience, stays), _WAIT_END, slot, mark * 2 + (stays < world.patience)
            )

    def _abandon(self, slot: int, left: bool = False) -> None:
        if left and self._stayed(slot) < UNSERVED_AFTER:
            self.counts.early += 1
        else:
            self._settle(True, self.call_kind[slot] == HUMAN, left)
        self._release(slot)

    def _stayed(self, slot: int) -> float:
        """Seconds since the answer."""
        return self.now - float(self.call_placed[slot]) - float(self.call_answered[slot])

    def _settle(self, nobody: bool, person: bool, left: bool = False) -> None:
        """Counted as the dialer sees it; what is measured afterwards is of persons alone."""
        self.counts.live += 1
        self.counts.abandoned += nobody and not left
        self.counts.unserved += left
        if person:
            self.counts.silent += left
            self.counts.settled.append((self.now, nobody))
        if self._pacer.ear is not None:
            self._pacer.ear.settled(nobody)

    # --- time --------------------------------------------------------------------------------------

    def run(self, seconds: float) -> "Simulation":
        """Live a whole day; returns itself."""
        self.advance(seconds)
        return self.close()

    def advance(self, seconds: float) -> None:
        """Go on for so long."""
        first, clock, step = round(self.now / self._tick), self._clock, self._tick
        last = first + round(seconds / step)
        for tick in range(first, last):
            self._until(tick * step)
            started = clock() if clock is not None else 0.0
            calls, gone = self._pacer.pace(self)
            if clock is not None:
                self.decision_seconds.append(clock() - started)
            for slot in gone:
                self.give_up(slot)
            if calls > 0:
                self.place(self._allowed(calls))
        self._until(last * step)

    def worked(self) -> tuple[float, float]:
        """(talk and wrap-up, time at work) up to now, in seconds; nothing is changed by looking."""
        passed = self.now - self.agent_since
        busy = float(passed[(self.agent_phase == TALK) | (self.agent_phase == WRAP)].sum())
        idle = float(passed[self.agent_phase == IDLE].sum())
        return self.talk_time + self.wrap_time + busy, self.staffed_time + busy + idle

    def close(self) -> "Simulation":
        """Count the agents' time up to now; returns itself."""
        for agent in range(self.size):
            self._agent_to(agent, int(self.agent_phase[agent]))
        return self

    def _allowed(self, calls: int) -> int:
        """Within lines and calls per second."""
        world = self.world
        if world.cps < math.inf:
            self._tokens = min(max(1.0, world.cps), self._tokens + world.cps * self._tick)
            calls = min(calls, int(self._tokens))
            self._tokens -= calls
        if world.lines_per_agent < math.inf:
            calls = min(calls, self.line_room())
        return max(0, calls)

    def line_room(self) -> int:
        """Lines left."""
        if self.world.lines_per_agent == math.inf:
            return 1_000_000
        busy = int((self.call_phase != FREE).sum() + (self.agent_phase == TALK).sum())
        return max(0, int(self.world.lines_per_agent * self.size) - busy)

    def _until(self, time: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= time:
            self.now, _, kind, index, mark = heapq.heappop(heap)
            if kind <= _SCREEN_END:
                if mark == self._generation[index]:
                    (self._ring_end if kind == _RING_END else self._verdict)(index)
            elif kind == _WAIT_END:
                if mark >> 1 == self._generation[index]:
                    self._abandon(index, bool(mark & 1))
            elif kind == _TALK_END:
                self._talk_end(index)
            elif kind == _WRAP_END:
                self._wrap_end(index)
            elif kind == _STAFF:
                self._staff_change(index, mark)
            else:
                self._inbound_comes()
        self.now = time
