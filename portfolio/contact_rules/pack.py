"""A rule pack: the national or house rules of contact, as versioned data. Numbers are data, never code."""

from collections.abc import Callable, Hashable, Mapping, Set
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from portfolio.contact_rules.facts import Channel, EntryKind, PhoneStatus

HolidayLookup = Callable[[str, str | None, int], frozenset[date] | None]
"""(country, region or None for every region, year) → public holidays; None = country not known."""

MINUTES_OF_DAY = 24 * 60
_DAY = timedelta(days=1)
LONGEST_WINDOW = timedelta(days=31)
"""In which abandonment may be limited: the engine counts no further back."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def unknown_holidays(country: str, region: str | None, year: int) -> None:
    """The calendar of a pack to which none was given: it knows no country, so the gate refuses."""
    return


def _minutes(value: object) -> object:
    """'HH:MM' → minutes since midnight; 24:00 is the end of the day."""
    if not isinstance(value, str):
        return value
    hours, _, minutes = value.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60):
        raise ValueError(f"not a time of day: {value!r}; write it 'HH:MM', in quotes")
    return int(hours) * 60 + int(minutes)


Minutes = Annotated[int, BeforeValidator(_minutes), Field(ge=0, le=MINUTES_OF_DAY)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(_Data):
    """A rule says where it comes from and when that was last read."""

    source: str = Field(min_length=1)
    dated: date


class Window(_Data):
    """Open from start (included) to end (not included), in local time; end ≤ start runs into the next day."""

    start: Minutes = Field(lt=MINUTES_OF_DAY)
    end: Minutes

    @property
    def crosses(self) -> bool:
        """Whether the window runs into the next day."""
        return self.end <= self.start


class CallingHours(Sourced):
    """When a contact may start. A day that is absent is closed."""

    windows: dict[Day, tuple[Window, ...]]

    def of(self, weekday: int) -> tuple[Window, ...]:
        """Windows that start on a weekday, 0 = Monday."""
        return self.windows.get(DAYS[weekday], ())  # type: ignore[call-overload, no-any-return]


class ExcludedDays(Sourced):
    """Days without any contact, besides the weekdays that have no window."""

    public_holidays: bool
    unknown_region: Literal["every_region", "national"] = "every_region"
    """Which holidays hold for a person whose region is not known."""
    also: frozenset[date] = frozenset()
    """Days the firm closes by itself."""
    open_anyway: frozenset[date] = frozenset()
    """Days of the calendar that are none here; `also` is the stronger."""


Unit = Literal["person", "number", "debt"]
Span = Literal["hours", "calendar_day", "calendar_week"]
_LONGEST_SPAN = {"calendar_day": timedelta(days=1), "calendar_week": timedelta(days=7)}


class Spanned(Sourced):
    """A rule that looks back: a rolling number of hours, or the calendar day or week of the called party."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{2,60}$")
    label_es: str
    label_en: str
    unit: Unit
    per: Span = "hours"
    hours: float | None = Field(None, gt=0, le=24 * 366)
    unless_invited: bool = False
    """Does not hold for a call that the person asked for."""

    @cached_property
    def window(self) -> timedelta:
        """Length of the rolling window; of a calendar span the longest it can be, clock changes apart."""
        return timedelta(hours=self.hours) if self.hours is not None else _LONGEST_SPAN[self.per]

    @property
    def reach(self) -> timedelta:
        """How far back an entry can still count; a day more for calendar spans in a far zone."""
        return self.window + (timedelta() if self.per == "hours" else _DAY)

    @model_validator(mode="after")
    def _has_one_length(self) -> "Spanned":
        if (self.per == "hours") != (self.hours is not None):
            raise ValueError(f"{self.name}: a rolling window, and nothing else, needs its hours")
        return self


class Cap(Spanned):
    """At most so many counted entries in a span; the next is refused."""

    counts: frozenset[EntryKind] = Field(min_length=1)
    channels: frozenset[Channel] = frozenset({Channel.VOICE})
    most: int = Field(ge=0)


