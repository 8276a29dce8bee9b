"""The rows of the store in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from dialer.model.agent import Agent
from dialer.model.call import Call
from dialer.ports import DispositionMade
from dialer.store.gate import CandidatePhone, LedgerRow

T = TypeVar("T")

_ONLY_BY_THE_PERSON = 2**63 - 1
BY_THE_PERSON = ("stop", "care")
"""Why leads are withdrawn that only a change of the person brings back."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Code:
    """A disposition code."""

    kind: str = "right_party"
    requires: str = ""
    effect: str = ""
    flag: str = ""


CODES = {
    "promise": Code(requires="promise"),
    "callback": Code(requires="callback"),
    "cannot_pay": Code(),
    "refuses": Code(),
    "paid": Code(effect="stop"),
    "dispute": Code(flag="dispute"),
    "vulnerable": Code(flag="vulnerable"),
    "third_party": Code(kind="third_party"),
    "wrong_number": Code(kind="third_party", effect="wrong_party"),
    "do_not_call": Code(effect="do_not_call"),
    "machine": Code(kind="no_contact"),
    "hung_up": Code(kind="no_contact"),
    "deceased": Code(kind="third_party", effect="stop", flag="deceased"),
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
    country: str | None = None
    zone: str | None = None
    flags: tuple[str, ...] = ()
    debts: tuple[dict[str, Any], ...] = ()
    phones: list[CandidatePhone] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    stopped: bool = False
    unstopped_at: datetime | None = None
    """When a stop was lifted last: what the ledger says of it before holds no more."""
    stop_reason: str = ""
    news: int = 0


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
    urgent: bool = False
    verdict: tuple[int, str, datetime, str] | None = None
    """What the gate left of it: changes of the rules that it knew, held_by, next_at, status."""

    @property
    def held_rules(self) -> int | None:
        """The column of that name: whoever plans the lead anew takes it out of the gate's hands."""
        if self.verdict is not None and self.verdict[1:] == (self.held_by, self.next_at, self.status):
            return self.verdict[0]
        return _ONLY_BY_THE_PERSON if self.status == "withdrawn" and self.held_by in BY_THE_PERSON else None

    def hold(self, rules: int) -> None:
        """A rule holds it as it is now."""
        self.verdict = (rules, self.held_by, self.next_at, self.status)

    def withdraw(self, why: str) -> None:
        """Nobody calls: a retry stays planned for whoever comes back, a rule's date was no plan."""
        if self.status == "open" and self.held_rules is not None:
            self.next_at = _EPOCH
        self.status, self.held_by = "withdrawn", why


@dataclass(slots=True)
class MemoryCallback:
    """An agreed callback."""

    lead_id: int
    campaign_id: int
    agent_id: int | None
    at: datetime
    status: str = "scheduled"
    place_since: datetime | None = None
    done_at: datetime | None = None
    """When the call was placed that kept it."""
    grace: timedelta = timedelta()
    """How long it is nobody else's, once it is due."""


def contact_of(
    call: Call, dispositions: Sequence[DispositionMade], agents: Mapping[int, Agent]
) -> dict[str, Any]:
    """An ended call as a line of the screen pop."""
    made = next((d for d in reversed(dispositions) if d.attempt_id == call.id), None)
    agent = agents.get(call.agent_id) if call.agent_id else None
    return {
        "at": call.placed_at.isoformat(),
        "outcome": call.outcome,
        "disposition": made.code if made else "",
        "agent": agent.name if agent else "",
    }


def results_of(dispositions: Sequence[DispositionMade]) -> dict[int, tuple[int, int]]:
    """Agent → conversations with the right person, and those that ended in a promise or a payment."""
    found: dict[int, tuple[int, int]] = {}
    for made in dispositions:
        spoken, good = found.get(made.agent_id, (0, 0))
        right, well = CODES[made.code].kind == "right_party", made.code in ("promise", "paid")
        found[made.agent_id] = (spoken + right, good + well)
    return found


def extend_alarms(rows: list[tuple[str, str, str]], more: Sequence[tuple[str, str, str]]) -> None:
    """One row for each kind and subject, as it was said last."""
    for alarm in more:
        known = next((place for place, row in enumerate(rows) if row[:2] == alarm[:2]), len(rows))
        rows[known : known + 1] = [alarm]


def extend_new(rows: list[T], more: Sequence[T]) -> None:
    """Add what is not there yet, as ON CONFLICT DO NOTHING does."""
    rows.extend(row for row in more if row not in rows)
