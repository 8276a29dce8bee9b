"""What workers do: how far, what came of it, and what it could not take."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from consoles import jobs
from consoles.problems import Problem
from consoles.schemas import Page
from consoles.sessions import Supervisor
from consoles.sql import SQL
from consoles.web_deps import MAX_ID, Connection, Database, Id, Limit, WebDep, to_json
from journal.jobs import ask_cancel, pieces, retry

router = APIRouter(tags=["jobs"])

_Cursor = Annotated[int | None, Query(ge=1, le=MAX_ID)]


@router.get("/jobs")
async def all_jobs(
    who: Supervisor,
    database: Database,
    before: _Cursor = None,
    campaign_id: _Cursor = None,
    limit: Limit = 50,
) -> Page[jobs.JobRow]:
    """The newest first; what ended some days ago is gone."""
    found = await jobs.page(database, who.id, before=before, campaign_id=campaign_id, limit=limit)
    return Page(items=found, next_cursor=str(found[-1].id) if len(found) == limit else None)


@router.get("/jobs/{job_id}")
async def one(job_id: Id, who: Supervisor, database: Database) -> jobs.JobOut:
    """How far it is, and what came of it."""
    return await jobs.one(database, job_id, who.id)


@router.get(
    "/jobs/{job_id}/rejects",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
async def rejects(job_id: Id, who: Supervisor, database: Database, web: WebDep) -> Response:
    """Rejected rows, for who had them imported; each taking is logged, for they are people."""
    job = await jobs.one(database, job_id, who.id)
    if job.rejects_url is None:
        raise Problem("not_found", "there are none, they are somebody else's, or gone since")
    content = b"".join([piece async for piece in pieces(database, job_id, "rejects")])
    # Nobody has it before it is written down who has.
    await _audit(database, web, who.id, "import.rejects_taken", job_id, {"bytes": len(content)})
    headers = {"Content-Disposition": 'attachment; filename="rechazos-rejects.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/jobs/{job_id}/cancel")
async def cancel(job_id: Id, who: Supervisor, database: Database, web: WebDep) -> jobs.JobOut:
    """End it: at once before it begins, within seconds afterwards. What is in by then stays in."""
    async with database.transaction():
        before = await jobs.one(database, job_id, who.id)
        if await ask_cancel(database, job_id) is None:
            raise Problem("conflict", "it is over")
        far = before.progress.model_dump() if before.progress is not None else None
        await _audit(database, web, who.id, "job.cancel", job_id, {"kind": before.kind, "progress": far})
    return await jobs.one(database, job_id, who.id)


@router.post("/jobs/{job_id}/retry")
async def again(job_id: Id, who: Supervisor, database: Database, web: WebDep) -> jobs.JobOut:
    """Have one done again that failed or was cancelled: with the same file, on from where it came to."""
    async with database.transaction():
        before = await jobs.one(database, job_id, who.id)
        if not await retry(database, job_id):
            raise Problem("conflict", "it neither failed nor was cancelled")
        await _audit(database, web, who.id, "job.retry", job_id, {"kind": before.kind})
    return await jobs.one(database, job_id, who.id)


async def _audit(
    database: Connection, web: WebDep, actor_id: int, action: str, job_id: int, what: dict[str, object]
) -> None:
    told = (None, to_json(what), "", None)
    await database.execute(SQL["insert_audit"], web.now(), actor_id, action, f"job:{job_id}", *told)
