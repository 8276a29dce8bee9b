"""Lists of numbers that are not called: read from files, shown with their size, taken away."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, StringConstraints, ValidationError
from starlette.datastructures import UploadFile

from agent_ws.commands import new_command
from consoles.person_news import tell_engine
from consoles.problems import Problem
from consoles.routes.imports import MAX_IMPORT
from consoles.schemas import Body, Page, upload_form
from consoles.sessions import Supervisor, role
from consoles.web_deps import Database, Id, WebDep
from dialer.model.commands import CampaignChanged
from portfolio import suppression
from portfolio.importer import ImportRefused, in_chunks
from portfolio.sql import statements

router = APIRouter(tags=["rules"])

_FORM = upload_form(
    "name",
    name={"type": "string", "maxLength": 120},
    source={"type": "string", "maxLength": 200},
    default_region={"type": "string", "pattern": "^[A-Z]{2}$", "default": "ES"},
    until={"type": "string", "format": "date-time"},
    replace={"type": "string", "enum": ["true", "false"], "default": "false"},
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
    default_region: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = "ES"
    until: AwareDatetime | None = None
    """When the numbers may be called again."""
    replace: bool = False
    """Whether numbers that are not in the file leave the list."""


class BadNumber(BaseModel):
    """A line that was not taken."""

    row: int
    text: str
    code: str
    es: str
    en: str


class SuppressionReport(BaseModel):
    """What came of a file: rows = taken + rejected."""

    id: int
    rows: int
    taken: int
    rejected: int
    ended: int
    """People who were being rung on one of these numbers; these calls end."""
    rejects: list[BadNumber]
    """The first of them."""


@router.get("/suppression-lists", dependencies=[Depends(role("qa", "supervisor"))])
async def all_lists(database: Database) -> Page[SuppressionOut]:
    """Every list with its size."""
    rows = await database.fetch(statements()["suppression_lists"])
    return Page(items=[SuppressionOut(**row) for row in rows])


@router.post("/suppression-lists", max_body_size=MAX_IMPORT, status_code=201, openapi_extra=_FORM)
async def upload(who: Supervisor, database: Database, web: WebDep, request: Request) -> SuppressionReport:
    """Put the numbers of a file on a list: one to a line, or in the first column."""
    if web.importing.locked():
        raise Problem("too_many", "an import is running", retry_after=10)
    async with web.importing, request.form(max_files=1, max_fields=8) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem("invalid", "the part `file` is missing")
        said = {key: value for key, value in form.items() if key != "file" and value != ""}
        try:
            how = SuppressionIn.model_validate(said)
            if how.until is not None and how.until <= web.now():
                raise Problem("invalid", "`until` is over already")
            wanted = suppression.Suppressing(how.name, how.source, how.default_region, how.until, how.replace)
            found = await suppression.suppress(database, in_chunks(file.file), wanted, who.id)
        except ValidationError as error:
            raise Problem("invalid", "; ".join(part["msg"] for part in error.errors())[:500]) from error
        except ImportRefused as refused:
            raise Problem("invalid", refused.message(who.locale)) from refused
    # Some of its numbers may be called again: the file may take others' place, or end sooner.
    await web.hub.owe(new_command(CampaignChanged(), who.id))
    rung = await suppression.ringing(database)
    for person_id in rung:
        await tell_engine(web, database, person_id, who.id, "suppressed")
    return SuppressionReport(
        id=found.list_id,
        rows=found.rows,
        taken=found.taken,
        rejected=found.rejected,
        ended=len(rung),
        rejects=[
            BadNumber(row=one.row, text=one.value, code=one.code, es=one.message("es"), en=one.message("en"))
            for one in found.problems
        ],
    )


@router.delete("/suppression-lists/{list_id}", status_code=204, response_class=Response)
async def drop(list_id: Id, who: Supervisor, database: Database, web: WebDep) -> None:
    """Take a list away: its numbers may be called again, unless something else forbids it."""
    if not await suppression.drop(database, list_id, who.id):
        raise Problem("not_found", "no such list")
    await web.hub.owe(new_command(CampaignChanged(), who.id))
