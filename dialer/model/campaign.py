"""A campaign's settings: versioned, validated, each field with its unit and bound."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from dialer.model.call import CallLimits, ClockStart
from portfolio.contact_rules import AbandonmentWindow


class DialMode(StrEnum):
    """How calls are started."""

    MANUAL = "manual"
    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    POWER = "power"
    PREDICTIVE = "predictive"


class CampaignStatus(StrEnum):
    """Whether a campaign dials."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"


class Screening(StrEnum):
    """Who listens first: nobody, or Asterisk's AMD()."""

    OFF = "off"
    AMD = "amd"


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
    screening_errors: float = Field(
        0.0, ge=0.0, le=0.5, description="share of machine verdicts that were persons, by the last audit"
    )
    weight: int = Field(1, ge=1, le=100, description="share of the agents among campaigns that share them")
    preview_limit: float = Field(
        60.0, ge=5.0, le=900.0, description="seconds an agent may read before the previewed lead goes back"
    )
    max_lines: int = Field(50, ge=0, le=2000, description="calls in the air at once")
    max_cps: float = Field(10.0, gt=0, le=500, description="new calls per second")
    ring_limit: float = Field(25.0, ge=15.0, le=90.0, description="seconds; the legal minimum ring is 15")
    screening: Screening = Screening.AMD
    screening_limit: float = Field(4.0, ge=0.5, le=6.0, description="seconds")
    connect_limit: float = Field(2.0, ge=0.5, le=5.0, description="seconds until the safe-harbour message")
    clock_start: ClockStart = ClockStart.GREETING_END
    reattach_limit: float = Field(15.0, ge=2.0, le=60.0, description="seconds held after the agent was lost")
    wrap_limit: float = Field(60.0, ge=2.0, le=900.0, description="seconds")
    record: bool = True
    rule_pack: str = Field("default-strict", description="name of the rule pack")
    language: str = Field("es", pattern="^(es|en)$")

    def limits(self) -> CallLimits:
        """The time limits a call placed now gets."""
        return CallLimits(
            ring=self.ring_limit,
            screening=self.screening_limit,
            connect=self.connect_limit,
            reattach=self.reattach_limit,
            clock_start=self.clock_start,
        )


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

    @property
    def target(self) -> float:
        """Share of abandoned calls that predictive mode aims at: boosted, never above the cap."""
        settings = self.settings
        return min(settings.target_abandonment * settings.boost, settings.max_abandonment)
