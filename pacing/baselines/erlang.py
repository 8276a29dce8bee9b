"""Erlang's loss formula, and open-loop dialling by it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from pacing.baselines.view import Recent, View

_COLD = 20
"""Conversations before the estimates are trusted."""


def erlang_b(servers: int, load: float) -> float:
    """Share of arrivals that find every server busy; `load` in Erlangs (arrivals a second × seconds each).

    Erlang 1917, by the stable recurrence B(0) = 1, B(n) = a·B(n−1) / (n + a·B(n−1)) (Jagerman 1974).
    Holds for Poisson arrivals and any distribution of service.
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def load_for(servers: int, blocking: float) -> float:
    """The load in Erlangs at which `blocking` (0–1, exclusive) of the arrivals are lost."""
    if servers <= 0:
        return 0.0
    low, high = 0.0, float(servers)
    while erlang_b(servers, high) < blocking:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(servers, middle) < blocking else (low, middle)
    return (low + high) / 2


@dataclass(slots=True)
class ErlangOpen:
    """Dials at the rate whose live answers would be lost as often as the target, whoever is idle now.

    Answer share and handle time are those of the last half hour; until there are 20 conversations it is
    progressive. Calls are spread evenly, unless `draw` is given: it takes the mean of the calls of a tick and
    says how many come, such as a generator's poisson method.
    """

    target: float = 0.03
    load: float | None = None
    """Erlangs to offer instead of those of the target."""
    answer_share: float | None = None
    """Live answers per call, when it is known."""
    handle_time: float | None = None
    """Seconds of talk and wrap-up per conversation, when it is known."""
    draw: Callable[[float], float] | None = None
    _recent: Recent = field(default_factory=lambda: Recent(1800.0))
    _busy: float = 0.0
    _then: float | None = None
    _due: float = 0.0
    _loads: dict[int, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """In tables."""
        return (
            f"Erlang open loop at {self.target:.1%}"
            if self.load is None
            else f"Erlang open loop {self.load:g} E"
        )

    def calls(self, view: View) -> int:
        """The calls that have come due since the last tick."""
        passed = view.now - self._then if self._then is not None else 0.0
        self._then = view.now
        rate = self._rate(view, passed)
        if rate is None:
            return max(0, view.ready - view.in_flight)
        self._due += rate * passed if self.draw is None else float(self.draw(rate * passed))
        now = math.floor(self._due + 1e-9)
        self._due -= now
        return max(0, now)

    def _rate(self, view: View, passed: float) -> float | None:
        """Calls per second; None while too little is known."""
        self._busy += passed * (view.on_call.size + view.wrap_up.size)
        live, dialed, handled, busy = self._recent.growth(
            view.now, view.live, view.dialed, view.handled, self._busy
        )
        share, service = self.answer_share, self.handle_time
        if share is None or service is None:
            if handled < _COLD or live <= 0 or busy <= 0:
                return None
            # Little's law: agent-seconds of work per conversation.
            share, service = live / max(1.0, dialed), busy / handled
        return self._offered(view.working) / (share * service)

    def _offered(self, agents: int) -> float:
        if self.load is not None:
            return self.load
        if agents not in self._loads:
            self._loads[agents] = load_for(agents, self.target)
        return self._loads[agents]
