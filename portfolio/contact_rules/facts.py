"""What the contact gate is told: a person, an address, the ledger. Facts only, no behaviour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """The ways to reach a person; a rule pack names the ones it knows."""

    VOICE = "voice"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"


class PhoneStatus(StrEnum):
    """What is known of a number for one person."""

    UNKNOWN = "unknown"
    RIGHT_PARTY = "right_party"
    WRONG_PARTY = "wrong_party"
    DEAD = "dead"


class EntryKind(StrEnum):
    """What a line of the ledger records."""

    ATTEMPT = "attempt"
    RESERVED = "reserved"
    """Claimed and not yet in the ledger; it counts as made."""
    CONVERSATION = "conversation"
    ABANDONED = "abandoned"
    MACHINE = "machine"
    UNHEARD = "unheard"
    """The agent spoke, and of the person nothing was ever heard: no conversation took place."""
    FAILED = "failed"
    """The network or we broke the attempt before any telephone could ring: none was made."""
    STOP = "stop"


_TAKES_BACK = {
    EntryKind.MACHINE: EntryKind.CONVERSATION,
    EntryKind.UNHEARD: EntryKind.CONVERSATION,
    EntryKind.FAILED: EntryKind.ATTEMPT,
}
"""A later line of the same attempt → the line that it takes back."""


def taken_back(lines: Iterable[tuple[str, UUID | None]]) -> frozenset[tuple[str, UUID | None]]:
    """Lines (kind, attempt) that count no more: the ledger is append-only, and says later what was none."""
    return frozenset(
        (_TAKES_BACK[EntryKind(kind)].value, attempt)
        for kind, attempt in lines
        if kind in _TAKES_BACK and attempt is not None
    )


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person, as far as the gate needs to know."""

    person_id: int
    zone: str | None = None
    """IANA zone that we were told; None = what the region and the number say."""
    country: str | None = None
    """ISO 3166 alpha-2; decides which public holidays hold."""
    region: str | None = None
    """Subdivision of the country, for regional holidays."""
    flags: frozenset[str] = frozenset()
    """deceased, lawyer, minor, dispute, paid, vulnerable; any other word refuses."""
    stopped: bool = False
    granted: frozenset[str] = frozenset()
    """Channels for which consent is on record."""
    refused: frozenset[str] = frozenset()
    """Channels the person does not want."""
    preferred: tuple[tuple[int, int], ...] = ()
    """Hours the person asked for, as (start, end) in minutes of the local day; they narrow, never widen."""
    zones: tuple[str, ...] = ()
    """Every zone of the region the person lives in; none = the region is not known or tells nothing."""


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """One number of that person."""

    number: str
    """E.164 with its plus sign."""
    status: str = PhoneStatus.UNKNOWN
    zones: tuple[str, ...] = ()
    """Every zone the number may belong to."""
    do_not_call: bool = False
    do_not_call_until: datetime | None = None
    """When that ends; None = never, or it is not on any list."""
    kind: str = "unknown"
    rests_until: datetime | None = None
    """Until when a number rests that the network refused."""
    busy: bool = False
    """Whether a call with this line is open, whoever it is with and whoever placed it."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One contact, made or reserved."""

    kind: str
    at: datetime
    channel: str = Channel.VOICE
    number: str | None = None
    same_person: bool = True
    """False for a contact of somebody else on the same line: it counts for the line only."""
    debts: frozenset[int] | None = None
    """Debts it was about; None = not known, so it counts for each."""


@dataclass(frozen=True, slots=True)
class Approach:
    """How the contact would be made."""

    agent_reserved: bool = False
    """An agent already waits for this very call (manual, preview); predictive calls say False."""
    trained: bool = False
    """That agent is of the group trained for people who need care."""
    invited: bool = False
    """The person asked to be called about now."""
    debts: frozenset[int] = frozenset()
    """Debts it would be about; none = not known, so a rule per debt counts every contact."""
    caller_id: str = ""
    """The number that would be shown, E.164; empty = hidden."""
    registered: bool = False
    """Whether that number is in the registry of the firm, valid now and here."""
