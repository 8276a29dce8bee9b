"""Trunks: what each carries, how its carrier wants numbers; the engine heeds a change within 15 seconds."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Path as PathPart
from pydantic import BaseModel, Field, StringConstraints

from consoles import trunks
from consoles.schemas import Body, Page
from consoles.sessions import Admin, role
from consoles.web_deps import Database
from dialer.model.trunk import TrunkLimits
from portfolio.audit import record_audit

router = APIRouter(tags=["trunks"])

TrunkName = Annotated[str, PathPart(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,5}$")]


class TrunkIn(Body):
    """All of a trunk; what is left out is as if nothing had been set."""

    max_lines: int | None = Field(None, ge=0, le=10_000)
    max_cps: float | None = Field(None, gt=0, le=10_000)
    plus: bool = True
    strip: Digits = ""
    prefix: Digits = ""


class TrunkOut(BaseModel):
    """A trunk."""

    name: str
    max_lines: int | None
    max_cps: float | None
    plus: bool
    strip: str
    prefix: str
    campaigns: list[str]
    """Whose calls go out on it, or may while another rests."""
    dialled: str
    """How it dials +34910000000."""


@router.get("/trunks", dependencies=[Depends(role("supervisor"))])
async def all_trunks(database: Database) -> Page[TrunkOut]:
    """Every trunk of which something was set, or that a campaign names."""
    found = await trunks.all_trunks(database)
    return Page(items=[_out(one) for one in found])


@router.put("/trunks/{name}", status_code=204)
async def set_trunk(name: TrunkName, body: TrunkIn, who: Admin, database: Database) -> None:
    """Set all of a trunk, for all campaigns on it together."""
    async with database.transaction():
        known = {one.limits.name: asdict(one.limits) for one in await trunks.all_trunks(database)}
        await trunks.set_trunk(database, TrunkLimits(name, **body.model_dump()))
        await record_audit(
            database, who.id, "trunk.set", f"trunk:{name}", before=known.get(name), after=body.model_dump()
        )


def _out(one: trunks.Trunk) -> TrunkOut:
    limits = one.limits
    return TrunkOut(**asdict(limits), campaigns=list(one.campaigns), dialled=limits.dialled(trunks.SAMPLE))
