"""Import of people and debts into a campaign, by a job; and ways to read files."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError
from starlette.datastructures import FormData, UploadFile

from consoles import jobs
from consoles.import_reports import WordsOut
from consoles.jobs import JobOut
from consoles.problems import Problem
from consoles.schemas import Body, Page, sent_file, upload_form
from consoles.sessions import Supervisor, SupervisorBriefly, role
from consoles.sql import SQL
from consoles.web_deps import Connection, Database, Id, WebDep, from_json, to_json
from journal.jobs import QueueFull, enqueue, keep
from portfolio.importer import (
    DECIDED_AT_ONCE,
    MARK_LETTERS,
    MAX_HEADER_ROW,
    NAMES,
    Dedupe,
    ImportRefused,
    campaign_reads,
    consent_words,
    demand,
    in_chunks,
    look,
    without_consent,
)
from portfolio.importer.job import IMPORT, ImportOrder
from portfolio.sql import statements

router = APIRouter(tags=["import"])

MAX_IMPORT = 64 * 1024 * 1024
"""Bytes of an import's request."""
_TEXT_LIMIT = 128 * 1024
"""Bytes of a field; DECIDED_AT_ONCE marks fit."""
_NAME_LIMIT = 120
"""Letters of a file's name, which is the list's where none is given."""
_ID_DIGITS = 18
"""A bigint has room for them."""
_Mark = Annotated[str, StringConstraints(pattern=f"^[0-9a-f]{{{MARK_LETTERS}}}$")]
_MARKS = TypeAdapter(Annotated[frozenset[_Mark], Field(max_length=DECIDED_AT_ONCE)])
_FORM = upload_form(
    list_name={"type": "string", "maxLength": 120},
    default_region={"type": "string", "pattern": "^[A-Z]{2}$"},
    creditor={"type": "string", "maxLength": 120},
    same={"type": "string", "description": "JSON: marks of doubts that are about the person we know"},
    dry_run={"type": "string", "enum": ["true", "false"], "default": "false"},
    template={"type": "string", "maxLength": 120},
    mapping={"type": "string", "description": "JSON: header, or '#3' for the third column → our name, or ''"},
    sheet={"type": "string", "maxLength": 100, "description": "of a workbook; empty = its first"},
    header_row={"type": "integer", "minimum": 1, "maximum": MAX_HEADER_ROW, "description": "empty = found"},
    dedupe={"type": "string", "enum": ["list", "campaign", "system"]},
)
_LOOK = upload_form(
    campaign={
        "type": "integer",
        "minimum": 1,
        "description": "whose rules are asked for consent; empty = none",
    },
    mapping={"type": "string", "description": "JSON: header, or '#3' for the third column → our name, or ''"},
    sheet={"type": "string", "maxLength": 100, "description": "of a workbook; empty = its first"},
    header_row={"type": "integer", "minimum": 1, "maximum": MAX_HEADER_ROW, "description": "empty = found"},
)
_FIELDS = ("default_region", "creditor", "dedupe", "sheet", "header_row")


class TemplateIn(Body):
    """How files of one kind are read."""

    columns: Annotated[dict[Annotated[str, StringConstraints(max_length=100)], str], Field(max_length=200)]
    """Header of the file, or '#3' for its third column → our name, or '' for a column that is not used."""
    default_region: Annotated[str, StringConstraints(pattern="^([A-Z]{2})?$")] = ""
    """Country of numbers without a prefix; empty = as the campaign says."""
    creditor: Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)] = ""
    """Of rows that do not say; empty = as the campaign says."""
    dedupe: Dedupe = "list"
    sheet: Annotated[str, StringConstraints(max_length=100)] = ""
    """Of a workbook; empty = its first."""
    header_row: Annotated[int, Field(ge=1, le=MAX_HEADER_ROW)] | None = None
    """Line of the titles; null = found."""


class TemplateOut(TemplateIn):
    """A saved way to read files."""

    id: int
    name: str
    at: datetime


