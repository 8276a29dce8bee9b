"""Jobs as pages are told of them: whose, how far, and what came of them."""

from datetime import datetime
from typing import Any

import asyncpg
from pydantic import BaseModel, Field

from consoles.import_reports import ImportOut, WordsOut
from consoles.problems import Problem
from consoles.sql import SQL
from consoles.web_deps import Connection, from_json
from journal.jobs import State


class JobProgress(BaseModel):
    """How far it is."""

    rows: int = 0
    read: int = 0
    """Bytes of the file that were read."""
    size: int = 0
    """Bytes of the file; 0 = it has none."""


class JobRow(BaseModel):
    """A job in the list."""

    id: int
    kind: str
    state: State
    file_name: str
    campaign_id: int | None
    campaign: str
    dry_run: bool
    actor: str
    mine: bool = Field(description="whether who asks is who began it")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: JobProgress | None
    tries: int = Field(description="begun so often; one that was given back does not count")
    cancel_asked: bool
    rejects_url: str | None = Field(description="of the rows that were not taken; null = none, or not yours")
    error: str = Field(description="why it failed, or why it is to be tried again: for who looks after it")


class JobOut(JobRow):
    """A job, and what came of it once it ended."""

    refused: WordsOut | None = Field(description="why the file as a whole was not taken")
    result: ImportOut | None


async def page(
    database: Connection, user_id: int, *, before: int | None, campaign_id: int | None, limit: int
) -> list[JobRow]:
    """The newest first; `before` = of smaller numbers only, `campaign_id` = about that campaign only."""
    rows = await database.fetch(SQL["jobs_page"], user_id, before, campaign_id, limit)
    return [JobRow(**_told(row)) for row in rows]


async def one(database: Connection, job_id: int, user_id: int) -> JobOut:
    """One of them; a Problem when it is unknown, or gone."""
    row = await database.fetchrow(SQL["job_one"], user_id, job_id)
    if row is None:
        raise Problem("not_found", "no such job, or gone since")
    told, found = _told(row), from_json(row["result"]) or {}
    result = ImportOut(**found, rejects_url=told["rejects_url"]) if "rows" in found else None
    return JobOut(**{**told, "refused": found.get("refused"), "result": result})


def _told(row: asyncpg.Record) -> dict[str, Any]:
    url = f"/api/v1/jobs/{row['id']}/rejects" if row["rejects"] else None
    return {**row, "progress": from_json(row["progress"]), "rejects_url": url}
