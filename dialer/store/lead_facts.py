"""What the store knows of a call to a lead, as the features of pacing's answer model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from dialer.model.outcomes import Outcome
from pacing.leads import LeadFeatures, Numbers

HISTORY = timedelta(days=90)
"""How far back the attempts at a lead are counted; the same when placing and when learning."""
TELLING = (
    Outcome.CONVERSATION,
    Outcome.ABANDONED,
    Outcome.MACHINE,
    Outcome.MESSAGE_LEFT,
    Outcome.FAX,
    Outcome.HUNG_UP_EARLY,
    Outcome.BUSY,
    Outcome.NO_ANSWER,
    Outcome.REJECTED,
    Outcome.DECLINED,
    Outcome.UNWANTED,
    Outcome.UNREACHABLE,
    Outcome.UNALLOCATED,
    Outcome.NUMBER_CHANGED,
    Outcome.INTERCEPT,
    Outcome.UNSERVED,
)
"""Outcomes that say whether the person answers. The others are the carrier's doing, or ours."""
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class LeadFact:
    """A call to a lead, about to be placed or placed in the past. Counts are of attempts before it."""

    campaign_id: int
    list_id: int
    at: datetime
    zone: str | None = None
    kind: str = ""
    phone_attempts: int = 0
    lead_attempts: int = 0
    last_outcome: str = ""
    """Of the last attempt at this telephone."""
    known_at: datetime | None = None
    """Since when the number is known."""
    answered_at: datetime | None = None
    """When the attempt was placed that a person answered last at this telephone."""


def features_of(facts: Sequence[LeadFact]) -> LeadFeatures:
    """The features of some calls, in their order."""
    local = [local_of(fact) for fact in facts]
    return LeadFeatures(
        hour=np.array([_NAN if at is None else at.hour + at.minute / 60 for at in local]),
        weekday=np.array([-1 if at is None else at.weekday() for at in local], dtype=np.int64),
        attempt=np.array([fact.phone_attempts + 1 for fact in facts], dtype=np.int64),
        lead_attempt=np.array([fact.lead_attempts + 1 for fact in facts], dtype=np.int64),
        kind=np.array([fact.kind for fact in facts], dtype=np.str_),
        last_outcome=np.array([fact.last_outcome for fact in facts], dtype=np.str_),
        known_days=_days([(fact.at, fact.known_at) for fact in facts]),
        answered_days=_days([(fact.at, fact.answered_at) for fact in facts]),
        list_id=np.array([fact.list_id for fact in facts], dtype=np.int64),
        campaign_id=np.array([fact.campaign_id for fact in facts], dtype=np.int64),
    )


def local_of(fact: LeadFact) -> datetime | None:
    """The instant of a call by the person's clock; None where the zone is not known."""
    zone = _zone(fact.zone) if fact.zone else None
    return None if zone is None else fact.at.astimezone(zone)


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _days(pairs: Sequence[tuple[datetime, datetime | None]]) -> Numbers:
    return np.array([_NAN if since is None else (at - since).total_seconds() / 86_400 for at, since in pairs])
