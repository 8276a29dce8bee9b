"""Import of people and debts into a campaign; rejected rows to be fetched once."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from consoles.problems import Problem
from consoles.sessions import Supervisor
from consoles.sql import SQL
from consoles.web_deps import Database, Id, WebDep
from portfolio.importer import ImportRefused, import_file, in_chunks

router = APIRouter(tags=["import"])

MAX_IMPORT = 64 * 1024 * 1024
"""Bytes of an import's request."""
_TEXT_LIMIT = 4 * 1024
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "list_name": {"type": "string", "maxLength": 120},
                        "default_region": {"type": "string", "pattern": "^[A-Z]{2}$", "default": "ES"},
                        "dry_run": {"type": "string", "enum": ["true", "false"], "default": "false"},
                    },
                }
            }
        },
    }
}


class RejectOut(BaseModel):
    """What is wrong with one row."""

    row: int
    column: str
    code: str
    es: str
    en: str


class ImportOut(BaseModel):
    """What came of an import: rows = imported + updated + rejected + duplicates."""

    list_id: int | None
    rows: int
    accepted: int
    imported: int
    updated: int
    rejected: int
    duplicates: int
    persons: int
    phones: int
    reasons: dict[str, int]
    ignored_columns: list[str]
    dry_run: bool
    sha256: str
    rejects: list[RejectOut]
    rejects_url: str | None


@router.post("/campaigns/{campaign_id}/import", max_body_size=MAX_IMPORT, openapi_extra=_FORM)
async def import_people(
    campaign_id: Id, who: Supervisor, database: Database, web: WebDep, request: Request
) -> ImportOut:
    """Import a CSV. The body is read only after the sender is known."""
    if not await database.fetchval(SQL["campaign_exists"], campaign_id):
        raise Problem("not_found", "no such campaign")
    if web.importing.locked():
        raise Problem("too_many", "another import is running", retry_after=10)
    async with (
        web.importing,
        request.form(max_files=1, max_fields=5, max_part_size=_TEXT_LIMIT) as form,
    ):
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem("invalid", "the part `file` is missing")
        try:
            report = await import_file(
                web.deps.pool,
                in_chunks(file.file),
                campaign_id=campaign_id,
                list_name=_text(form, "list_name") or (file.filename or "import")[:120],
                default_region=_text(form, "default_region") or "ES",
                dry_run=_text(form, "dry_run") == "true",
                actor_id=who.id,
            )
        except ImportRefused as refused:
            raise Problem("invalid", refused.message(who.locale)) from refused
    url = None
    if report.reject_bytes:
        token = web.rejects.put(report.reject_bytes, who.id, web.now())
        url = f"/api/v1/imports/{token}/rejects"
    return ImportOut.model_validate({**report.as_record(), "rejects_url": url})


@router.get(
    "/imports/{token}/rejects",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
async def rejects(
    token: Annotated[str, Path(min_length=8, max_length=64)], who: Supervisor, web: WebDep
) -> Response:
    """Rejected rows, once."""
    content = web.rejects.take(token, who.id, web.now())
    if content is None:
        raise Problem("not_found", "unknown, fetched already, or too old")
    headers = {"Content-Disposition": 'attachment; filename="rechazos-rejects.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _text(form: FormData, name: str) -> str:
    value: Any = form.get(name)
    return value.strip() if isinstance(value, str) else ""