class PastImport(BaseModel):
    """What came of a file."""

    id: int
    list: str
    file_name: str
    summary: dict[str, int]
    at: datetime
    actor: str


class ColumnOut(BaseModel):
    """A column as it seems to be: our name, or '' when it says nothing to us."""

    header: str
    key: str = Field(description="what `mapping` calls it: its header, or '#3' where that tells no two apart")
    name: str
    examples: list[str]


class LookOut(BaseModel):
    """What a file seems to be."""

    sheets: list[str]
    header_row: int = Field(description="of the titles, or of what is most like them; 0 = none")
    lines: list[tuple[int, str]] = Field(description="to choose the titles from")
    columns: list[ColumnOut]
    refused: str = Field(description="why the columns would be refused as they are; empty = they would not")
    no_consent: WordsOut | None = Field(
        description="that `campaign` would call nobody of the file; null = it is not so, or none was named"
    )


@router.post("/imports/look", max_body_size=MAX_IMPORT, openapi_extra=_LOOK)
async def look_at(who: Supervisor, database: Database, web: WebDep, request: Request) -> LookOut:
    """Sheets, first lines and columns of a file; nothing is kept. The beginning of a text is enough."""
    if web.looking.locked():
        raise Problem("importing", "other files are being looked at", retry_after=2)
    async with (
        web.looking,
        request.form(max_files=1, max_fields=5, max_part_size=_TEXT_LIMIT) as form,
    ):
        file = sent_file(form)
        how = _said({"columns": {}}, form)
        try:
            seen = await look(in_chunks(file.file), how.sheet, how.header_row, how.columns)
        except ImportRefused as refused:
            raise Problem("invalid", refused.message(who.locale)) from refused
        campaign_id = _campaign(form)
    columns = [(one.header, one.name) for one in seen.columns]
    silent = await without_consent(database, campaign_id, columns) if campaign_id and columns else ""
    return LookOut(
        sheets=list(seen.sheets),
        header_row=seen.header_row,
        lines=list(seen.lines),
        columns=[ColumnOut.model_validate(one, from_attributes=True) for one in seen.columns],
        refused=seen.refused.message(who.locale) if seen.refused is not None else "",
        no_consent=WordsOut(**words) if (words := consent_words(silent)) is not None else None,
    )


@router.post(
    "/campaigns/{campaign_id}/import", status_code=202, max_body_size=MAX_IMPORT, openapi_extra=_FORM
)
async def import_people(campaign_id: Id, who: SupervisorBriefly, web: WebDep, request: Request) -> JobOut:
    """Have a CSV or XLSX imported by a worker. The body is read only after the sender is known."""
    async with web.database() as database:
        if not await database.fetchval(SQL["campaign_exists"], campaign_id):
            raise Problem("not_found", "no such campaign")
    if web.receiving.locked():
        raise Problem("importing", "other files are arriving", retry_after=10)
    async with (
        web.receiving,
        request.form(max_files=1, max_fields=16, max_part_size=_TEXT_LIMIT) as form,
    ):
        file = sent_file(form)
        async with web.database() as database:
            try:
                order = await _order(database, campaign_id, form, file)
            except ImportRefused as refused:
                raise Problem("invalid", refused.message(who.locale)) from refused
            job_id = await _enqueued(database, order, file, who.id)
            return await jobs.one(database, job_id, who.id)


async def _order(database: Connection, campaign_id: int, form: FormData, file: UploadFile) -> ImportOrder:
    """What the form, its template and the campaign say; raises ImportRefused for what no worker could do."""
    how = await _how(database, form)
    said = await campaign_reads(database, campaign_id)
    name = (file.filename or "import")[:_NAME_LIMIT]
    order = ImportOrder(
        campaign_id=campaign_id,
        file_name=name,
        size=file.size or 0,
        list_name=_text(form, "list_name") or name,
        default_region=how.default_region or said.region,
        creditor=how.creditor or said.creditor,
        mapping=dict(how.columns),
        sheet=how.sheet,
        header_row=how.header_row,
        dedupe=how.dedupe,
        decided=tuple(sorted(_marks(_text(form, "same")))),
        dry_run=_text(form, "dry_run") == "true",
    )
    demand(order.list_name, order.default_region)
    if order.size == 0:
        raise ImportRefused("empty")
    return order


