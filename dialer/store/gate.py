"""The joint between what the database knows of a person and the one contact gate."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from dialer.model.campaign import Campaign
from portfolio.contact_rules import BUSY_LOOK, line_of

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
    do_not_call_until: datetime | None = None
    """When that ends, on every list; None = never, or it is on none."""
    rests_until: datetime | None = None
    """Until when it rests since the network refused it."""
    ours: bool = True
    """False while another reservation decides about this very line."""
    busy: bool = False
    """Whether a call with this line is open, whoever it is with."""

    @property
    def usable(self) -> bool:
        """Whether it may be thought of at all: the gate says when a list's end is near."""
        for_good = self.do_not_call and self.do_not_call_until is None
        return self.status not in DEAD_PHONES and not for_good


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One contact of a person, on any channel; an open attempt stands here from its reservation on."""

    kind: str
    at: datetime
    channel: str = "voice"
    number: str | None = None
    attempt_id: UUID | None = None
    same_person: bool = True
    """False for a contact of somebody else on the same line."""
    debts: frozenset[int] | None = None
    """What it was about; None = not known."""


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
    rank: int = 0
    """Of the lead: list, callback and own priority in one number; higher comes first."""
    granted: frozenset[str] = frozenset()
    """Channels with consent on record."""
    refused: frozenset[str] = frozenset()
    """Channels the person does not want."""
    preferred: tuple[tuple[int, int], ...] = ()
    """Hours the person asked for, in minutes of the local day."""
    debts: frozenset[int] = frozenset()
    """Open debts that the campaign speaks of."""
    creditors: tuple[str, ...] = ()
    """To whom the person owes."""
    invited: bool = False
    """Whether a callback was agreed for now."""


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


def usable_in_turn(candidate: Candidate, rotate: bool = True) -> list[CandidatePhone]:
    """The numbers to try, alive and allowed: the one known to be right first, then the least called.

    Without rotation in the order they came in; so do numbers that were called equally often. One that is
    on a list with an end comes last.
    """
    usable = sorted(
        (phone for phone in candidate.phones if phone.usable), key=lambda phone: phone.do_not_call
    )
    if not rotate or len(usable) < 2:
        return usable
    made = (row for row in candidate.ledger if row.kind == "attempt" and row.same_person)
    called = Counter(line_of(row.number or "") for row in made)

    def turn(phone: CandidatePhone) -> tuple[bool, bool, int]:
        return phone.do_not_call, phone.status != "right_party", called[line_of(phone.number)]

    return sorted(usable, key=turn)


def first_usable(candidate: Candidate, rotate: bool = True) -> CandidatePhone | None:
    """The number to try first, or none that is alive and allowed."""
    return next(iter(usable_in_turn(candidate, rotate)), None)


def basic_gate(candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime) -> GateVerdict:
    """Only the stop and the busy line, for tests that are about something else."""
    if candidate.stopped:
        return GateVerdict(rule="stopped", final=True)
    if phone.busy:
        return GateVerdict(rule="line_busy", until=now + BUSY_LOOK)
    return GateVerdict(detail={"pack": "basic"})
