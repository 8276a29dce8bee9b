"""The rows of the store in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dialer.store.gate import CandidatePhone, LedgerRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Code:
    """A disposition code."""

    kind: str = "right_party"
    requires: str = ""
    effect: str = ""


CODES = {
    "promise": Code(requires="promise"),
    "callback": Code(requires="callback"),
    "cannot_pay": Code(),
    "refuses": Code(),
    "paid": Code(effect="stop"),
    "dispute": Code(effect="stop"),
    "third_party": Code(kind="third_party"),
    "wrong_number": Code(kind="third_party", effect="wrong_party"),
    "do_not_call": Code(effect="do_not_call"),
    "machine": Code(kind="no_contact"),
    "hung_up": Code(kind="no_contact"),
    "deceased": Code(kind="third_party", effect="stop"),
    "none": Code(kind="system"),
}
PAUSE_CODES = frozenset(
    {"login", "break", "lunch", "training", "admin", "personal", "technical", "forced", "preview"}
)


@dataclass(slots=True)
class MemoryPerson:
    """A person with phones, debts and the ledger of contacts."""

    id: int
    name: str
    language: str = "es"
    zone: str | None = None
    flags: tuple[str, ...] = ()
    debts: tuple[dict[str, Any], ...] = ()
    phones: list[CandidatePhone] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    stopped: bool = False
    stop_reason: str = ""


@dataclass(slots=True)
class MemoryLead:
    """A person in a campaign's list."""

    id: int
    campaign_id: int
    person_id: int
    priority: int = 0
    next_at: datetime = _EPOCH
    status: str = "open"
    held_by: str = ""
    attempts: int = 0
    list_id: int = 0
