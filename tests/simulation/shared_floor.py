"""A floor whose agents work for several campaigns: every second each is paced as the engine paces it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from pacing import Floor, Learner, Limits, Pace, Window, decide
from pacing.joint import Party, levelled, seen
from pacing.predictive import SHARED, shared_price
from pacing.turns import Turns, bounded

LIMIT = 0.03
SCREENING, PATIENCE = 1.5, 2.0
TALK, WRAP = 90.0, 15.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A campaign."""

    human: float
    """Share of its calls that a person answers."""
    weight: float = 1.0
    pace: Pace = field(default_factory=Pace)
    wants: Callable[[float], bool] = lambda now: True
    """Whether it has callable leads, by the second."""


@dataclass(slots=True)
class _Call:
    campaign: int
    placed: float
    state: str
    until: float
    person: bool
    since: float = 0.0


@dataclass(slots=True)
class _Agent:
    state: str = "ready"
    since: float = 0.0
    until: float = 0.0
    campaign: int = 0


class SharedFloor:
    """All agents work for all campaigns."""

    def __init__(self, kinds: list[Kind], agents: int, seed: int) -> None:
        self.kinds, self.now = kinds, 0.0
        self.agents = [_Agent() for _ in range(agents)]
        self.calls: list[_Call] = []
        self.queue: deque[_Call] = deque()
        self.learners = [Learner() for _ in kinds]
        self.served: dict[int, float] = {}
        self.dials: list[list[float]] = [[] for _ in kinds]
        """When each campaign dialled."""
        self.live, self.lost, self.ended = ([0] * len(kinds) for _ in range(3))
        self.busy = 0.0
        self._draw = np.random.default_rng(seed)

    def run(self, seconds: int) -> "SharedFloor":
        """Live so long; returns itself."""
        for second in range(seconds):
            self.now = float(second)
            self._happen()
            self._pace()
            self.busy += sum(agent.state != "ready" for agent in self.agents)
        return self

    # --- what happens ------------------------------------------------------------------------------

    def _happen(self) -> None:
        for number, agent in enumerate(self.agents):
            self._agent_moves(number, agent)
        for call in list(self.calls):
            if call.until <= self.now:
                self._call_moves(call)

    def _agent_moves(self, number: int, agent: _Agent) -> None:
        learner = self.learners[agent.campaign]
        if agent.state == "talk" and agent.until <= self.now:
            learner.talk_over(self.now - agent.since, number)
            wrap = float(self._draw.exponential(WRAP))
            agent.state, agent.since, agent.until = "wrap", self.now, self.now + wrap
        if agent.state == "wrap" and agent.until <= self.now:
            learner.wrap_over(self.now - agent.since, number)
            agent.state, agent.since = "ready", self.now
        if agent.state == "ready" and self.queue:
            self._join(self.queue.popleft(), agent)

    def _call_moves(self, call: _Call) -> None:
        learner = self.learners[call.campaign]
        if call.state == "ring" and not call.person:
            learner.ring_over(self.now - call.placed, "other")
            self._over(call)
        elif call.state == "ring":
            learner.ring_over(self.now - call.placed, "human")
            call.state, call.since, call.until = "screen", self.now, self.now + SCREENING
        elif call.state == "screen":
            learner.screening_over(self.now - call.since, True)
            call.state, call.since, call.until = "wait", self.now, self.now + PATIENCE
            free = next((agent for agent in self.agents if agent.state == "ready"), None)
            if free is not None:
                self._join(call, free)
            else:
                self.queue.append(call)
        else:
            self.queue.remove(call)
            self._settle(call, True)

    def _join(self, call: _Call, agent: _Agent) -> None:
        agent.state, agent.since, agent.campaign = "talk", self.now, call.campaign
        agent.until = self.now + float(self._draw.exponential(TALK))
        self._settle(call, False)

    def _settle(self, call: _Call, lost: bool) -> None:
        self.live[call.campaign] += 1
        self.lost[call.campaign] += lost
        self.learners[call.campaign].answer(lost, self.kinds[call.campaign].pace.target)
        self._over(call)

    def _over(self, call: _Call) -> None:
        self.ended[call.campaign] += 1
        self.calls.remove(call)

    # --- pacing ------------------------------------------------------------------------------------

    def _pace(self) -> None:
        parties = {number: self._party(number) for number in range(len(self.kinds))}
        weights = {number: kind.weight for number, kind in enumerate(self.kinds)}
        wanting = {number for number, party in parties.items() if party.wants}
        self.served = levelled(self.served, weights, wanting)
        turns = Turns(dict(self.served), weights, wanting, parties)
        for number, party in parties.items():
            self.learners[number].watch(party.floor, self.now)
        trims = [learner.trim() for learner in self.learners]
        members = [(replace(parties[n].floor, trim=trims[n]), self.kinds[n].pace.target) for n in wanting]
        price = {SHARED: shared_price(members)} if len(members) > 1 else {}
        for number in turns.order():
            model, pace = self.learners[number].model(), self.kinds[number].pace
            others = [party for other, party in parties.items() if other != number]
            whole = replace(seen(parties[number], others, model), trim=trims[number] | price)
            decision = decide(pace, model, bounded(whole, turns.most(number)))
            if not turns.heard(number, decision):
                decision = decide(pace, model, bounded(whole, turns.most(number)))
            parties[number] = parties[number].placing([1.0] * decision.calls)
            self.served[number] += decision.calls / self.kinds[number].weight
            self._dial(number, decision.calls)

    def _dial(self, number: int, calls: int) -> None:
        for _ in range(calls):
            person = bool(self._draw.random() < self.kinds[number].human)
            rings = float(self._draw.gamma(4.0, 3.0)) if person else float(self._draw.uniform(2.0, 25.0))
            self.calls.append(_Call(number, self.now, "ring", self.now + min(25.0, rings), person))
            self.dials[number].append(self.now)

    def _party(self, number: int) -> Party:
        kind, learner = self.kinds[number], self.learners[number]
        mine = [call for call in self.calls if call.campaign == number]
        by_state = {
            state: [place for place, agent in enumerate(self.agents) if agent.state == state]
            for state in ("ready", "talk", "wrap")
        }
        floor = Floor(
            ready=self._ages([self.agents[place].since for place in by_state["ready"]]),
            on_call=self._ages([self.agents[place].since for place in by_state["talk"]]),
            wrap_up=self._ages([self.agents[place].since for place in by_state["wrap"]]),
            dialing=np.zeros(0),
            ringing=self._ages([call.placed for call in mine if call.state == "ring"]),
            screening=self._ages([call.since for call in mine if call.state == "screen"]),
            waiting=self._ages([call.since for call in mine if call.state == "wait"]),
            limits=Limits(lines=10_000, tokens=50, leads=kind.wants(self.now), connect_limit=PATIENCE),
            windows=(Window("law", LIMIT, self.live[number], self.lost[number]),),
            dialed=self.ended[number],
            live_answers=self.live[number],
        )
        return Party(
            floor,
            frozenset(range(len(self.agents))),
            ready=tuple(by_state["ready"]),
            on_call=tuple(by_state["talk"]),
            wrap_up=tuple(by_state["wrap"]),
            wants=kind.wants(self.now),
            answers=learner.model().summary()["human_share"],
        )

    def _ages(self, since: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return self.now - np.asarray(since, dtype=np.float64)
