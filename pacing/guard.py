"""The hard abandonment cap and the limits of lines and calls per second, which no policy can pass."""

import math

from pacing.floor import Decision, Floor
from pacing.policies import Policy

_Z = 1.645
"""One-sided 95 %."""


def wilson_upper(successes: int, trials: int) -> float:
    """One-sided 95 % upper bound of a share (Wilson 1927); 1.0 without trials."""
    if trials == 0:
        return 1.0
    share, z2 = successes / trials, _Z * _Z
    centre = share + z2 / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return min(1.0, (centre + spread) / (1 + z2 / trials))


def allowed_excess(floor: Floor) -> int:
    """Calls in flight beyond the ready agents that the rest of the abandonment budget can carry.

    With A abandoned of L live answers and limit m, b = (mL − A)/(1 − m) further abandonments keep
    (A + b)/(L + b) ≤ m. Each excess call is charged with the upper bound of the chance that a person
    answers it; calls that a person may already have answered are charged in full.
    """
    m = floor.limits.max_abandonment
    budget = (m * floor.live_answers - floor.abandoned) / (1 - m)
    answered = floor.screening.size + floor.waiting.size
    free = max(0, floor.ready.size - answered)
    budget -= max(0, answered - floor.ready.size)
    if budget <= 0:
        return 0
    unanswered_cover = budget / wilson_upper(floor.live_answers, floor.dialed)
    return max(0, answered + free + math.floor(unanswered_cover) - floor.ready.size)


def guarded(policy: Policy, floor: Floor) -> Decision:
    """The policy's decision within the cap, the lines, the calls-per-second tokens and the leads."""
    asked = policy.decide(floor)
    room = floor.ready.size + allowed_excess(floor) - floor.in_flight
    bounds = {
        "abandonment cap": max(0, room),
        "line limit": max(0, floor.limits.lines - floor.in_flight - floor.on_call.size),
        "calls per second": max(0, floor.limits.tokens),
        "no leads": asked.calls if floor.limits.leads else 0,
    }
    binding = min(bounds, key=lambda name: bounds[name])
    calls = min(asked.calls, bounds[binding])
    capped = bounds["abandonment cap"] < asked.calls
    reason = asked.reason if calls == asked.calls else f"{asked.reason}; held to {calls} by {binding}"
    return Decision(calls, reason, capped)
