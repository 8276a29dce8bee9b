"""How call progress analysis does in a campaign: verdicts, audits, errors, what they cost. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from dialer.model.audit import Audits, upper_bound
from dialer.model.campaign import CampaignSettings, Screening

DAYS = 30
PERIOD = timedelta(days=DAYS)
"""How far back the report reaches."""
_PERSONS = frozenset({"human", "unsure"})
"""Verdicts by which a call goes to an agent."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Verdicts of a campaign that have all of this in common."""

    source: str
    stage: str
    verdict: str
    model: str
    audited: bool
    truth: str | None
    count: int
    seconds: float
    """Of audio heard until the verdict, summed up."""
    first: datetime
    last: datetime


class VerdictCount(BaseModel):
    """Verdicts of one kind."""

    source: str
    stage: str
    verdict: str
    count: int
    seconds: float
    """Mean seconds of audio heard until the verdict."""


class AuditsOut(BaseModel):
    """What the blind audits have found."""

    drawn: int
    """Machine verdicts that were to go to an agent unknowing."""
    audited: int
    """Those among them of which somebody said what it was."""
    wrong: int
    """Persons among these."""
    estimate: float
    """Share of persons among machine verdicts with which the pacing reckons, 0–1."""
    upper_bound: float
    """One-sided 95 % bound of that share; 1 without audits."""
    expected: float
    """What was expected before the first audit."""
    fixed: bool
    """Whether a supervisor has set the share by hand."""


class Known(BaseModel):
    """Verdicts of which somebody said what it really was."""

    known: int
    wrong: int


class Cost(BaseModel):
    """What wrong machine verdicts take of the abandonment that is allowed."""

    machines: int
    """Calls hung up on, or left a message, as machines."""
    live: int
    """Live answers that an agent got, or that were abandoned."""
    persons: float
    """Machines × estimate: persons who were taken for machines."""
    share: float | None
    """Of all persons who answered, 0–1; null = nobody did."""
    limit: float


class ModelCount(BaseModel):
    """What one version of the model has said."""

    model: str
    source: str
    count: int
    machines: int
    audited: int
    wrong: int
    first: datetime
    last: datetime


class ProgressOut(BaseModel):
    """Call progress analysis of a campaign over the last days."""

    days: int
    screening: Screening
    verdicts: list[VerdictCount]
    seconds: float | None
    """Mean seconds of audio heard from the answer until the verdict; null = no verdict."""
    audits: AuditsOut
    machine_verdicts: Known
    """Wrong: it was a person."""
    person_verdicts: Known
    """Wrong: it was a machine or the network."""
    cost: Cost
    models: list[ModelCount]


def report(
    rows: Iterable[Counted], *, live: int, machines: int, settings: CampaignSettings, limit: float
) -> ProgressOut:
    """The whole report from counted verdicts and calls."""
    counted = list(rows)
    audits = _audits(counted, settings)
    persons = machines * audits.estimate
    whole = live + persons
    return ProgressOut(
        days=DAYS,
        screening=settings.screening,
        verdicts=_verdicts(counted),
        seconds=_mean([row for row in counted if row.stage == "answer"]),
        audits=audits,
        machine_verdicts=_known(counted, frozenset({"machine"}), wrong=frozenset({"person"})),
        person_verdicts=_known(counted, _PERSONS, wrong=frozenset({"machine", "network"})),
        cost=Cost(
            machines=machines,
            live=live,
            persons=persons,
            share=persons / whole if whole > 0 else None,
            limit=limit,
        ),
        models=_models(counted),
    )


def _mean(rows: Iterable[Counted]) -> float | None:
    found = list(rows)
    count = sum(row.count for row in found)
    return round(sum(row.seconds for row in found) / count, 3) if count else None


def _verdicts(rows: list[Counted]) -> list[VerdictCount]:
    kinds = sorted({(row.source, row.stage, row.verdict) for row in rows})
    of_kind = {kind: [row for row in rows if (row.source, row.stage, row.verdict) == kind] for kind in kinds}
    return [
        VerdictCount(
            source=source,
            stage=stage,
            verdict=verdict,
            count=sum(row.count for row in found),
            seconds=_mean(found) or 0.0,
        )
        for (source, stage, verdict), found in of_kind.items()
    ]


def found_by(rows: Iterable[Counted]) -> Audits:
    """The audits in counted verdicts; those that nobody judged say nothing."""
    judged: Counter[str] = Counter()
    for row in rows:
        if row.audited and row.truth is not None:
            judged[row.truth] += row.count
    return Audits(judged.total(), judged["person"])


def _audits(rows: list[Counted], settings: CampaignSettings) -> AuditsOut:
    audits = found_by(rows)
    by_audits = settings.model_copy(update={"screening_errors": None})
    return AuditsOut(
        drawn=sum(row.count for row in rows if row.audited),
        audited=audits.audited,
        wrong=audits.wrong,
        estimate=settings.machine_errors(audits),
        upper_bound=upper_bound(audits),
        expected=by_audits.machine_errors(),
        fixed=settings.screening_errors is not None,
    )


def _known(rows: list[Counted], verdicts: frozenset[str], *, wrong: frozenset[str]) -> Known:
    known = [row for row in rows if row.verdict in verdicts and row.truth is not None]
    return Known(
        known=sum(row.count for row in known), wrong=sum(row.count for row in known if row.truth in wrong)
    )


def _models(rows: list[Counted]) -> list[ModelCount]:
    versions = sorted({(row.source, row.model) for row in rows})
    made = [_model(source, model, rows) for source, model in versions]
    return sorted(made, key=lambda one: one.last, reverse=True)


def _model(source: str, model: str, rows: list[Counted]) -> ModelCount:
    mine = [row for row in rows if (row.source, row.model) == (source, model)]
    audits = found_by(mine)
    return ModelCount(
        model=model,
        source=source,
        count=sum(row.count for row in mine),
        machines=sum(row.count for row in mine if row.verdict == "machine"),
        audited=audits.audited,
        wrong=audits.wrong,
        first=min(row.first for row in mine),
        last=max(row.last for row in mine),
    )
