"""A campaign's settings: versioned, validated, each field with its unit and bound."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from dialer.model.audit import expected_error, usual_error
from dialer.model.call import CallLimits, ClockStart
from dialer.model.outcomes import Outcome
from portfolio.contact_rules import AbandonmentWindow

UNTIL_HEARD = 0.3
"""Seconds from a greeting's end that nobody hears of at once, and from our order until the message sounds."""
AMD_FALSE_MACHINES, AMD_RECALL = 0.29, 0.85
"""Shares of people (as consumers weigh) and of machines that it takes for machines: `make bench-progress`."""
_SCREENING_BUDGET = 2 / 3
"""Part of the abandonment limit that call progress analysis may spend; the pacing needs the rest."""


TrunkName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]


class DialMode(StrEnum):
    """How calls are started."""

    MANUAL = "manual"
    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    POWER = "power"
    PREDICTIVE = "predictive"


BY_HAND = frozenset({DialMode.MANUAL, DialMode.PREVIEW})
"""Modes in which an agent starts each call and waits for it; in the others the dialer does."""


class CampaignStatus(StrEnum):
    """Whether a campaign dials."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"


class Screening(StrEnum):
    """Who listens first: our call progress analysis, Asterisk's AMD(), or nobody."""

    PROGRESS = "progress"
    AMD = "amd"
    OFF = "off"


class OnVoicemail(StrEnum):
    """What becomes of an answering machine."""

    HANG_UP = "hang_up"
    LEAVE_MESSAGE = "leave_message"


class RetryRule(BaseModel):
    """How a lead goes on after one outcome, in place of the outcome's own advice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: float | None = Field(None, ge=0, le=60 * 24 * 90, description="rest before the next call")
    most: int | None = Field(None, ge=1, le=100, description="with so many of this outcome the lead is done")


class RoutingWeights(BaseModel):
    """What each part of an agent's fit is worth, as routing.Weights; 0 = nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    skills: float = Field(1.0, ge=0, le=10)
    segment: float = Field(0.5, ge=0, le=10)
    success: float = Field(0.5, ge=0, le=10)
    same_agent: float = Field(1.0, ge=0, le=10)


