"""Rules looser than the law: what waits for a second administrator."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints

from consoles import looser_wishes
from consoles.looser_wishes import Wish
from consoles.schemas import Body, Page
from consoles.sessions import Admin
from consoles.web_deps import Database, Id, WebDep

router = APIRouter(tags=["rule packs"])


class Answer(Body):
    """Why: it stands in the audit beside who asked."""

    reason: Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]


@router.get("/looser-wishes")
async def waiting(who: Admin, database: Database) -> Page[Wish]:
    """What one administrator has asked for within a day and nobody has answered, newest first."""
    return Page(items=await looser_wishes.waiting(database, who))


@router.post("/looser-wishes/{wish_id}/agree", status_code=204)
async def agree(wish_id: Id, body: Answer, who: Admin, database: Database, web: WebDep) -> None:
    """Do it, as the second person; refused to whoever asked."""
    await looser_wishes.agree(database, web, who, wish_id, body.reason)


@router.post("/looser-wishes/{wish_id}/refuse", status_code=204)
async def refuse(wish_id: Id, body: Answer, who: Admin, database: Database) -> None:
    """It is not done; whoever asked may take it back so."""
    await looser_wishes.refuse(database, who, wish_id, body.reason)