class Silence(Spanned):
    """Quiet time after something happened; with a calendar span, the rest of that day or week."""

    after: EntryKind
    unless_agent_reserved: bool = False
    """An agent who waits for this very call may break the silence."""
    other_channels: bool = False
    """Holds for the channels on which it did not happen, only."""


class CallerIdRule(Sourced):
    """What number must be shown to the called party."""

    must_be: Literal["presented", "registered"] = "presented"
    prefixes: tuple[str, ...] = ()
    """Starts of E.164 numbers that alone may be shown, such as Brazil's 0303; empty = any."""
    not_prefixes: tuple[str, ...] = ()
    """Starts of numbers that may not be shown, such as Spain's mobile ones."""


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no time zone {name}") from None


class InboundRule(Sourced):
    """What the law asks of calls that come in, and of complaints."""

    answered_within_seconds: float = Field(gt=0, le=3600)
    answered_share: float = Field(gt=0, le=1)
    """Of all calls that came in, on average, answered by a person within that time."""
    complaint_working_days: int | None = Field(None, ge=1, le=365)
    """Within which a complaint is answered; None = the law says nothing."""
    complaint_weekdays: frozenset[Day] = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday"})
    """That are working days, unless they are public holidays."""
    complaint_country: str | None = Field(None, pattern="^[A-Z]{2}$")
    """Whose public holidays are none; of the national ones only, so that the deadline is the earlier one."""
    complaint_zone: str = "UTC"
    """In which the day of the complaint, and its last, are reckoned."""
    complaint_near_days: int = Field(3, ge=0, le=60)
    """Before the end of its last day, in which an open complaint alarms: a weekend, and one to act."""
    case_number_told: bool = False
    """Whether who calls in must be told the number of their case while they wait on the line."""

    @model_validator(mode="after")
    def _has_a_calendar(self) -> "InboundRule":
        if self.complaint_working_days is not None and self.complaint_country is None:
            raise ValueError("working days need the country whose holidays are none")
        if not self.complaint_weekdays:
            raise ValueError("no weekday is a working day")
        _known_zone(self.complaint_zone)
        return self


