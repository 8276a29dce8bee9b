"""The small YAML file that describes a floor for `cadencia pacing simulate`."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pacing import Pace
from pacing.floor import Ages
from pacing.simulator import LONG_WINDOW
from pacing.simulator.policies import Named
from pacing.simulator.world import Curve, Draw, Shift, World, always, constant, exponential, gamma, lognormal

_REDRAWS = 50
"""A law of which so many draws in a row lie above its limit is cut there."""


class BadFloor(Exception):
    """The file describes no floor; the message is one line."""


def _clock(value: Any) -> Any:
    """ "09:30" as seconds since midnight; YAML reads an unquoted 11:20 as 680, its minutes."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("write a time as 09:30")
    if isinstance(value, int):
        minutes = value if value >= 60 else -1
    else:
        hours, colon, rest = value.partition(":")
        if not (colon and hours.isdigit() and rest.isdigit() and int(rest) < 60):
            raise ValueError("write a time as 09:30")
        minutes = int(hours) * 60 + int(rest)
    if not 0 <= minutes <= 48 * 60:
        raise ValueError("write a time as 09:30, up to 48:00")
    return minutes * 60.0


Clock = Annotated[float, BeforeValidator(_clock)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Break(_Part):
    """A break of a shift."""

    from_: Clock = Field(alias="from")
    to: Clock

    @model_validator(mode="after")
    def _forward(self) -> "Break":
        if self.to <= self.from_:
            raise ValueError("a break ends after it begins")
        return self


class ShiftPart(_Part):
    """Some of the agents, from a time to a time."""

    share: Share = 1.0
    from_: Clock | None = Field(None, alias="from")
    to: Clock | None = None
    breaks: tuple[Break, ...] = ()


class Steps(_Part):
    """A share that jumps at times."""

    steps: dict[Clock, Share] = Field(min_length=1)


class Line(_Part):
    """A share on straight lines between times."""

    line: dict[Clock, Share] = Field(min_length=1)


class Shares(_Part):
    """What becomes of a call placed; what is left rings until the ring limit."""

    person: Share | Steps | Line = 0.18
    machine: Share = 0.12
    """Machine, busy and unobtainable as they are at the start; they shrink when more persons answer."""
    busy: Share = 0.05
    unobtainable: Share = 0.07


class Law(_Part):
    """Durations by their mean and spread."""

    law: Literal["lognormal", "gamma", "exponential", "constant"] = "lognormal"
    mean: float = Field(gt=0.0, le=7200.0)
    cv: float = Field(1.0, gt=0.0, le=5.0)
    most: float = Field(math.inf, gt=0.0)
    """Longer ones are drawn again."""

    def draw(self, most: float = math.inf) -> Draw:
        """The law, below `most` too."""
        least = min(most, self.most)
        match self.law:
            case "gamma" if least < math.inf:
                return gamma(1.0 / self.cv**2, self.mean, least)
            case "gamma":
                return gamma(1.0 / self.cv**2, self.mean, math.inf)
            case "exponential":
                law = exponential(self.mean)
            case "constant":
                law = constant(self.mean)
            case _:
                law = lognormal(self.mean, self.cv)
        return law if least == math.inf else _below(law, least)


def _below(law: Draw, most: float) -> Draw:
    def draw(generator: np.random.Generator, n: int) -> Ages:
        times = law(generator, n)
        for _ in range(_REDRAWS):
            late = np.nonzero(times > most)[0]
            if not late.size:
                break
            times[late] = law(generator, late.size)
        return np.minimum(times, most)

    return draw


class Ring(_Part):
    """How long telephones ring."""

    person: Law = Law(law="gamma", mean=12.0, cv=0.5)
    machine: Law | None = None
    limit: float = Field(25.0, ge=15.0, le=90.0)


class ScreeningPart(_Part):
    """Who listens first, and how it errs."""

    time: Law = Law(mean=1.7, cv=0.3, most=4.0)
    person_as_machine: Share = 0.0
    machine_as_person: Share = 0.0
    machine_talk: float = Field(5.0, gt=0.0)


class Patience(_Part):
    """Persons who wait for an agent."""

    connect_limit: float = Field(1.2, ge=0.0, le=30.0)
    """Seconds after the verdict until the safe-harbour message."""
    leaves_per_minute: float = Field(0.0, ge=0.0)


class Failure(_Part):
    """A time in which the carrier fails calls at once."""

    from_: Clock = Field(alias="from")
    to: Clock
    share: Share = 1.0


class LinesPart(_Part):
    """What the trunk carries."""

    lines: int | None = Field(None, ge=1)
    cps: float | None = Field(None, gt=0.0)
    failures: tuple[Failure, ...] = ()


class Kind(_Part):
    """A kind of lead."""

    share: Share
    odds: float = Field(gt=0.0, le=20.0)
    """How much likelier than the others a person answers."""


class Leads(_Part):
    """The list."""

    per_agent: float = Field(math.inf, gt=0.0)
    kinds: tuple[Kind, ...] = ()


class Law30(_Part):
    """The limit on abandonment."""

    limit: float = Field(0.03, ge=0.0, le=0.5)
    window: Literal["day", "30 days"] = "day"


class PacePart(_Part):
    """What the supervisor sets."""

    mode: str = "predictive"
    """A policy's name, such as power:3."""
    target: float = Field(0.025, ge=0.0, le=0.5)
    boost: float = Field(1.0, ge=0.1, le=5.0)
    max_calls_per_agent: float | None = Field(None, gt=0.0)
    cancel: bool = True

    @model_validator(mode="after")
    def _known(self) -> "PacePart":
        Named.parse(self.mode)
        return self


class FloorFile(_Part):
    """A floor and its day."""

    name: str = Field("", max_length=80)
    agents: int = Field(ge=1, le=2000)
    opens: Clock = 9 * 3600.0
    hours: float = Field(8.0, gt=0.0, le=24.0)
    shifts: tuple[ShiftPart, ...] = Field((), max_length=200)
    agents_differ: float = Field(0.0, ge=0.0, le=1.0)
    """Spread of the agents' paces, standard deviation of the logarithm."""
    shares: Shares = Shares()
    ring: Ring = Ring()
    screening: ScreeningPart | Literal["off"] = ScreeningPart()
    patience: Patience = Patience()
    talk: Law = Law(mean=120.0, cv=1.0)
    wrap: Law = Law(mean=20.0, cv=0.6)
    trunk: LinesPart = LinesPart()
    leads: Leads = Leads()
    inbound_per_agent_hour: float = Field(0.0, ge=0.0, le=60.0)
    law: Law30 = Law30()
    pace: PacePart = PacePart()

    @model_validator(mode="after")
    def _adds_up(self) -> "FloorFile":
        if self.shifts and abs(sum(shift.share for shift in self.shifts) - 1.0) > 0.005:
            raise ValueError("the shares of the shifts must add up to 1")
        if self.leads.kinds and abs(sum(kind.share for kind in self.leads.kinds) - 1.0) > 0.005:
            raise ValueError("the shares of the kinds of leads must add up to 1")
        if self.person.at(0.0) + self.shares.machine + self.shares.busy + self.shares.unobtainable > 1.0:
            raise ValueError("shares: person, machine, busy and unobtainable are more than 1 together")
        return self

    @property
    def person(self) -> Curve:
        """Share of persons by seconds since opening."""
        share = self.shares.person
        if isinstance(share, float):
            return always(share)
        points = share.steps if isinstance(share, Steps) else share.line
        ordered = sorted((at - self.opens, value) for at, value in points.items())
        return Curve(tuple(ordered), linear=isinstance(share, Line))

    @property
    def credit(self) -> float:
        """Abandonments that may come before the answers that pay for them."""
        return LONG_WINDOW if self.law.window == "30 days" else 0.0

    def usual_pace(self) -> Pace:
        """What the file sets of the pacing."""
        pace = self.pace
        target = min(pace.target, self.law.limit)
        return Pace("predictive", target=target, boost=pace.boost, cancel=pace.cancel)

    def world(self, agents: int) -> World:
        """The world to simulate."""
        screened = self.screening if isinstance(self.screening, ScreeningPart) else None
        rest = 0.82 / max(1e-9, 1.0 - self.person.at(0.0))
        laws: dict[str, Any] = {}
        if self.ring.machine is not None:
            laws["machine_ring"] = self.ring.machine.draw(self.ring.limit)
        return World(
            self.name,
            human=self.person,
            machine=self.shares.machine * rest,
            busy=self.shares.busy * rest,
            unobtainable=self.shares.unobtainable * rest,
            ring=self.ring.person.draw(self.ring.limit),
            ring_limit=self.ring.limit,
            screening=screened.time.draw() if screened else None,
            false_positives=screened.person_as_machine if screened else 0.0,
            false_negatives=screened.machine_as_person if screened else 1.0,
            machine_talk=screened.machine_talk if screened else 5.0,
            patience=self.patience.connect_limit,
            leaves=self.patience.leaves_per_minute / 60.0,
            talk=self.talk.draw(),
            wrap=self.wrap.draw(),
            speeds=self.agents_differ,
            shifts=tuple(map(self._shift, self.shifts)) or (Shift(1.0),),
            lines_per_agent=self._lines(agents),
            cps=self.trunk.cps or math.inf,
            carrier_fails=tuple(
                (fail.from_ - self.opens, fail.to - self.opens, fail.share) for fail in self.trunk.failures
            ),
            odds=self._odds(),
            leads=self.leads.per_agent,
            inbound=self.inbound_per_agent_hour,
            limit=self.law.limit,
            **laws,
        )

    def _shift(self, shift: ShiftPart) -> Shift:
        start = max(0.0, shift.from_ - self.opens) if shift.from_ is not None else 0.0
        end = shift.to - self.opens if shift.to is not None else math.inf
        rests = tuple((max(0.0, rest.from_ - self.opens), rest.to - self.opens) for rest in shift.breaks)
        return Shift(shift.share, start, end, rests)

    def _lines(self, agents: int) -> float:
        lines = self.trunk.lines / agents if self.trunk.lines is not None else math.inf
        return min(lines, self.pace.max_calls_per_agent or math.inf)

    def _odds(self) -> tuple[tuple[float, float], ...]:
        """Relative to the mean of the list."""
        kinds = self.leads.kinds
        if not kinds:
            return ((1.0, 1.0),)
        mean = sum(kind.share * kind.odds for kind in kinds)
        return tuple((kind.share, kind.odds / mean) for kind in kinds)


def read_floor(path: Path) -> FloorFile:
    """The floor of a file; raises BadFloor."""
    try:
        return parse_floor(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFloor(f"cannot be read: {error}") from None


def parse_floor(text: str) -> FloorFile:
    """The floor of a text; raises BadFloor."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadFloor(" ".join(f"is no YAML: {error}".split())) from None
    if not isinstance(content, dict):
        raise BadFloor("describes no floor: begin with “agents: 15”")
    try:
        return FloorFile.model_validate(content)
    except ValidationError as error:
        raise BadFloor(_first(error)) from None


def _first(error: ValidationError) -> str:
    """The first fault, where it is and what it is; of several forms of a value, the one that fitted best."""
    faults = [(_path(fault["loc"]), fault) for fault in error.errors()]
    first = faults[0][0]
    same = [(path, fault) for path, fault in faults if path[: len(first)] == first]
    where, worst = max(same, key=lambda known: (known[1]["type"] not in _OTHER_FORM, len(known[0])))
    said = worst["msg"].removeprefix("Value error, ")
    more = len({path for path, _ in faults if path[: len(first)] != first})
    told = f"{'.'.join(where)}: {said}" if where else said
    return told + (f" (and {more} more)" if more else "")


_VARIANTS = ("Steps", "Line", "ScreeningPart", "float", "constrained-float", "literal")
_OTHER_FORM = ("missing", "extra_forbidden", "float_type", "literal_error", "model_type")
"""Faults that often only say that another form of the value was meant."""


def _path(steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """Where in the file, without the names of our own variants."""
    return tuple(str(step) for step in steps if not str(step).startswith(_VARIANTS) and "[" not in str(step))
