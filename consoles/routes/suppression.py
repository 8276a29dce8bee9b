"""Lists of numbers that are not called: filled and emptied from files, shown with their size, taken away."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError
from starlette.datastructures import FormData

from consoles.problems import Problem
from consoles.routes.imports import MAX_IMPORT
from consoles.schemas import Body, Page, sent_file, upload_form
from consoles.sessions import Supervisor, role
from consoles.web_deps import Database, Id, WebDep
from portfolio import suppression
from portfolio.importer import MAX_HEADER_ROW, ImportRefused, in_chunks
from portfolio.sql import statements

router = APIRouter(tags=["rules"])

Reason = Annotated[
    str, Query(max_length=200), StringConstraints(min_length=1, max_length=200, strip_whitespace=True)
]
"""Why numbers may be called again."""

_FORM = upload_form(
    "name",
    "default_region",
    name={"type": "string", "maxLength": 120},
    source={"type": "string", "maxLength": 200},
    default_region={"type": "string", "pattern": "^[A-Z]{2}$"},
    until={"type": "string", "format": "date-time"},
    action={"type": "string", "enum": ["add", "replace", "remove"], "default": "add"},
    column={"type": "string", "maxLength": 200, "description": "title or place; 'area+number' are joined"},
    reason={"type": "string", "maxLength": 200, "description": "why numbers may be called again"},
    sheet={"type": "string", "maxLength": 100, "description": "of a workbook; empty = its first"},
    header_row={"type": "integer", "minimum": 1, "maximum": MAX_HEADER_ROW, "description": "empty = found"},
    dry_run={"type": "string", "enum": ["true", "false"], "default": "false"},
)


class SuppressionOut(BaseModel):
    """A list of numbers that are not called."""

    id: int
    name: str
    source: str
    numbers: int
    created_at: datetime


class SuppressionIn(Body):
    """The fields beside the file."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
    source: Annotated[str, StringConstraints(max_length=200)] = ""
    default_region: Annotated[str, StringConstraints(pattern="^([A-Z]{2})?$")] = ""
    """Country of numbers without a prefix; asked, where it is empty."""
    until: AwareDatetime | None = None
    """When the numbers may be called again."""
    action: suppression.Action = "add"
    """'replace': numbers that are not in the file leave the list; 'remove': those in the file leave it."""
    column: Annotated[str, StringConstraints(max_length=200)] = ""
    """Title or place of the telephones; 'area+number' are joined; empty = found."""
    reason: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    """Why numbers may be called again: asked before any leave the list."""
    sheet: Annotated[str, StringConstraints(max_length=100)] = ""
    header_row: Annotated[int, Field(ge=1, le=MAX_HEADER_ROW)] | None = None
    dry_run: bool = False


class BadNumber(BaseModel):
    """A row, or one value of it, that was not taken."""

    row: int
    column: str
    text: str
    code: str
    taken: bool = Field(description="whether the row is in all the same, by another of its numbers")
    es: str
    en: str


class NumberColumnOut(BaseModel):
    """A column of the file."""

    header: str = Field(description="its place, where the file has no titles")
    used: bool
    examples: list[str]


class NumberSampleOut(BaseModel):
    """A row as it was understood."""

    row: int
    text: str
    number: str


class SuppressionReport(BaseModel):
    """What came of a file: rows = taken + rejected."""

    id: int | None = Field(description="null after a dry run about a list that is not there yet")
    rows: int
    taken: int
    rejected: int
    changed: int = Field(description="numbers that came onto the list or left it, or would")
    stays: int
    comes: int
    leaves: int
    """Of a list that is replaced; those that leave may be called again."""
    still: int = Field(description="numbers that left it, or would, and are not called all the same")
    ended: int
    """People who were being rung on one of these numbers; these calls end."""
    dry_run: bool
    refused: str = Field(description="why nothing could be taken; only after a dry run")
    header_row: int = Field(description="line of the titles; 0 = the file has none")
    sheets: list[str]
    columns: list[NumberColumnOut]
    samples: list[NumberSampleOut]
    rejects: list[BadNumber]
    """The first of them."""


@router.get("/suppression-lists", dependencies=[Depends(role("qa", "supervisor"))])
async def all_lists(database: Database) -> Page[SuppressionOut]:
    """Every list with its size."""
    rows = await database.fetch(statements()["suppression_lists"])
    return Page(items=[SuppressionOut(**row) for row in rows])


@router.post("/suppression-lists", max_body_size=MAX_IMPORT, status_code=201, openapi_extra=_FORM)
async def upload(who: Supervisor, database: Database, web: WebDep, request: Request) -> SuppressionReport:
    """Put the numbers of a file on a list, or take them off it; a dry run tells what was understood."""
    if web.numbering.locked():
        raise Problem("importing", "another file of numbers is being read", retry_after=10)
    async with web.numbering, request.form(max_files=1, max_fields=12) as form:
        file = sent_file(form)
        try:
            wanted = _wanted(form, file.filename or "")
            if wanted.until is not None and wanted.until <= web.now():
                raise Problem("over_already", "`until` is over already")
            if wanted.frees and not wanted.dry_run and not wanted.reason:
                raise Problem("reason_needed", "why may numbers be called again?")
            found = await suppression.suppress(database, in_chunks(file.file), wanted, who.id)
        except ValidationError as error:
            raise Problem("invalid", "; ".join(part["msg"] for part in error.errors())[:500]) from error
        except ImportRefused as refused:
            raise Problem("invalid", refused.message(who.locale)) from refused
    rung = [] if wanted.dry_run or wanted.action == "remove" else await suppression.ringing(database)
    return _report(found, wanted.dry_run, len(rung), who.locale)


def _wanted(form: FormData, file_name: str) -> suppression.Suppressing:
    said = {key: value for key, value in form.items() if key != "file" and value != ""}
    how = SuppressionIn.model_validate(said)
    return suppression.Suppressing(
        name=how.name,
        how=suppression.HowNumbers(how.default_region, how.column, how.header_row),
        action=how.action,
        source=how.source,
        until=how.until,
        reason=how.reason,
        sheet=how.sheet,
        file_name=file_name,
        dry_run=how.dry_run,
    )


def _report(found: suppression.Suppressed, dry_run: bool, ended: int, locale: str) -> SuppressionReport:
    return SuppressionReport(
        id=found.list_id,
        rows=found.rows,
        taken=found.taken,
        rejected=found.rejected,
        changed=found.changed,
        stays=found.stays,
        comes=found.comes,
        leaves=found.leaves,
        still=found.still,
        ended=ended,
        dry_run=dry_run,
        refused=found.refused.message(locale) if found.refused is not None else "",
        header_row=found.header_row,
        sheets=list(found.sheets),
        columns=[NumberColumnOut.model_validate(one, from_attributes=True) for one in found.columns],
        samples=[NumberSampleOut.model_validate(one, from_attributes=True) for one in found.samples],
        rejects=[
            BadNumber(
                row=one.row,
                column=one.column,
                text=one.value,
                code=one.code,
                taken=one.taken,
                es=one.message("es"),
                en=one.message("en"),
            )
            for one in found.problems
        ],
    )


@router.delete("/suppression-lists/{list_id}", status_code=204, response_class=Response)
async def drop(list_id: Id, reason: Reason, who: Supervisor, database: Database, web: WebDep) -> None:
    """Take a list away: its numbers may be called again, unless something else forbids it."""
    if not await suppression.drop(database, list_id, who.id, reason):
        raise Problem("not_found", "no such list")
