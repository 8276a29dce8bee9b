"""What three books say of a run, the carrier's, ours and the archive's, and what is found amiss in them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

DYING = 0.3
"""Seconds before its death in which a PBX may not have passed an answer on."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One call in the carrier's book. Times: seconds since 1970; None: did not happen."""

    number: str
    behaviour: str
    invited: float
    live: bool = False
    """Whether the called side is a person."""
    answered: float | None = None
    greeted: float | None = None
    ended: float | None = None
    hung_up_by: str | None = None
    voice: float | None = None
    """When they first heard somebody or something, from the end of their own greeting on."""
    kept: bool = False
    """Whether what they heard was kept."""

    @property
    def stayed(self) -> float:
        """Seconds from the answer to the end; endless while it goes on."""
        if self.answered is None:
            return 0.0
        return (self.ended if self.ended is not None else float("inf")) - self.answered


@dataclass(frozen=True, slots=True)
class Booked:
    """One attempt in the database."""

    id: str
    number: str
    placed: float
    state: str
    outcome: str | None = None
    answered: float | None = None
    judged: float | None = None
    """When screening gave its verdict."""
    connected: float | None = None
    ended: float | None = None
    inbound: bool = False
    story: str = ""
    """What happened to it by its ledger, in words."""


@dataclass(frozen=True, slots=True)
class Taped:
    """One recording in the archive."""

    attempt: str
    status: str
    detail: str = ""
    seconds: float = 0.0
    loudest: float = 0.0
    """Of the customer's side, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Order:
    """An agent's button that was pressed during a fault: the call must be over by then."""

    number: str
    pressed: float
    by: float


@dataclass(frozen=True, slots=True)
class Books:
    """All three, of one run."""

    rung: Sequence[Rung] = ()
    booked: Sequence[Booked] = ()
    taped: Sequence[Taped] = ()
    orders: Sequence[Order] = ()
    voiceless: Sequence[tuple[float, float]] = ()
    """Spans in which the PBX or the network itself was gone: nobody can speak to anybody then."""
    deaths: Sequence[float] = ()
    """Instants at which the PBX was killed. Whom it was still ringing answers nobody."""

    def orphan(self, call: Rung) -> bool:
        """Whether it was answered when its caller was dead: no part of ours could hear of it."""
        return any(call.invited < death <= (call.answered or 0.0) + DYING for death in self.deaths)

    def pairs(self) -> list[tuple[Rung, Booked]]:
        """Each call of the carrier beside its attempt, in order of time; orphans are nobody's."""
        calls, attempts = self.calls(), self.attempts()
        found = []
        for number, rung in calls.items():
            found += list(zip(rung, attempts.get(number, ()), strict=False))
        return [(call, attempt) for call, attempt in found if not self.orphan(call)]

    def calls(self) -> dict[str, list[Rung]]:
        """The carrier's calls of each number, in order of time."""
        found: dict[str, list[Rung]] = defaultdict(list)
        for call in sorted(self.rung, key=lambda one: one.invited):
            found[call.number].append(call)
        return found

    def attempts(self) -> dict[str, list[Booked]]:
        """Our attempts at each number, in order of time."""
        found: dict[str, list[Booked]] = defaultdict(list)
        for attempt in sorted(self.booked, key=lambda one: one.placed):
            if not attempt.inbound:
                found[attempt.number].append(attempt)
        return found


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one audit."""

    audit: str
    began: float
    """The harm was done between these two instants."""
    ended: float
    text: str
