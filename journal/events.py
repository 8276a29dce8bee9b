"""What happened, as followers read it: frozen and versioned. The tables of the domains stay the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar


class UnknownFact(ValueError):
    """A kind or version that this version of the program does not know."""


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """What is known of a person became another; what it is now stands in the books."""

    KIND: ClassVar[tuple[str, int]] = ("person.changed", 1)
    person_id: int
    what: str
    """'payment', 'stop', 'flag' or 'refusal'."""
    news: int
    """What persons.news was then: what was reserved at a smaller number did not know it."""


@dataclass(frozen=True, slots=True)
class PaymentTaken:
    """A payment, or that one was taken back."""

    KIND: ClassVar[tuple[str, int]] = ("payment.taken", 1)
    person_id: int
    event: str
    """The creditor's id of it."""
    debt_id: int | None
    reversed: bool
    settled: bool
    """Whether the debt is paid."""


@dataclass(frozen=True, slots=True)
class NumbersSuppressed:
    """Numbers came onto a list of those that are not called, or left it."""

    KIND: ClassVar[tuple[str, int]] = ("numbers.suppressed", 1)
    freed: bool
    """Whether they left."""


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """What the engine works by was written."""

    KIND: ClassVar[tuple[str, int]] = ("settings.changed", 1)
    what: str
    """The table."""
    campaign_id: int | None = None
    """Of which campaign; None = of any."""


@dataclass(frozen=True, slots=True)
class CallDisposed:
    """An agent said how a call ended."""

    KIND: ClassVar[tuple[str, int]] = ("call.disposed", 1)
    person_id: int | None
    campaign_id: int
    attempt_id: str
    code: str
    agent_id: int


@dataclass(frozen=True, slots=True)
class RecordingKept:
    """A recording came into the archive, or it is known that there is none."""

    KIND: ClassVar[tuple[str, int]] = ("recording.kept", 1)
    attempt_id: str
    recording_id: int
    status: str


Event = PersonChanged | PaymentTaken | NumbersSuppressed | SettingsChanged | CallDisposed | RecordingKept
EVENTS: tuple[type[Event], ...] = (
    PersonChanged, PaymentTaken, NumbersSuppressed, SettingsChanged, CallDisposed, RecordingKept,
)  # fmt: skip
_BY_KIND: Mapping[tuple[str, int], type[Event]] = {event.KIND: event for event in EVENTS}
KEYS = ("person_id", "campaign_id")
"""What stands in columns of its own."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the journal."""

    id: int
    at: datetime
    kind: str
    version: int
    person_id: int | None = None
    campaign_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def event(self) -> Event:
        """What it says; raises UnknownFact."""
        known = _BY_KIND.get((self.kind, self.version))
        if known is None:
            raise UnknownFact(f"{self.kind} {self.version}")
        names = {one.name for one in fields(known)}
        keys = {"person_id": self.person_id, "campaign_id": self.campaign_id}
        said = {**self.data, **{key: value for key, value in keys.items() if key in names}}
        try:
            return known(**{name: said[name] for name in names})
        except KeyError as missing:
            raise UnknownFact(f"{self.kind} {self.version} without {missing}") from None
