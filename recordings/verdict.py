"""What to do with a captured call: pure decisions."""

from dataclasses import dataclass
from enum import StrEnum

from recordings.captured import Capture, Condition

_SHORT_SECONDS, _SHORT_SHARE = 3.0, 0.1
"""A recording may miss this much of the call: set-up, the PBX's buffers, gaps in the media."""

GOOD = frozenset({Condition.CLOSED, Condition.OPEN})


class Status(StrEnum):
    """As in the `recordings` table."""

    ARCHIVED = "archived"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status a capture earns, and why."""

    status: Status
    detail: str = ""


def judge(capture: Capture, seconds: float | None) -> Verdict:
    """What a capture is worth; `seconds` is how long the call was answered, None when that is not known."""
    if all(side.condition is Condition.MISSING for side in capture.sides):
        return Verdict(Status.MISSING, "both files missing")
    faults = [
        f"{name}: {side.condition}"
        for name, side in (("customer", capture.customer), ("agent", capture.agent))
        if side.condition is not Condition.CLOSED
    ]
    if any(side.condition not in GOOD for side in capture.sides):
        return Verdict(Status.DAMAGED, "; ".join(faults))
    if not faults and _falls_short(capture, seconds):
        return Verdict(Status.DAMAGED, f"{capture.seconds:.1f} s recorded of {seconds or 0:.1f} s")
    return Verdict(Status.ARCHIVED, "; ".join(faults))


def _falls_short(capture: Capture, seconds: float | None) -> bool:
    """Whether a closed recording misses part of the call."""
    return seconds is not None and capture.seconds < seconds - max(_SHORT_SECONDS, _SHORT_SHARE * seconds)
