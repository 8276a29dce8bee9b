"""What the engine keeps of each of its pacing decisions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PacingRecord:
    """One stored pacing decision: what was seen, what was decided, why, and what is expected of it."""

    campaign_id: int
    at: datetime
    inputs: dict[str, Any]
    """floor, pace, settings_version, epoch, model: what `pacing.decide` needs to decide the same again."""
    calls: int
    reason: str
    cancel: tuple[int, ...] = ()
    """Ringing calls given up, as places in the floor's `ringing`."""
    forecast: dict[str, float] | None = None
    epoch: int = 0
    """With `model`: which row of the learned models it was made with."""
    model: int = 0
    why: dict[str, Any] | None = None
    """pacing.Why.as_record(): the reason as data; `reason` is its sentence. None in rows from before 0033."""
