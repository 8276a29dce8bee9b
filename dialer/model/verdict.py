"""What call progress analysis said of a call, as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """What call progress analysis said of a call, once for each stage."""

    attempt_id: UUID
    stage: str
    """'early' before the answer, 'answer', or 'late' once it was connected."""
    campaign_id: int
    at: datetime
    source: str
    """'progress' or 'amd'."""
    verdict: str
    """'human', 'unsure', 'machine', 'fax' or 'tone'."""
    cause: str = ""
    outcome: str = ""
    """With 'tone': the word of the tone or announcement."""
    p: float | None = None
    """Calibrated probability of a machine."""
    after: float = 0.0
    """Seconds of audio heard."""
    model: str = ""
    features: Mapping[str, float] = field(default_factory=dict)
    audio: str = ""
    audited: bool = False
    """A machine verdict whose call an agent gets all the same, unknowing."""
