"""Recordings as the QA desk sees them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel

from consoles.problems import Problem
from consoles.schemas import Named, NamedCampaign
from consoles.sql import SQL
from consoles.web_deps import Connection, from_json
from dialer.model.masking import masked


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: after the recording that was shown last, which is older calls and smaller ids."""

    placed_at: datetime
    recording_id: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a text of CURSOR: microseconds since 1970, and an id."""
        microseconds, recording_id = map(int, text.split("-"))
        return cls(_EPOCH + timedelta(microseconds=microseconds), recording_id)

    def __str__(self) -> str:
        """What `parse` understands."""
        return f"{(self.placed_at - _EPOCH) // timedelta(microseconds=1)}-{self.recording_id}"


CURSOR = r"^[0-9]{1,17}-[0-9]{1,18}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEWEST = Cursor(datetime(5000, 1, 1, tzinfo=UTC), 0)
"""Before the first recording."""


class RecordingRow(BaseModel):
    """One recording in a list."""

    id: int
    attempt_id: UUID
    at: datetime
    duration_ms: int | None
    status: Literal["archived", "missing", "damaged"]
    campaign: NamedCampaign
    agent: Named | None
    person: Named
    masked_number: str
    outcome: str | None
    disposition: str | None
    comments: int
    score: float | None
    """Of the newest evaluation."""
    failed: bool


class CallTimes(BaseModel):
    """What happened to the call, and when."""

    placed_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    verdict_at: datetime | None
    verdict: str
    waiting_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    cause: int | None
    reason: str
    routing: dict[str, Any] | None
    gate: dict[str, Any]


class EventOut(BaseModel):
    """One step of the call."""

    version: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    detail: dict[str, Any]
    handed_over_by: str = ""
    """Name of the agent; the note and what was said are in `detail`."""


class DispositionOut(BaseModel):
    """What an agent said of the call."""

    at: datetime
    code: str
    notes: str
    promise_minor: int | None
    currency: str | None
    """Of the promise; ISO 4217."""
    promise_on: date | None
    callback_at: datetime | None
    agent: str


class MarkOut(BaseModel):
    """The recording was paused or resumed here, or the person's identity verified."""

    at: datetime
    kind: Literal["paused", "resumed", "verified"]
    offset_ms: int


class CommentOut(BaseModel):
    """A remark at an instant."""

    id: int
    author_id: int
    author: str
    offset_ms: int
    body: str
    created_at: datetime


class EvaluationOut(BaseModel):
    """A grade."""

    id: int
    scorecard_id: int
    grader_id: int
    grader: str
    answers: dict[str, float | None]
    score: float
    failed: bool
    comment: str
    created_at: datetime


class Peaks(BaseModel):
    """How loud each side was."""

    rate: float
    """Values a second."""
    left: list[float]
    """The person, 0–1."""
    right: list[float]
    """The agent, 0–1."""


class RecordingOut(RecordingRow):
    """Everything about one recording."""

    peaks: Peaks | None
    call: CallTimes
    events: list[EventOut]
    dispositions: list[DispositionOut]
    marks: list[MarkOut]
    comments_list: list[CommentOut]
    evaluations: list[EvaluationOut]


class ItemOut(BaseModel):
    """One question of a scorecard."""

    code: str
    label_es: str
    label_en: str
    weight: float
    fatal: bool


class ScorecardOut(BaseModel):
    """What a call is graded by."""

    id: int
    code: str
    version: int
    title_es: str
    title_en: str
    items: list[ItemOut]


def row_of(row: Record) -> RecordingRow:
    """A row of the list."""
    campaign = {name: row[f"campaign_{name}"] for name in ("id", "code", "name")}
    agent = None if row["agent_id"] is None else {"id": row["agent_id"], "name": row["agent_name"]}
    person = {"id": row["person_id"], "name": row["person_name"]}
    shown = {"campaign": campaign, "agent": agent, "person": person, "masked_number": masked(row["number"])}
    return RecordingRow.model_validate({**row, **shown})


async def whole(database: Connection, recording_id: int) -> RecordingOut:
    """One recording with everything about it."""
    everything = (None,) * 9
    start = (NEWEST.placed_at, NEWEST.recording_id)
    row = await database.fetchrow(SQL["recordings"], *start, *everything, recording_id, 1, [])
    if row is None:
        raise Problem("not_found", "no such recording")
    call = await database.fetchrow(SQL["recording_call"], recording_id)
    assert call is not None, "a recording has its attempt"
    attempt_id = call["attempt_id"]
    return RecordingOut(
        **row_of(row).model_dump(),
        peaks=from_json(call["peaks"]),
        call=CallTimes.model_validate(_parsed(call, "routing", "gate")),
        events=[
            EventOut.model_validate(_parsed(event, "detail"))
            for event in await database.fetch(SQL["attempt_events"], attempt_id)
        ],
        dispositions=[
            DispositionOut(**said) for said in await database.fetch(SQL["attempt_dispositions"], attempt_id)
        ],
        marks=[MarkOut(**mark) for mark in await database.fetch(SQL["recording_marks"], attempt_id)],
        comments_list=await comments(database, recording_id),
        evaluations=await evaluations(database, recording_id),
    )


async def comments(database: Connection, recording_id: int, one: int | None = None) -> list[CommentOut]:
    """All remarks on a recording, or one."""
    return [CommentOut(**row) for row in await database.fetch(SQL["recording_comments"], recording_id, one)]


async def evaluations(database: Connection, recording_id: int, one: int | None = None) -> list[EvaluationOut]:
    """All grades of a recording, or one."""
    rows = await database.fetch(SQL["recording_evaluations"], recording_id, one)
    return [EvaluationOut.model_validate(_parsed(row, "answers")) for row in rows]


async def scorecards(database: Connection, one: int | None = None) -> list[ScorecardOut]:
    """Active scorecards, or one of them."""
    rows = await database.fetch(SQL["scorecards"], one)
    return [ScorecardOut.model_validate(_parsed(row, "items")) for row in rows]


def _parsed(row: Record, *names: str) -> dict[str, Any]:
    return {**row, **{name: from_json(row[name]) for name in names}}
