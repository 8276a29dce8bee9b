"""SKETCH of the joint, crude and analytic; the floor simulator replaces it under the same names."""

import math
from dataclasses import dataclass
from typing import Any

from pacing.decide import Pace

_TALK, _WRAP, _SHARE, _LEAD = 150.0, 30.0, 0.2, 15.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a floor would come to; each ± is half of a 95 % interval."""

    abandonment: float
    """Abandoned ÷ live answers, 0–1."""
    abandonment_pm: float
    occupancy: float
    """Share of the agents' time in talk and wrap-up, 0–1."""
    occupancy_pm: float
    idle_seconds: float
    """Mean wait of an agent for the next person."""
    idle_pm: float
    calls_per_minute: float
    lines_p95: float
    """Calls in the air at once, 95th percentile."""
    live_per_hour: float


def whatif(
    model_record: dict[str, Any],
    pace: Pace,
    *,
    agents: int,
    limit: float,
    calls_per_agent: float,
    lines: int,
    cps: float,
    seed: int = 1,
    minutes: float,
    replications: int,
) -> Outlook:
    """What the pace would come to with `agents` at work. SKETCH: a square-root law, not a simulation."""
    share = float(model_record.get("answer_rate", _SHARE))
    work = _TALK + _WRAP
    target = min(limit, pace.target * pace.boost) if pace.mode == "predictive" else 0.0
    over = {"predictive": 1.0 + 40.0 * target, "power": pace.calls_per_agent}.get(pace.mode, 1.0)
    idle = _LEAD / share / over * (0.25 + 1.5 / math.sqrt(agents))
    abandonment = min(limit, target) if pace.mode == "predictive" else max(0.0, (over - 1 / share) * share)
    busy = work / (work + idle)
    live = agents * 3600.0 * busy / work
    most = min(cps * 3600.0, lines / (_LEAD + share * work) * 3600.0, calls_per_agent * agents * 240.0)
    live = min(live, most * share)
    busy, placed = live * work / 3600.0 / agents, live / share / (1.0 - abandonment)
    idle = work * (1.0 - busy) / max(busy, 1e-6)
    noise = 1.96 * math.sqrt(1.0 / max(1.0, live * minutes / 60.0 * replications))
    in_air = placed / 3600.0 * _LEAD + agents * busy
    return Outlook(
        abandonment,
        math.sqrt(abandonment * (1.0 - abandonment)) * noise,
        busy,
        busy * (1.0 - busy) * noise,
        idle,
        idle * noise,
        placed / 60.0,
        math.ceil(in_air + 1.645 * math.sqrt(in_air)),
        live,
    )
