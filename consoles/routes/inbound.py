"""Calls that come in, as a supervisor answers for them."""

from fastapi import APIRouter, Depends

from consoles import inbound
from consoles.inbound import InboundService
from consoles.schemas import Page
from consoles.sessions import role
from consoles.web_deps import Database, WebDep

router = APIRouter(tags=["inbound"])


@router.get("/inbound/service", dependencies=[Depends(role("supervisor"))])
async def service(database: Database, web: WebDep) -> Page[InboundService]:
    """How many of the calls that came in a person answered in time, with their number."""
    return Page(items=await inbound.service(database, web.now()))
