"""Verdicts of call progress analysis: list, hear, correct."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, Field

from consoles import verdicts
from consoles.problems import Problem
from consoles.schemas import Body, Page
from consoles.sessions import Reviewer, role
from consoles.sql import SQL
from consoles.verdicts import CURSOR, NEWEST, Said, Stage, Truth, VerdictCursor, VerdictOut
from consoles.web_deps import MAX_ID, Database, WebDep
from recordings.library import NotInArchive, resolve

router = APIRouter(tags=["quality"])
_log = structlog.get_logger(__name__)

MAX_AUDIO = 4 * 1024 * 1024
"""Bytes of a clip; a minute at 8 kHz is less than one MB."""
_reviewers = [Depends(role("qa", "supervisor"))]


class VerdictSearch(Body):
    """What verdicts to list; absent = any."""

    campaign_id: int | None = Field(None, ge=1, le=MAX_ID)
    verdict: Said | None = None
    stage: Stage | None = None
    audited: bool | None = None
    uncorrected: bool | None = None
    """True: those that nobody has corrected or confirmed."""
    audio: bool | None = None
    """True: those whose first seconds are kept."""
    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field(str(NEWEST), pattern=CURSOR)


class Correction(Body):
    """Who or what it really was; the same as the verdict confirms it."""

    truth: Truth


@router.get("/verdicts", dependencies=_reviewers)
async def search(database: Database, query: Annotated[VerdictSearch, Query()]) -> Page[VerdictOut]:
    """Verdicts, newest first."""
    start = VerdictCursor.parse(query.cursor)
    rows = await database.fetch(
        SQL["verdicts"],
        start.at,
        start.attempt_id,
        start.stage,
        query.campaign_id,
        query.verdict,
        query.stage,
        query.audited,
        query.uncorrected,
        query.audio,
        query.since,
        query.until,
        None,
        None,
        query.limit + 1,
    )
    items = [verdicts.shown(row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    last = str(VerdictCursor(items[-1].at, items[-1].attempt_id, items[-1].stage)) if more else None
    return Page(items=items, next_cursor=last)


@router.get("/verdicts/{attempt_id}/{stage}", dependencies=_reviewers)
async def one(attempt_id: UUID, stage: Stage, database: Database) -> VerdictOut:
    """One verdict, with what was measured."""
    return await verdicts.one(database, attempt_id, stage)


@router.get(
    "/verdicts/{attempt_id}/{stage}/audio",
    response_class=FileResponse,
    responses={200: {"content": {"audio/flac": {}}}, 206: {"description": "Part of the file"}},
)
async def audio(
    attempt_id: UUID, stage: Stage, who: Reviewer, database: Database, web: WebDep
) -> FileResponse:
    """The first seconds; ranges are supported, listening is logged."""
    place = await database.fetchval(SQL["verdict_audio"], attempt_id, stage)
    if place is None:
        raise Problem("not_found", "no such verdict")
    try:
        path = _clip(web.deps.settings.progress_audio, place)
    except NotInArchive as error:
        _log.warning("verdict_audio_missing", attempt_id=str(attempt_id), stage=stage)
        raise Problem("not_found", "the first seconds are not kept") from error
    await database.execute(SQL["log_hearing"], f"verdict:{attempt_id}/{stage}", who.id, web.now())
    return FileResponse(path, media_type="audio/flac", headers={"Cache-Control": "private, no-store"})


def _clip(folder: Path, place: str) -> Path:
    path = resolve(folder, place)
    if path.stat().st_size > MAX_AUDIO:
        raise NotInArchive(place)
    return path


@router.post("/verdicts/{attempt_id}/{stage}/correction")
async def correct(
    attempt_id: UUID, stage: Stage, body: Correction, who: Reviewer, database: Database, web: WebDep
) -> VerdictOut:
    """Say who or what it really was; a second correction replaces the first."""
    await verdicts.correct(database, attempt_id, stage, body.truth, by=who.id, now=web.now())
    return await verdicts.one(database, attempt_id, stage)
