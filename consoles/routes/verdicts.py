"""What answered: verdicts of call progress analysis, heard, corrected and added up."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel, Field

from consoles.problems import Problem
from consoles.schemas import Body, Page
from consoles.sessions import Reviewer, role
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Database, Id, WebDep, from_json, to_json
from dialer.model.audit import Audits, error_share, upper_bound, usual_error
from dialer.model.campaign import CampaignSettings
from dialer.model.masking import masked
from recordings.library import NotInArchive, resolve

router = APIRouter(tags=["quality"])

WINDOW = timedelta(days=30)
_reviewers = [Depends(role("qa", "supervisor"))]

Stage = Literal["early", "answer", "late"]
Truth = Literal["person", "machine", "network"]
Said = Literal["human", "unsure", "machine", "fax", "tone"]


class Search(Body):
    """Which verdicts to list; absent = any."""

    campaign_id: int | None = Field(None, ge=1, le=MAX_ID)
    verdict: Said | None = None
    attempt_id: UUID | None = None
    uncorrected: bool = False
    before: AwareDatetime | None = None
    limit: int = Field(50, ge=1, le=200)


class VerdictOut(BaseModel):
    """One verdict with its evidence."""

    attempt_id: UUID
    stage: Stage
    campaign_id: int
    campaign: str
    at: datetime
    source: str
    verdict: Said
    cause: str
    outcome: str
    p: float | None
    after: float
    model: str
    features: dict[str, float]
    has_audio: bool
    correction: Truth | None
    corrected_by: str | None
    corrected_at: datetime | None
    person: str
    masked_number: str
    connected: bool
    audited: bool
    audit_said: str | None


class CorrectionIn(Body):
    """Who or what really answered."""

    truth: Truth


class CountOut(BaseModel):
    """How often a verdict was given, and what corrections say of it."""

    source: str
    stage: Stage
    verdict: Said
    count: int
    seconds: float | None
    were_persons: int
    were_machines: int


class ProgressOut(BaseModel):
    """Thirty days of a campaign's call progress analysis, and how far to believe it."""

    since: datetime
    counts: list[CountOut]
    audited: int
    wrong: int
    estimate: float
    """Share of machine verdicts that were persons, as the pacing reckons."""
    upper_bound: float
    """One-sided 95 % bound of the audits alone; 1 without any."""
    false_machines: float
    """Share of people that the detector may take for machines."""


@router.get("/verdicts", dependencies=_reviewers)
async def search(database: Database, query: Annotated[Search, Query()]) -> Page[VerdictOut]:
    """Verdicts, newest first."""
    rows = await database.fetch(
        SQL["verdicts"], query.campaign_id, query.verdict, query.uncorrected, query.before, query.attempt_id,
        query.limit,
    )  # fmt: skip
    return Page(items=[_verdict(row) for row in rows])


def _verdict(row: Record) -> VerdictOut:
    fields: dict[str, Any] = dict(row)
    number = fields.pop("number")
    fields["features"] = from_json(fields["features"])
    return VerdictOut(**fields, masked_number=masked(number))


@router.get(
    "/verdicts/{attempt_id}/{stage}/audio",
    response_class=FileResponse,
    responses={200: {"content": {"audio/flac": {}}}},
)
async def audio(
    attempt_id: UUID, stage: Stage, who: Reviewer, database: Database, web: WebDep
) -> FileResponse:
    """The first seconds of the call; listening is logged."""
    place = await database.fetchval(SQL["verdict_audio"], attempt_id, stage)
    try:
        path = resolve(web.deps.settings.progress_audio, place or "")
    except NotInArchive as error:
        raise Problem("not_found", "nothing is kept of this call") from error
    heard = (web.now(), who.id, "verdict.listened", f"verdict {attempt_id}/{stage}")
    await database.execute(SQL["audit_listening"], *heard)
    return FileResponse(path, media_type="audio/flac", headers={"Cache-Control": "private, no-store"})


@router.post("/verdicts/{attempt_id}/{stage}/correction", status_code=204)
async def correct(
    attempt_id: UUID, stage: Stage, body: CorrectionIn, who: Reviewer, database: Database, web: WebDep
) -> None:
    """Say who or what really answered; it counts in the audits and in training."""
    now = web.now()
    before = await database.fetchval(SQL["correct_verdict"], attempt_id, stage, body.truth, who.id, now)
    if before is None:
        raise Problem("not_found", "no such verdict")
    said = (to_json({"truth": before or None}), to_json({"truth": body.truth}))
    await database.execute(
        SQL["insert_audit"],
        now,
        who.id,
        "verdict.corrected",
        f"verdict {attempt_id}/{stage}",
        *said,
        "",
        None,
    )


@router.get("/campaigns/{campaign_id}/progress", dependencies=_reviewers)
async def report(campaign_id: Id, database: Database, web: WebDep) -> ProgressOut:
    """How often each verdict was given, and how often the machine verdicts are wrong."""
    row = await database.fetchrow(SQL["campaign_settings"], campaign_id)
    if row is None:
        raise Problem("not_found", "no such campaign")
    settings, since = CampaignSettings.model_validate(from_json(row["settings"])), web.now() - WINDOW
    found = await database.fetchrow(SQL["progress_audits"], campaign_id, since)
    audits = Audits(**found) if found is not None else Audits()
    counts = await database.fetch(SQL["progress_counts"], campaign_id, since)
    return ProgressOut(
        since=since,
        counts=[CountOut(**count) for count in counts],
        audited=audits.audited,
        wrong=audits.wrong,
        estimate=error_share(audits, usual_error(settings.false_machines)),
        upper_bound=upper_bound(audits),
        false_machines=settings.false_machines,
    )
