"""The joint between what the database knows of a person and the one contact gate."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from dialer.model.campaign import Campaign

DEAD_PHONES = ("wrong_party", "dead")
"""Statuses of a phone that is not called any more."""


@dataclass(frozen=True, slots=True)
class CandidatePhone:
    """One number of a person."""

    id: int
    number: str
    kind: str = "unknown"
    status: str = "unknown"
    zones: tuple[str, ...] = ()
    do_not_call: bool = False
    ours: bool = True
    """False while another reservation decides about this very number."""

    @property
    def usable(self) -> bool:
        """Whether it may be thought of at all."""
        return self.status not in DEAD_PHONES and not self.do_not_call


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One contact of a person, on any channel; an open attempt stands here from its reservation on."""

    kind: str
    at: datetime
    channel: str = "voice"
    number: str | None = None
    attempt_id: UUID | None = None
    same_person: bool = True
    """False for a contact of somebody else on the same number."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead with all that the gate needs to know of its person; read under the person's lock."""

    lead_id: int
    person_id: int
    name: str = ""
    language: str = "es"
    country: str | None = None
    region: str | None = None
    zone: str | None = None
    flags: tuple[str, ...] = ()
    stopped: bool = False
    phones: tuple[CandidatePhone, ...] = ()
    """In the order in which they are tried."""
    ledger: tuple[LedgerRow, ...] = ()
    in_call: bool = False
    """Whether an attempt of this person is open, in any campaign."""
    agent_reserved: bool = False
    """Whether an agent waits for this very call (manual, preview)."""
    priority: int = 0
    """Of the lead; higher comes first."""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The gate's answer: permitted when no rule refused."""

    rule: str = ""
    until: datetime | None = None
    """When it may be asked again; None with a rule = never, or nobody knows."""
    final: bool = False
    """The refusal holds for ever: the lead is withdrawn."""
    detail: dict[str, Any] = field(default_factory=dict)
    """Kept with the attempt, for 'why was I called?'."""

    @property
    def permitted(self) -> bool:
        """Whether the person may be called on this number now."""
        return not self.rule


Gate = Callable[[Candidate, CandidatePhone, Campaign, datetime], GateVerdict]


def first_usable(candidate: Candidate) -> CandidatePhone | None:
    """The number to call, or none that is alive and allowed."""
    return next((phone for phone in candidate.phones if phone.usable), None)


def basic_gate(candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime) -> GateVerdict:
    """Only the stop, for tests that are about something else."""
    return (
        GateVerdict(rule="stopped", final=True)
        if candidate.stopped
        else GateVerdict(detail={"pack": "basic"})
    )