class CampaignSettings(BaseModel):
    """What a supervisor may change live; every change makes a new version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: DialMode = DialMode.PROGRESSIVE
    target_abandonment: float = Field(
        0.025, ge=0.0, le=0.10, description="share of live answers that predictive mode aims at"
    )
    max_abandonment: float = Field(0.03, ge=0.0, le=0.10, description="share of live answers, hard cap")
    calls_per_agent: float = Field(
        1.5, ge=1.0, le=12.0, description="calls in flight per available agent, power mode"
    )
    max_calls_per_agent: float = Field(
        10.0, ge=1.0, le=30.0, description="calls in the air per agent at work, every mode"
    )
    boost: float = Field(1.0, ge=0.25, le=4.0, description="factor on the target, within the hard cap")
    cancel_ringing: bool = Field(
        True, description="give up a ringing call after the minimum ring when no agent will be there"
    )
    screening_errors: float | None = Field(
        None,
        ge=0.0,
        le=0.5,
        description="share of machine verdicts that are persons until blind audits show it; less than the "
        "screening is known for has no effect",
    )
    weight: int = Field(1, ge=1, le=100, description="share of the agents among campaigns that share them")
    preview_limit: float = Field(
        60.0, ge=5.0, le=900.0, description="seconds an agent may read before the previewed lead goes back"
    )
    max_lines: int | None = Field(
        None,
        ge=0,
        le=2000,
        description="calls in the air at once; none = by the agents logged in and the trunk",
    )
    max_cps: float | None = Field(
        None, gt=0, le=500, description="new calls per second; none = by the lines and the trunk"
    )
    spare_trunks: tuple[TrunkName, ...] = Field(
        (), max_length=8, description="trunks that take over, in this order, while the campaign's own rests"
    )
    ring_limit: float = Field(25.0, ge=15.0, le=90.0, description="seconds; the legal minimum ring is 15")
    screening: Screening = Screening.PROGRESS
    screening_limit: float = Field(
        9.25,
        ge=0.5,
        le=11.0,
        description="seconds from the answer until an unclear call counts as a person; below 6.5 no machine "
        "is told by its speech",
    )
    false_machines: float = Field(
        0.02, ge=0.001, le=0.2, description="share of people who may be taken for machines"
    )
    audit_share: float = Field(
        0.05, ge=0.0, le=1.0, description="share of machine verdicts that agents get all the same, unknowing"
    )
    listen_on: float = Field(
        6.0, ge=0.0, le=30.0, description="seconds of listening on after an unclear call was connected"
    )
    early_media: bool = Field(True, description="recognise tones and announcements before the answer")
    on_voicemail: OnVoicemail = OnVoicemail.HANG_UP
    voicemail_message: str = Field(
        "",
        # As wide as it ever was, as stored ones must be read; what is played is narrower (sounds).
        pattern=r"^([A-Za-z0-9_./-]{1,300})?$",
        description="message in the PBX's folder of messages, without its ending; empty = the PBX's own",
    )
    connect_limit: float = Field(2.0, ge=0.5, le=5.0, description="seconds until the safe-harbour message")
    clock_start: ClockStart = ClockStart.GREETING_END
    reattach_limit: float = Field(15.0, ge=2.0, le=60.0, description="seconds held after the agent was lost")
    wrap_limit: float = Field(60.0, ge=2.0, le=900.0, description="seconds")
    record: bool = True
    record_or_no_call: bool = Field(
        True,
        description="while there is no room for recordings, nobody is called whose call would be recorded",
    )
    rule_pack: str = Field("default-strict", description="name of the rule pack")
    language: str = Field("es", pattern="^(es|en)$")
    zone: str = Field("Europe/Madrid", description="where the campaign's day begins, for daily quotas")
    region: str = Field(
        "",
        pattern="^([A-Z]{2})?$",
        description="country of numbers without prefix in files, ISO 3166; empty = asked with each file",
    )
    creditor: str = Field(
        "",
        max_length=120,
        description="only this creditor's debts are spoken of, and files that name none are this one's; "
        "empty = all of the person",
    )
    care: bool = Field(
        False, description="trained agents call vulnerable and disputed cases; manual and preview only"
    )
    retry: dict[Outcome, RetryRule] = Field(
        default_factory=dict, description="what becomes of a lead after an outcome"
    )
    max_attempts: int | None = Field(None, ge=1, le=1000, description="calls after which a lead is done")
    best_hour: float | None = Field(
        None,
        ge=1.1,
        le=10.0,
        description="a lead waits for a later hour of its day that is so many times likelier to be answered; "
        "none = called as it comes",
    )
    rotate_numbers: bool = Field(True, description="a person's numbers take turns, the least called first")
    match_language: bool = Field(
        False, description="who speaks another language needs an agent with the skill lang-xx"
    )
    creditor_licence: bool = Field(
        False, description="who owes needs an agent with the skill creditor-xx of every creditor"
    )
    routing: RoutingWeights = Field(
        default_factory=RoutingWeights, description="what each part of an agent's fit is worth"
    )
    verify_first: bool = Field(
        True, description="debts are shown only after the agent has verified the person's identity"
    )
    callback_grace: float = Field(
        10.0, ge=0.0, le=1440.0, description="minutes until a missed callback is anybody's"
    )

    inbound: bool = Field(True, description="people who call the campaign's caller id reach its agents")
    inbound_wait: float = Field(
        600.0,
        ge=30.0,
        le=7200.0,
        description="seconds after which who keeps a place in the queue of callers is called before all "
        "others; who waits on the line is never cut off",
    )
    inbound_announce: float = Field(
        45.0, ge=15.0, le=600.0, description="seconds between two announcements of place and expected wait"
    )
    inbound_case_number: bool = Field(
        False,
        description="who waits on the line is told the case's number, also where no rule pack asks it",
    )
    inbound_offer: float = Field(
        60.0, ge=0.0, le=3600.0, description="seconds of expected wait from which a callback is offered"
    )

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {zone}") from None
        return zone

    @field_validator("region")
    @classmethod
    def _is_a_country(cls, region: str) -> str:
        if region and region not in SUPPORTED_REGIONS:
            raise ValueError(f"there is no country {region}")
        return region

    @field_validator("care")
    @classmethod
    def _by_hand(cls, care: bool, others: ValidationInfo) -> bool:
        if care and others.data.get("mode") not in (*BY_HAND, None):
            raise ValueError("a care campaign calls in manual or preview mode only")
        return care

    @property
    def machine_error(self) -> float:
        """Chance that a machine verdict of a call placed now is wrong: as is known, or as is set if more."""
        said = {
            Screening.PROGRESS: usual_error(self.false_machines),
            Screening.AMD: expected_error(AMD_FALSE_MACHINES, AMD_RECALL),
        }
        return max(self.screening_errors or 0.0, said.get(self.screening, 0.0))

    @property
    def agent_limit(self) -> float:
        """Seconds within which an agent must be found, or else the message could be heard too late."""
        return max(self.connect_limit - UNTIL_HEARD, self.connect_limit / 2)

    def limits(self) -> CallLimits:
        """The time limits a call placed now gets."""
        return CallLimits(
            ring=self.ring_limit,
            screening=self.screening_limit,
            connect=self.agent_limit,
            reattach=self.reattach_limit,
            clock_start=self.clock_start,
            queue=self.inbound_wait,
            machine_error=round(self.machine_error, 6),
        )


BESIDE_THE_GATE = frozenset(
    "target_abandonment max_abandonment calls_per_agent max_calls_per_agent boost cancel_ringing"
    " screening_errors weight preview_limit max_lines max_cps spare_trunks ring_limit screening"
    " screening_limit false_machines audit_share listen_on early_media on_voicemail voicemail_message"
    " connect_limit clock_start reattach_limit wrap_limit record record_or_no_call region retry"
    " max_attempts routing verify_first callback_grace inbound inbound_wait inbound_announce"
    " inbound_case_number inbound_offer".split()
)
"""Settings that say nothing of whom the contact gate permits: who turns these wakes nobody."""


class Campaign(BaseModel):
    """A campaign as the engine runs it."""

    model_config = ConfigDict(frozen=True)

    id: int
    code: str
    name: str
    trunk: str
    caller_id: str
    status: CampaignStatus
    settings: CampaignSettings
    settings_version: int
    required_skills: dict[str, int] = Field(default_factory=dict, description="skill code → lowest level")
    windows: tuple[AbandonmentWindow, ...] = Field(
        (AbandonmentWindow(name="rolling_24h"),), description="where the rule pack limits abandonment"
    )
    minimum_ring: float = Field(
        15.0, description="seconds a telephone must ring before we give up, by the rule pack"
    )
    unserved_after: float = Field(
        1.0, description="seconds from the answer from which who got no agent is unserved, by the rule pack"
    )
    unserved_by_law: bool = Field(
        False,
        description="whether the rule pack counts the unserved among the abandoned; the house always does",
    )
    case_number_by_law: bool = Field(
        False, description="whether the rule pack asks that who calls in is told the number of the case"
    )

    staffed: frozenset[str] = Field(
        frozenset(), description="skills that some active agent of the campaign has, whatever the level"
    )
    caller_registered: bool = Field(
        False, description="whether the caller id is in the firm's registry, valid today"
    )
    caller_id_refused: str = Field(
        "", description="the rule of the pack that forbids to show this caller id now; empty = none"
    )
    rules: int = Field(0, description="how often what the contact gate judges its leads by has changed")

    def limits(self) -> CallLimits:
        """The time limits a call placed now gets, with what only the rule pack says."""
        return replace(self.settings.limits(), unserved=self.unserved_after)

    @property
    def tells_case_number(self) -> bool:
        """Whether who waits on the line is told the case's number: no setting turns off what a law asks."""
        return self.settings.inbound_case_number or self.case_number_by_law

    @property
    def false_machines(self) -> float:
        """Share of people who may be taken for machines: two thirds of the abandonment limit at most.

        A person taken for a machine is an abandoned person, so the share comes out of the same budget.
        """
        limits = [window.limit for window in self.windows if window.limit is not None]
        legal = min([self.settings.max_abandonment, *limits])
        return min(self.settings.false_machines, legal * _SCREENING_BUDGET)

    @property
    def target(self) -> float:
        """Share of abandoned calls that predictive mode aims at: boosted, never above the cap."""
        settings = self.settings
        return min(settings.target_abandonment * settings.boost, settings.max_abandonment)
