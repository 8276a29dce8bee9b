"""The hard abandonment cap and the limits of lines and calls per second, which no policy can pass."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pacing.decision import Bound, Decision
from pacing.floor import Floor
from pacing.policies import Policy

_Z = 1.645
"""One-sided 95 %."""
RISK = 1e-4
"""Most chance, at any decision, that the calls then in the air take a window above its limit."""
_SLOPES = np.geomspace(0.02, 12.0, 60)
"""Exponents at which Chernoff's bound is tried."""


def wilson_upper(successes: float, trials: float) -> float:
    """One-sided 95 % upper bound of a share (Wilson 1927); 1.0 without trials."""
    if trials <= 0:
        return 1.0
    share, z2 = min(1.0, successes / trials), _Z * _Z
    centre = share + z2 / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return min(1.0, (centre + spread) / (1 + z2 / trials))


@dataclass(frozen=True, slots=True)
class Relief:
    """Agents who become free before the calls placed now are answered, each by a chance of their own."""

    mean: float = 0.0
    doubt: float = 0.0
    """Variance of the mean itself, as far as it was learned from few."""


NO_RELIEF = Relief()


def spare(floor: Floor) -> float:
    """Abandonments that every window can still carry; without a window, none."""
    return min((window.spare() for window in floor.windows), default=0.0)


def in_air_at_most(few: int, chance: float, relief: Relief = NO_RELIEF, risk: float = RISK) -> int:
    """Calls of which `few` (≥ 1) or more, less the relief, are answered by a chance of `risk` at most.

    One less than `few` for certain. More where Chernoff's bound (1952) allows it, of n answers X, each with
    `chance` > 0, and the relief R: P(X − R ≥ few) ≤ E[exp(θX)] E[exp(−θR)] exp(−θ few) for every θ > 0, where
    E[exp(θX)] = (1 + chance (exp θ − 1))ⁿ and E[exp(−θR)] ≤ exp(mean (exp(−θ) − 1) + θ² doubt / 2). Solved
    for n.
    """
    slope = _SLOPES
    freed = relief.mean * -np.expm1(-slope) - slope * slope * relief.doubt / 2
    most = (math.log(risk) + slope * few + freed) / np.log1p(chance * np.expm1(slope))
    return max(few - 1, math.floor(float(most.max())))


def cap_room(floor: Floor, most: int, relief: Relief = NO_RELIEF) -> int:
    """Calls that may be added, at most `most`, within the hard cap.

    Everybody in the air is counted at the worst: who has answered needs an agent for certain; of the others
    so many may answer at once that the agents (ready, less the reserved) and what the windows can spare
    would not do, only by a chance of RISK, answers coming as often as the Wilson upper bound of their share.
    Without a spare, every call has an agent of its own.
    """
    agents = math.floor(floor.ready.size - floor.reserved + 1e-9)
    own = min(most, max(0, agents - floor.in_flight))
    left = spare(floor)
    answered = floor.screening.size + floor.waiting.size
    # So many more answers at once, and somebody is abandoned for whom no window has room.
    few = agents - answered + math.floor(left + 1e-9) + 1
    if left <= 0 or few < 1:
        return own
    bound = in_air_at_most(few, wilson_upper(floor.live_answers, floor.dialed), relief)
    return max(own, min(most, bound - floor.dialing.size - floor.ringing.size))


def guarded(policy: Policy, floor: Floor, relief: Callable[[], Relief] = Relief) -> Decision:
    """The policy's decision within the cap, the lines, the calls-per-second tokens and the leads.

    `relief` is asked only when there is something to hold back.
    """
    asked = policy.decide(floor)
    if asked.calls <= 0:
        return asked
    in_air = floor.in_flight + floor.on_call.size
    lines = floor.limits.lines - in_air
    per_agent = math.floor(min(1e9, floor.limits.calls_per_agent * floor.agents) + 1e-9) - in_air
    bounds = {
        Bound.CAP: cap_room(floor, asked.calls, relief()),
        Bound.SHARED: math.floor(min(1e9, max(0.0, floor.limits.joint))),
        Bound.LINES: max(0, lines),
        Bound.PER_AGENT: max(0, per_agent),
        Bound.PER_SECOND: max(0, floor.limits.tokens),
        Bound.LEADS: asked.calls if floor.limits.leads else 0,
    }
    binding = min(bounds, key=lambda name: bounds[name])
    calls = min(asked.calls, bounds[binding])
    capped = bounds[Bound.CAP] < asked.calls
    if calls == asked.calls:
        return replace(asked, capped=capped)
    return replace(asked, calls=calls, capped=capped, held_by=binding)
