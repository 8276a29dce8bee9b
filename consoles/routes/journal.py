"""Who follows the journal, and the facts that could not be followed: tried anew, or put away."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from consoles.problems import Problem
from consoles.schemas import Body
from consoles.sessions import Supervisor, role
from consoles.web_deps import Database, Id
from journal import letters
from portfolio.audit import record_audit

router = APIRouter(tags=["journal"])


class FollowerOut(BaseModel):
    """How far a follower is."""

    follower: str
    followed: int = Field(description="facts since the beginning")
    moved_at: datetime
    waiting: int = Field(description="letters that are tried again by themselves")
    dead: int


class LetterOut(BaseModel):
    """A fact that its follower could not follow."""

    id: int
    follower: str
    at: datetime
    kind: str
    person_id: int | None
    campaign_id: int | None
    tries: int
    error: str
    next_at: datetime
    dead_at: datetime | None = Field(description="since when nobody tries any more; null = it is tried again")
    data: dict[str, Any]


class JournalOut(BaseModel):
    """Followers by name, and letters, the dead first."""

    followers: list[FollowerOut]
    letters: list[LetterOut] = Field(description="at most 200")


class DiscardIn(Body):
    """Why nobody needs to follow it."""

    reason: Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]


@router.get("/journal", dependencies=[Depends(role("supervisor"))])
async def standing(database: Database) -> JournalOut:
    """How far each follower is, and what was set aside."""
    return JournalOut(
        followers=[
            FollowerOut.model_validate(one, from_attributes=True) for one in await letters.standings(database)
        ],
        letters=[
            LetterOut.model_validate(one, from_attributes=True) for one in await letters.letters(database)
        ],
    )


@router.post("/journal/letters/{letter_id}/retry", status_code=204)
async def retry(letter_id: Id, who: Supervisor, database: Database) -> None:
    """What was wrong is mended: it is tried anew, at once."""
    async with database.transaction():
        if not await letters.retry(database, letter_id):
            raise Problem("not_found", "no such letter")
        await record_audit(database, who.id, "journal.retry", f"letter:{letter_id}")


@router.post("/journal/letters/{letter_id}/discard", status_code=204)
async def discard(letter_id: Id, body: DiscardIn, who: Supervisor, database: Database) -> None:
    """Nobody needs to follow it any more."""
    async with database.transaction():
        if not await letters.discard(database, letter_id):
            raise Problem("not_found", "no such letter")
        await record_audit(database, who.id, "journal.discard", f"letter:{letter_id}", reason=body.reason)
