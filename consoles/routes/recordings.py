"""The QA desk: search, listen, comment, grade."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, Field, StringConstraints

from consoles import recordings
from consoles.problems import Problem
from consoles.recordings import (
    CURSOR,
    NEWEST,
    CommentOut,
    Cursor,
    EvaluationOut,
    RecordingOut,
    RecordingRow,
    ScorecardOut,
)
from consoles.schemas import Body, Page
from consoles.scoring import BadAnswers, Item, grade
from consoles.sessions import Reviewer, role
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Database, Id, WebDep, to_json
from portfolio.contact_rules import line_of
from portfolio.spellings import meant_by
from recordings.library import NotInArchive, resolve

router = APIRouter(tags=["quality"])
_log = structlog.get_logger(__name__)

_reviewers = [Depends(role("qa", "supervisor"))]


class Search(Body):
    """What recordings to list; absent = any."""

    agent_id: int | None = Field(None, ge=1, le=MAX_ID)
    campaign_id: int | None = Field(None, ge=1, le=MAX_ID)
    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    min_seconds: float | None = Field(None, ge=0, le=1e6)
    max_seconds: float | None = Field(None, ge=0, le=1e6)
    disposition: str | None = Field(None, max_length=40)
    outcome: str | None = Field(None, max_length=40)
    q: str | None = Field(None, max_length=100)
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field(str(NEWEST), pattern=CURSOR)


class CommentIn(Body):
    """A remark at an instant of the recording."""

    offset_ms: int = Field(ge=0, le=24 * 3600 * 1000)
    body: Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class EvaluationIn(Body):
    """Answers to a scorecard: 0–100, null = not applicable."""

    scorecard_id: int = Field(ge=1, le=MAX_ID)
    answers: dict[str, Annotated[float, Field(ge=0, le=100)] | None] = Field(min_length=1, max_length=200)
    comment: str = Field("", max_length=4000)


@router.get("/recordings", dependencies=_reviewers)
async def search(database: Database, query: Annotated[Search, Query()]) -> Page[RecordingRow]:
    """Recordings, newest call first."""
    start = Cursor.parse(query.cursor)
    length = [None if s is None else int(s * 1000) for s in (query.min_seconds, query.max_seconds)]
    text = query.q.strip() if query.q else None
    numbers = await asyncio.to_thread(meant_by, text or "")
    rows = await database.fetch(
        SQL["recordings"],
        start.placed_at,
        start.recording_id,
        query.agent_id,
        query.campaign_id,
        query.since,
        query.until,
        *length,
        query.disposition or None,
        query.outcome or None,
        text or None,
        None,
        query.limit + 1,
        sorted({line_of(number) for number in numbers}),
    )
    shown = rows[: query.limit]
    more = Cursor(shown[-1]["placed_at"], shown[-1]["id"]) if len(rows) > query.limit else None
    return Page(items=[recordings.row_of(row) for row in shown], next_cursor=more and str(more))


@router.get("/recordings/{recording_id}", dependencies=_reviewers)
async def one(recording_id: Id, database: Database) -> RecordingOut:
    """Everything about one recording."""
    return await recordings.whole(database, recording_id)


@router.get(
    "/recordings/{recording_id}/audio",
    response_class=FileResponse,
    responses={200: {"content": {"audio/ogg": {}}}, 206: {"description": "Part of the file"}},
)
async def audio(recording_id: Id, who: Reviewer, database: Database, web: WebDep) -> FileResponse:
    """The sound itself; ranges are supported, listening is logged."""
    row = await database.fetchrow(SQL["recording_file"], recording_id)
    if row is None:
        raise Problem("not_found", "no such recording")
    try:
        path = resolve(web.deps.settings.recordings_archive, row["path"])
    except NotInArchive as error:
        _log.warning("recording_not_in_archive", recording_id=recording_id, status=row["status"])
        raise Problem("not_found", "the sound is missing") from error
    await database.execute(SQL["log_listening"], recording_id, who.id, web.now())
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(path, media_type="audio/ogg", headers=headers)


@router.post("/recordings/{recording_id}/comments", status_code=201)
async def comment(
    recording_id: Id, body: CommentIn, who: Reviewer, database: Database, web: WebDep
) -> CommentOut:
    """Say something about an instant."""
    values = (recording_id, who.id, body.offset_ms, body.body, web.now())
    comment_id = await database.fetchval(SQL["insert_comment"], *values)
    if comment_id is None:
        raise Problem("not_found", "no such recording")
    return (await recordings.comments(database, recording_id, comment_id))[0]


@router.delete("/recordings/{recording_id}/comments/{comment_id}", status_code=204)
async def delete_comment(recording_id: Id, comment_id: Id, who: Reviewer, database: Database) -> None:
    """Take back one's own remark."""
    if await database.fetchval(SQL["delete_comment"], comment_id, recording_id, who.id) is None:
        raise Problem("not_found", "no such comment of yours")


@router.get("/scorecards", dependencies=_reviewers)
async def scorecards(database: Database) -> Page[ScorecardOut]:
    """Scorecards in use."""
    return Page(items=await recordings.scorecards(database))


@router.post("/recordings/{recording_id}/evaluations", status_code=201)
async def evaluate(
    recording_id: Id, body: EvaluationIn, who: Reviewer, database: Database, web: WebDep
) -> EvaluationOut:
    """Grade a call; a grade cannot be changed."""
    cards = await recordings.scorecards(database, body.scorecard_id)
    if not cards or not await database.fetchval(SQL["recording_exists"], recording_id):
        raise Problem("not_found", "no such recording or scorecard")
    items = [Item(item.code, item.weight, item.fatal) for item in cards[0].items]
    try:
        result = grade(items, body.answers)
    except BadAnswers as error:
        raise Problem("invalid", str(error)) from error
    values = (recording_id, body.scorecard_id, who.id, to_json(body.answers), result.score, result.failed)
    made = await database.fetchval(SQL["insert_evaluation"], *values, body.comment, web.now())
    if made is None:
        raise Problem("conflict", "you have graded this call already")
    return (await recordings.evaluations(database, recording_id, made))[0]
