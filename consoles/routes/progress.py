"""How call progress analysis does in a campaign."""

from fastapi import APIRouter, Depends

from consoles import campaigns, limits
from consoles.progress import PERIOD, Counted, ProgressOut, report
from consoles.sessions import role
from consoles.sql import SQL
from consoles.web_deps import Database, Id, WebDep

router = APIRouter(tags=["campaigns"], dependencies=[Depends(role("supervisor"))])


@router.get("/campaigns/{campaign_id}/progress")
async def progress(campaign_id: Id, database: Database, web: WebDep) -> ProgressOut:
    """Verdicts, audits, known errors and what they cost, over the last 30 days."""
    row = await campaigns.look(database, campaign_id, "")
    settings = campaigns.merged(row.settings, {})
    since = web.now() - PERIOD
    verdicts = await database.fetch(SQL["progress_verdicts"], campaign_id, since)
    answers = await database.fetchrow(SQL["progress_answers"], campaign_id, since)
    assert answers is not None, "an aggregate is one row"
    return report(
        (Counted(**one) for one in verdicts),
        live=answers["live"],
        machines=answers["machines"],
        settings=settings,
        limit=await limits.abandonment(settings),
    )