class Countries(Sourced):
    """Countries whose numbers may be called; satellite and other global numbers are of none."""

    codes: frozenset[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(min_length=1)
    """ISO 3166 alpha-2."""
    such_as: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$")
    """A number of one of them: that of the examples that name none."""


class AbandonmentWindow(_Data):
    """A stretch of time in which abandonment is limited."""

    name: str = Field(pattern="^(calendar_day|rolling_[1-9][0-9]{0,2}[hd])$")
    """'calendar_day', or 'rolling_' with a length in hours or days: 'rolling_24h', 'rolling_30d'."""
    limit: float | None = Field(None, ge=0, le=0.2)
    """Abandoned ÷ live answers, 0–1; None = `max_abandonment`."""
    zone: str | None = None
    """With calendar_day: where midnight is, as an IANA name."""
    advance: int = Field(0, ge=0, le=50)
    """Abandonments that may come before the answers that pay for them: 0 where every moment must stand the
    test, a few where a long window is judged at its end. With them a campaign need not begin slowly."""

    @property
    def span(self) -> timedelta | None:
        """Length of a rolling window; None for the calendar day."""
        if self.name == "calendar_day":
            return None
        number = int(self.name.removeprefix("rolling_")[:-1])
        return timedelta(hours=number) if self.name.endswith("h") else timedelta(days=number)

    @model_validator(mode="after")
    def _is_whole(self) -> "AbandonmentWindow":
        if self.span is not None and self.span > LONGEST_WINDOW:
            raise ValueError(f"{self.name} is longer than {LONGEST_WINDOW.days} days")
        if (self.span is None) != (self.zone is not None):
            raise ValueError("a calendar day, and nothing else, needs the zone of its midnight")
        if self.zone is not None:
            _known_zone(self.zone)
        return self


class Conduct(Sourced):
    """How a dialer must behave on the line."""

    minimum_ring_seconds: float = Field(ge=5, le=120)
    connect_limit_seconds: float = Field(gt=0, le=10)
    clock_start: Literal["answered", "greeting_end"]
    """From which instant the wait of a person who answered is counted."""
    unserved_after_seconds: float = Field(1.0, ge=0, le=10)
    """From the answer: who hangs up from then on and had no agent was left unserved; before, no dialer could
    have served them."""
    unserved_counts: bool = False
    """Whether the law counts the unserved among the abandoned. The cap does, whatever the pack says."""
    max_abandonment: float = Field(ge=0, le=0.2)
    """Abandoned ÷ live answers, 0–1, in every window that names no limit of its own."""
    abandonment_windows: tuple[AbandonmentWindow, ...] = Field(min_length=1)
    """The limit holds in each of them."""

    @model_validator(mode="after")
    def _windows_are_unique(self) -> "Conduct":
        names = [window.name for window in self.abandonment_windows]
        if len(set(names)) != len(names):
            raise ValueError("two abandonment windows have the same name")
        return self


class Prefixes(Sourced):
    """Numbers that are never dialled from a day on: the whole list, not what is added to it."""

    starts: tuple[str, ...]


class Change(_Data):
    """What a law puts in the place of the pack's own rules, from a day on."""

    effective_from: date
    zone: str = "UTC"
    """In which that day begins."""
    hours: CallingHours | None = None
    excluded_days: ExcludedDays | None = None
    caps: tuple[Cap, ...] | None = None
    silences: tuple[Silence, ...] | None = None
    forbidden_prefixes: Prefixes | None = None
    countries: Countries | None = None
    caller_id: CallerIdRule | None = None
    conduct: Conduct | None = None
    inbound: InboundRule | None = None

    @cached_property
    def start(self) -> datetime:
        """The instant from which it holds, UTC."""
        return datetime.combine(self.effective_from, time(), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    @cached_property
    def parts(self) -> dict[str, Any]:
        """Name of a part of the pack → what takes its place."""
        names = type(self).model_fields.keys() - {"effective_from", "zone"}
        return {name: part for name in sorted(names) if (part := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _changes_something(self) -> "Change":
        _known_zone(self.zone)
        if not self.parts:
            raise ValueError("a change without a part changes nothing")
        return self


def _as_written(part: Any) -> Any:
    """A part of a change as the pack itself has it: its list of numbers bears no source."""
    return part.starts if isinstance(part, Prefixes) else part


class ExamplePerson(_Data):
    """The person of an example."""

    zone: str | None = None
    country: str | None = None
    region: str | None = None
    flags: frozenset[str] = frozenset()
    stopped: bool = False
    granted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    preferred: tuple[tuple[int, int], ...] = ()


class ExampleAddress(_Data):
    """The number of an example."""

    number: str | None = None
    """None = `such_as` of the pack's countries."""
    status: PhoneStatus = PhoneStatus.UNKNOWN
    zones: tuple[str, ...] = ()
    do_not_call: bool = False


class ExampleEntry(_Data):
    """A ledger line of an example."""

    kind: EntryKind
    at: AwareDatetime
    channel: Channel = Channel.VOICE
    number: str | None = None
    same_person: bool = True
    debts: frozenset[int] | None = None


class ExampleApproach(_Data):
    """How the contact of an example would be made; with a caller-id that satisfies most rules."""

    agent_reserved: bool = False
    trained: bool = False
    invited: bool = False
    debts: frozenset[int] = frozenset()
    caller_id: str = "+34910000000"
    registered: bool = True


class PackExample(_Data):
    """A case the pack carries with it; a pack whose examples fail is not published."""

    name: str
    at: AwareDatetime
    channel: Channel = Channel.VOICE
    person: ExamplePerson
    address: ExampleAddress = ExampleAddress()
    ledger: tuple[ExampleEntry, ...] = ()
    approach: ExampleApproach = ExampleApproach()
    expect: str
    """'permitted', or the name of the rule that refuses."""
    until: AwareDatetime | None = None


class ComplaintExample(_Data):
    """When a complaint must be answered."""

    name: str
    opened_at: AwareDatetime
    due_on: date | None = None
    """The last day; None = these rules set no deadline."""


class RulePack(_Data):
    """Everything one set of rules says, with a version."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9-]{1,40}$")
    version: int = Field(ge=1)
    title_es: str
    title_en: str
    effective_from: date
    lab_only: bool = False
    """True: never for real people."""
    channels: frozenset[Channel] = Field(min_length=1)
    hours: CallingHours
    excluded_days: ExcludedDays
    caps: tuple[Cap, ...]
    silences: tuple[Silence, ...]
    forbidden_prefixes: tuple[str, ...]
    """Starts of E.164 numbers that are never dialled: premium rate, shared cost, personal, satellite."""
    countries: Countries | None = None
    """None = numbers of every country."""
    caller_id: CallerIdRule | None = None
    """None = not looked at."""
    consent_required: frozenset[Channel] = frozenset()
    """Channels on which nobody is contacted without consent on record."""
    care_flags: frozenset[Literal["vulnerable", "dispute"]] = frozenset({"vulnerable", "dispute"})
    """Flags that a trained agent may call in spite of; the others are a stop for everybody."""
    conduct: Conduct
    inbound: InboundRule | None = None
    """None = the law asks nothing of calls that come in."""
    changes: tuple[Change, ...] = ()
    """In the order in which they begin to hold."""
    verdict_audio_days: int = Field(30, ge=0, le=3650)
    """How long the first seconds of screened calls are kept."""
    tests: tuple[PackExample, ...] = Field(min_length=1)
    complaint_tests: tuple[ComplaintExample, ...] = ()
    calendar: HolidayLookup = Field(default=unknown_holidays, exclude=True, repr=False)
    """Public holidays, bound by the loader."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> "RulePack":
        if len(set(self.names)) != len(self.names):
            raise ValueError("two rules of the pack have the same name")
        starts = [change.start for change in self.changes]
        if starts != sorted(set(starts)):
            raise ValueError("changes stand in the order in which they begin to hold, one for each day")
        return self

    def at(self, now: datetime) -> "RulePack":
        """The pack with every change that holds at an instant."""
        if not self.changes or now < self.changes[0].start:
            return self
        held = sum(change.start <= now for change in self.changes)
        return self._changed[held - 1]

    @cached_property
    def _changed(self) -> tuple["RulePack", ...]:
        """After the first change, after the second, and so on; each without changes of its own."""
        parts: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        found = []
        for change in self.changes:
            parts |= {name: _as_written(part) for name, part in change.parts.items()} | {"changes": ()}
            found.append(RulePack(**parts))
        return tuple(found)

    # Looked at for every decision, hence remembered.
    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the caps and silences, in their order."""
        return tuple(rule.name for rule in (*self.caps, *self.silences))

    @cached_property
    def start(self) -> datetime:
        """When the pack begins to hold: midnight UTC of its first day."""
        return datetime.combine(self.effective_from, datetime.min.time(), tzinfo=UTC)

    @cached_property
    def allows_none(self) -> bool:
        """Whether a cap refuses without any history."""
        return any(cap.most == 0 for cap in self.caps)

    @cached_property
    def digest(self) -> str:
        """The same for the same rules in every process; other for any other."""
        return sha256(_told(self.model_dump()).encode()).hexdigest()

    @cached_property
    def openings(self) -> dict[Hashable, Any]:
        """What portfolio.contact_rules.opening has found out about single minutes."""
        return {}

    @property
    def memory(self) -> timedelta:
        """How far back the ledger must reach for these rules (a stop counts for ever)."""
        spans = [rule.reach for rule in (*self.caps, *self.silences)]
        later = [pack.memory for pack in self._changed]
        return max([*spans, *later], default=timedelta())


def _told(said: object) -> str:
    """Data as one text, whatever order sets and mappings come in."""
    if isinstance(said, Mapping):
        return "{" + ",".join(sorted(f"{_told(k)}:{_told(v)}" for k, v in said.items())) + "}"
    if isinstance(said, Set):
        return "{" + ",".join(sorted(map(_told, said))) + "}"
    if isinstance(said, list | tuple):
        return "[" + ",".join(map(_told, said)) + "]"
    return repr(said)
