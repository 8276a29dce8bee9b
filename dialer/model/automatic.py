"""Lines and pace of a campaign for which nobody has set them: they follow the floor and the trunk."""

import math
from dataclasses import dataclass

from dialer.model.campaign import CampaignSettings
from dialer.model.trunk import TrunkLimits

USUAL_LINES, USUAL_CPS = 50, 10.0
"""Lines, and new calls per second, that a trunk bears of which nobody has said what it bears."""
MOST_LINES, MOST_CPS = 2000, 500.0
_TURNOVER = 15.0
"""Seconds within which all lines may be dialled anew: the shortest ring that a law asks for."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a campaign may have in the air, and how fast it may dial."""

    lines: int
    cps: float


def reach_of(settings: CampaignSettings, agents: int, trunk: TrunkLimits | None = None) -> Reach:
    """As set, or automatic: for each agent logged in a line of their own and those of the calls in the air.

    The pace renews all lines within the shortest ring, and is at least the usual one. What the trunk bears
    bounds both: the usual, where nobody has said; a carrier locks out who asks for more.
    """
    most_lines, most_cps = USUAL_LINES, USUAL_CPS
    if trunk is not None:
        most_lines = most_lines if trunk.max_lines is None else trunk.max_lines
        most_cps = most_cps if trunk.max_cps is None else trunk.max_cps
    lines = settings.max_lines
    if lines is None:
        lines = min(MOST_LINES, most_lines, math.ceil(agents * (1.0 + settings.max_calls_per_agent)))
    cps = settings.max_cps
    if cps is None:
        cps = min(MOST_CPS, most_cps, max(USUAL_CPS, round(lines / _TURNOVER, 1)))
    return Reach(lines, cps)
