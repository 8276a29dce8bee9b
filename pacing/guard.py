"""The hard abandonment cap and the limits of lines and calls per second, which no policy can pass."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pacing.floor import Decision, Floor
from pacing.policies import Policy

HELD = "; held to "
"""What the reason of a decision says when a limit left fewer calls than the policy asked for."""
_Z = 1.645
"""One-sided 95 %."""
_EXACT = 200
"""Calls up to which the binomial is summed; beyond, the normal law stands for it."""


def wilson_upper(successes: float, trials: float) -> float:
    """One-sided 95 % upper bound of a share (Wilson 1927); 1.0 without trials."""
    if trials <= 0:
        return 1.0
    share, z2 = min(1.0, successes / trials), _Z * _Z
    centre = share + z2 / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return min(1.0, (centre + spread) / (1 + z2 / trials))


def overflow(calls: int, chance: float, agents: float, spread: float = 0.0) -> float:
    """Expected persons beyond the agents when each of `calls` is answered with `chance`: E[(X − agents)⁺].

    X is binomial; above 200 calls, or when the agents are themselves uncertain with variance `spread`, the
    normal stop-loss σφ(z) + (μ − a)Φ(z), z = (μ − a)/σ, stands for it.
    """
    if chance <= 0 or (calls <= agents and spread <= 0):
        return 0.0
    mean, var = calls * chance, calls * chance * (1 - chance) + spread
    if var <= 0:
        return max(0.0, mean - agents)
    if calls > _EXACT or spread > 0:
        sd = math.sqrt(var)
        z = (mean - agents) / sd
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return sd * density + (mean - agents) * 0.5 * math.erfc(-z / math.sqrt(2))
    k = np.arange(1, calls + 1, dtype=np.float64)
    steps = np.log((calls - k + 1) / k) + math.log(chance / (1 - chance))
    mass = np.exp(calls * math.log1p(-chance) + np.cumsum(steps))
    return float(np.maximum(k - agents, 0.0) @ mass)


@dataclass(frozen=True, slots=True)
class Relief:
    """Agents who become free before the calls placed now are answered: their mean and variance."""

    mean: float = 0.0
    spread: float = 0.0


NO_RELIEF = Relief()


def spare(floor: Floor) -> float:
    """Abandonments that every window can still carry; without a window, none."""
    return min((window.spare() for window in floor.windows), default=0.0)


def cap_room(floor: Floor, most: int, relief: Relief = NO_RELIEF) -> int:
    """Calls that may be added, at most `most`, within the hard cap.

    Persons who have answered are certain; every other call in the air is answered with the Wilson upper
    bound of the share of live answers. Agents are those ready, less the reserved, plus the relief. The
    expected overflow must fit into what the windows can spare; without a spare, every call has an agent of
    its own.
    """
    agents = floor.ready.size - floor.reserved
    own = max(0, math.floor(agents + 1e-9) - floor.in_flight)
    answered = floor.screening.size + floor.waiting.size
    left = spare(floor) - max(0.0, answered - agents - relief.mean)
    if left <= 0 or own >= most:
        return min(own, most)
    chance = wilson_upper(floor.live_answers, floor.dialed)
    unanswered = floor.dialing.size + floor.ringing.size
    free = max(0.0, agents + relief.mean - answered)
    low, high = own, most
    while low < high:
        middle = (low + high + 1) // 2
        if overflow(unanswered + middle, chance, free, relief.spread) <= left:
            low = middle
        else:
            high = middle - 1
    return low


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
        "abandonment cap": cap_room(floor, asked.calls, relief()),
        "shared agents": math.floor(min(1e9, max(0.0, floor.limits.joint))),
        "line limit": max(0, lines),
        "calls per agent": max(0, per_agent),
        "calls per second": max(0, floor.limits.tokens),
        "no leads": asked.calls if floor.limits.leads else 0,
    }
    binding = min(bounds, key=lambda name: bounds[name])
    calls = min(asked.calls, bounds[binding])
    capped = bounds["abandonment cap"] < asked.calls
    if calls == asked.calls:
        return replace(asked, capped=capped)
    reason = f"{asked.reason}{HELD}{calls} by {binding}"
    return replace(asked, calls=calls, reason=reason, capped=capped, held_by=binding)
