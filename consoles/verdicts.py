"""Verdicts of call progress analysis as the QA desk sees them, and what people say of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel

from consoles.problems import Problem
from consoles.sql import SQL
from consoles.web_deps import Connection, from_json, to_json
from dialer.model.masking import masked

Stage = Literal["early", "answer", "late"]
"""Before the answer, after it, once the call was handed over."""
Said = Literal["human", "unsure", "machine", "fax", "tone"]
Truth = Literal["person", "machine", "network"]
CURSOR = r"^[0-9]{1,17}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_(early|answer|late)$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VerdictCursor:
    """Where a list goes on: after the verdict that was shown last."""

    at: datetime
    attempt_id: UUID
    stage: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a text of CURSOR: microseconds since 1970, a call, a stage."""
        microseconds, attempt_id, stage = text.split("_")
        return cls(_EPOCH + timedelta(microseconds=int(microseconds)), UUID(attempt_id), stage)

    def __str__(self) -> str:
        """What `parse` understands."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}_{self.attempt_id}_{self.stage}"


NEWEST = VerdictCursor(datetime(5000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1), "late")
"""Before the first verdict."""


class Whose(BaseModel):
    """Somebody or something, by name."""

    id: int
    name: str


class VerdictOut(BaseModel):
    """One verdict, and what is known of it."""

    attempt_id: UUID
    stage: Stage
    at: datetime
    source: str
    """progress, or amd."""
    verdict: Said
    cause: str
    outcome: str
    """With tone: what the tone or announcement says."""
    p: float | None
    """Calibrated probability of a machine."""
    seconds: float
    """Of audio heard until the verdict."""
    model: str
    features: dict[str, Any]
    audited: bool
    """A machine verdict whose call an agent got all the same, unknowing."""
    audio: bool
    """Whether the first seconds are kept."""
    disposition: str | None
    truth: Truth | None
    """By the correction, else by what the agent said; null = nobody knows."""
    correction: Truth | None
    corrected_by: str | None
    corrected_at: datetime | None
    campaign: Whose
    agent: Whose | None
    person: Whose
    masked_number: str
    recording_id: int | None


def shown(row: Record) -> VerdictOut:
    """A row of the list."""
    agent = None if row["agent_id"] is None else {"id": row["agent_id"], "name": row["agent_name"]}
    named = {kind: {"id": row[f"{kind}_id"], "name": row[f"{kind}_name"]} for kind in ("campaign", "person")}
    more = {"agent": agent, "masked_number": masked(row["number"]), "features": from_json(row["features"])}
    return VerdictOut.model_validate({**row, **named, **more})


async def of_call(database: Connection, attempt_id: UUID, stage: str | None = None) -> list[VerdictOut]:
    """The verdicts of a call in the order in which they were given, or that of one stage."""
    start = (NEWEST.at, NEWEST.attempt_id, NEWEST.stage)
    everything = (None,) * 8
    rows = await database.fetch(SQL["verdicts"], *start, *everything, attempt_id, stage, 10)
    return [shown(row) for row in reversed(rows)]


async def one(database: Connection, attempt_id: UUID, stage: str) -> VerdictOut:
    """One verdict."""
    found = await of_call(database, attempt_id, stage)
    if not found:
        raise Problem("not_found", "no such verdict")
    return found[0]


async def correct(
    database: Connection, attempt_id: UUID, stage: str, truth: str, *, by: int, now: datetime
) -> None:
    """Say who or what it really was, audited; a second correction replaces the first."""
    async with database.transaction():
        before = await database.fetchrow(SQL["lock_verdict"], attempt_id, stage)
        if before is None:
            raise Problem("not_found", "no such verdict")
        await database.execute(SQL["correct_verdict"], attempt_id, stage, truth, by, now)
        facts = {"verdict": before["verdict"], "correction": before["correction"]}
        change = (to_json(facts), to_json({**facts, "correction": truth}))
        await database.execute(
            SQL["insert_audit"],
            now,
            by,
            "verdict.corrected",
            f"verdict:{attempt_id}/{stage}",
            *change,
            "",
            None,
        )
