"""The hard abandonment cap and the limits of lines and calls per second, which no policy can pass."""

import math
from dataclasses import replace

import numpy as np

from pacing.floor import Decision, Floor
from pacing.policies import Policy

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


def overflow(calls: int, chance: float, agents: float) -> float:
    """Expected persons beyond `agents` when each of `calls` is answered with `chance`: E[(X − agents)⁺].

    X is binomial; above 200 calls the normal stop-loss σφ(z) + (μ − a)Φ(z), z = (μ − a)/σ, stands for it.
    """
    if calls <= agents or chance <= 0:
        return 0.0
    if chance >= 1:
        return calls - agents
    mean, var = calls * chance, calls * chance * (1 - chance)
    if calls > _EXACT:
        sd = math.sqrt(var)
        z = (mean - agents) / sd
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return sd * density + (mean - agents) * 0.5 * math.erfc(-z / math.sqrt(2))
    k = np.arange(1, calls + 1, dtype=np.float64)
    steps = np.log((calls - k + 1) / k) + math.log(chance / (1 - chance))
    mass = np.exp(calls * math.log1p(-chance) + np.cumsum(steps))
    return float(np.maximum(k - agents, 0.0) @ mass)


def spare(floor: Floor) -> float:
    """Abandonments that every window can still carry; without a window, none."""
    return min((window.spare() for window in floor.windows), default=0.0)


def cap_room(floor: Floor, most: int, relief: float = 0.0) -> int:
    """Calls that may be added, at most `most`, within the hard cap.

    Persons who have answered are certain; every other call in the air is answered with the Wilson upper bound of the
    share of live answers. Agents are those ready, less the reserved, plus `relief`: a lower bound of those who become
    free before the answers. The expected overflow must fit into what the windows can spare; without a spare, every
    call has an agent of its own.
    """
    answered = floor.screening.size + floor.waiting.size
    agents = floor.ready.size - floor.reserved
    certain = answered - (agents + relief)
    left = spare(floor) - max(0.0, certain)
    unanswered = floor.dialing.size + floor.ringing.size
    own = max(0, math.floor(agents + 1e-9) - floor.in_flight)
    if left <= 0:
        return min(own, most)
    chance = wilson_upper(floor.live_answers, floor.dialed)
    free = max(0.0, -certain)
    low, high = min(own, most), most
    while low < high:
        middle = (low + high + 1) // 2
        if overflow(unanswered + middle, chance, free) <= left:
            low = middle
        else:
            high = middle - 1
    return low


def guarded(policy: Policy, floor: Floor, relief: float = 0.0) -> Decision:
    """The policy's decision within the cap, the lines, the calls-per-second tokens and the leads."""
    asked = policy.decide(floor)
    in_air = floor.in_flight + floor.on_call.size
    lines = floor.limits.lines - in_air
    per_agent = math.floor(min(1e9, floor.limits.calls_per_agent * floor.agents) + 1e-9) - in_air
    bounds = {
        "abandonment cap": cap_room(floor, asked.calls, relief),
        "shared agents": math.floor(min(1e9, max(0.0, floor.limits.joint))),
        "line limit": max(0, lines),
        "calls per agent": max(0, per_agent),
        "calls per second": max(0, floor.limits.tokens),
        "no leads": asked.calls if floor.limits.leads else 0,
    }
    binding = min(bounds, key=lambda name: bounds[name])
    calls = min(asked.calls, bounds[binding])
    capped = bounds["abandonment cap"] < asked.calls
    reason = asked.reason if calls == asked.calls else f"{asked.reason}; held to {calls} by {binding}"
    return replace(asked, calls=calls, reason=reason, capped=capped)