async def _enqueued(database: Connection, order: ImportOrder, file: UploadFile, actor_id: int) -> int:
    """The job's number; it begins with its whole file, or not at all."""
    async with database.transaction():
        try:
            job_id = await enqueue(
                database, IMPORT, order.as_args(), subject=order.subject, actor_id=actor_id
            )
        except QueueFull as full:
            raise Problem("importing", "too many imports wait", retry_after=60) from full
        await keep(database, job_id, "upload", in_chunks(file.file))
    return job_id


@router.get("/campaigns/{campaign_id}/imports", dependencies=[Depends(role("supervisor"))])
async def past(campaign_id: Id, database: Database) -> Page[PastImport]:
    """What came of the files of a campaign, the newest first."""
    rows = await database.fetch(statements()["imports_of"], campaign_id)
    return Page(items=[PastImport(**{**row, "summary": from_json(row["summary"])}) for row in rows])


@router.get("/import-templates", dependencies=[Depends(role("supervisor"))])
async def templates(database: Database) -> Page[TemplateOut]:
    """Saved ways to read files."""
    rows = await database.fetch(statements()["templates"])
    return Page(items=[TemplateOut(**{**row, "columns": from_json(row["columns"])}) for row in rows])


@router.put("/import-templates/{name}", status_code=204)
async def save_template(
    name: Annotated[str, Path(min_length=1, max_length=120)],
    body: TemplateIn,
    who: Supervisor,
    database: Database,
    web: WebDep,
) -> None:
    """Save how files of one kind are read."""
    unknown = sorted({name for name in body.columns.values() if name} - NAMES)
    if unknown:
        raise Problem("invalid", f"no such columns: {', '.join(unknown)[:500]}")
    row = (
        name, to_json(body.columns), body.default_region, body.dedupe, body.creditor, body.sheet,
        body.header_row, who.id, web.now(),
    )  # fmt: skip
    await database.execute(statements()["template_put"], *row)


@router.delete("/import-templates/{template_id}", status_code=204)
async def drop_template(template_id: Id, who: Supervisor, database: Database) -> None:
    """Forget a way to read files."""
    if await database.fetchval(statements()["template_drop"], template_id) is None:
        raise Problem("not_found", "no such template")


async def _how(database: Connection, form: FormData) -> TemplateIn:
    """The template that was named, with what the form says instead of it."""
    row = None
    if name := _text(form, "template"):
        row = await database.fetchrow(statements()["template_named"], name)
        if row is None:
            raise Problem("not_found", "no such template")
    return _said({**row, "columns": from_json(row["columns"])} if row is not None else {"columns": {}}, form)


def _said(saved: dict[str, Any], form: FormData) -> TemplateIn:
    """What was saved, with what the form says instead of it."""
    said: dict[str, Any] = {key: text for key in _FIELDS if (text := _text(form, key))}
    if mapping := _text(form, "mapping"):
        said["columns"] = _mapping(mapping)
    try:
        return TemplateIn.model_validate({**saved, **said})
    except ValidationError as error:
        raise Problem("invalid", "; ".join(part["msg"] for part in error.errors())[:500]) from error


def _campaign(form: FormData) -> int:
    """Whose rules are asked; 0 = nobody's."""
    text = _text(form, "campaign") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > _ID_DIGITS:
        raise Problem("invalid", "`campaign` is no number")
    return int(text)


def _mapping(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError as error:
        raise Problem("invalid", "`mapping` is not JSON") from error


def _marks(text: str) -> frozenset[str]:
    try:
        return _MARKS.validate_json(text or "[]")
    except ValidationError as error:
        raise Problem("invalid", "`same` is no list of marks") from error


def _text(form: FormData, name: str) -> str:
    value: Any = form.get(name)
    return value.strip() if isinstance(value, str) else ""
