"""Skills of agents and what campaigns ask of them; a change holds for the next call."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from consoles import users
from consoles.problems import Problem
from consoles.routes.users import SkillCode
from consoles.schemas import Body, Page
from consoles.sessions import Supervisor, role
from consoles.sql import SQL
from consoles.web_deps import Database, Id, WebDep, from_json
from portfolio.audit import record_audit

router = APIRouter(tags=["skills"])

Levels = Annotated[dict[SkillCode, Annotated[int, Field(ge=1, le=100)]], Field(max_length=100)]


class SkillsIn(Body):
    """All skills with their levels; what is not named is taken away."""

    skills: Levels


class AgentSkills(BaseModel):
    """What an agent can do."""

    id: int
    name: str
    active: bool
    skills: dict[str, int]
    campaigns: list[int]


@router.get("/agents/skills", dependencies=[Depends(role("supervisor"))])
async def of_agents(database: Database) -> Page[AgentSkills]:
    """Every agent's skills."""
    rows = await database.fetch(SQL["agents_with_skills"], None)
    parsed = [{**row, **{key: from_json(row[key]) for key in ("skills", "campaigns")}} for row in rows]
    return Page(items=[AgentSkills.model_validate(row) for row in parsed])


@router.put("/agents/{agent_id}/skills", status_code=204)
async def set_of_agent(
    agent_id: Id, body: SkillsIn, who: Supervisor, database: Database, web: WebDep
) -> None:
    """Replace an agent's skills; the next call is given by them."""
    async with database.transaction():
        row = await database.fetchrow(SQL["agents_with_skills"], agent_id)
        if row is None:
            raise Problem("not_found", "no such agent")
        await users.set_skills(database, agent_id, body.skills)
        before = from_json(row["skills"])
        await record_audit(
            database, who.id, "agent.skills", f"user:{agent_id}", before=before, after=body.skills
        )


@router.put("/campaigns/{campaign_id}/skills", status_code=204)
async def set_of_campaign(
    campaign_id: Id, body: SkillsIn, who: Supervisor, database: Database, web: WebDep
) -> None:
    """Replace the skills a campaign asks for, with their lowest levels."""
    async with database.transaction():
        row = await database.fetchrow(SQL["campaigns"], campaign_id)
        if row is None:
            raise Problem("not_found", "no such campaign")
        codes, levels = list(body.skills), list(body.skills.values())
        await database.execute(SQL["ensure_skills"], codes)
        await database.execute(SQL["delete_campaign_skills"], campaign_id)
        await database.execute(SQL["insert_campaign_skills"], campaign_id, codes, levels)
        before = from_json(row["required_skills"])
        await record_audit(
            database, who.id, "campaign.skills", f"campaign:{campaign_id}", before=before, after=body.skills
        )
