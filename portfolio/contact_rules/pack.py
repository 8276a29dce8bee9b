"""A rule pack: the national or house rules of contact, as versioned data. Numbers are data, never code."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from portfolio.contact_rules.facts import Channel, EntryKind, PhoneStatus

HolidayLookup = Callable[[str, str | None, int], frozenset[date] | None]
"""(country, region or None for every region, year) → public holidays; None = country not known."""

MINUTES_OF_DAY = 24 * 60
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


class Cap(Sourced):
    """At most so many counted entries in a rolling window; the next is refused."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{2,60}$")
    label_es: str
    label_en: str
    unit: Literal["person", "number"]
    counts: frozenset[EntryKind] = Field(min_length=1)
    channels: frozenset[Channel] = frozenset({Channel.VOICE})
    most: int = Field(ge=0)
    hours: float = Field(gt=0, le=24 * 366)

    @property
    def window(self) -> timedelta:
        """Length of the rolling window."""
        return timedelta(hours=self.hours)


class Silence(Sourced):
    """Quiet time after something happened."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{2,60}$")
    label_es: str
    label_en: str
    unit: Literal["person", "number"]
    after: EntryKind
    hours: float = Field(gt=0, le=24 * 366)
    unless_agent_reserved: bool = False
    """An agent who waits for this very call may break the silence."""

    @property
    def window(self) -> timedelta:
        """Length of the silence."""
        return timedelta(hours=self.hours)


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no time zone {name}") from None


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


class ExamplePerson(_Data):
    """The person of an example."""

    zone: str | None = None
    country: str | None = None
    region: str | None = None
    flags: frozenset[str] = frozenset()
    stopped: bool = False


class ExampleAddress(_Data):
    """The number of an example."""

    number: str = "+34600000001"
    status: PhoneStatus = PhoneStatus.UNKNOWN
    zones: tuple[str, ...] = ()
    do_not_call: bool = False


class ExampleEntry(_Data):
    """A ledger line of an example."""

    kind: EntryKind
    at: AwareDatetime
    channel: Channel = Channel.VOICE
    number: str | None = None


class PackExample(_Data):
    """A case the pack carries with it; a pack whose examples fail is not published."""

    name: str
    at: AwareDatetime
    channel: Channel = Channel.VOICE
    person: ExamplePerson
    address: ExampleAddress = ExampleAddress()
    ledger: tuple[ExampleEntry, ...] = ()
    agent_reserved: bool = False
    expect: str
    """'permitted', or the name of the rule that refuses."""
    until: AwareDatetime | None = None


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
    """Starts of E.164 numbers that are never dialled: premium rate, shared cost, satellite."""
    conduct: Conduct
    verdict_audio_days: int = Field(30, ge=0, le=3650)
    """How long the first seconds of screened calls are kept."""
    tests: tuple[PackExample, ...] = Field(min_length=1)
    calendar: HolidayLookup = Field(default=unknown_holidays, exclude=True, repr=False)
    """Public holidays, bound by the loader."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> "RulePack":
        names = [cap.name for cap in self.caps] + [silence.name for silence in self.silences]
        if len(set(names)) != len(names):
            raise ValueError("two rules of the pack have the same name")
        return self

    @property
    def memory(self) -> timedelta:
        """How far back the ledger must reach for these rules (a stop counts for ever)."""
        windows = [cap.window for cap in self.caps] + [silence.window for silence in self.silences]
        return max(windows, default=timedelta())

    def in_force(self, now: datetime) -> bool:
        """Whether the pack holds at an instant; its first day begins at midnight UTC."""
        return now.date() >= self.effective_from
