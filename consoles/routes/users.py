"""Accounts and forced states of agents."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints

from agent_ws.commands import new_command
from consoles import password_rules, users
from consoles.problems import Problem
from consoles.schemas import Accepted, Body, Page
from consoles.sessions import AdminBriefly, Principal, Supervisor, role
from consoles.sql import SQL
from consoles.users import NewUser, Role, UserOut
from consoles.web_deps import DATABASE_WAIT, MAX_ID, Connection, Database, Id, Web, WebDep, to_json
from dialer.model.commands import ForceLogOut, ForcePause

router = APIRouter(tags=["users"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Password = Annotated[str, StringConstraints(max_length=1024)]
"""Whether it is taken is said by consoles.password_rules, with the reason."""
Endpoint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
SipText = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,100}$")]
SkillCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
Skills = Annotated[dict[SkillCode, Annotated[int, Field(ge=1, le=100)]], Field(max_length=100)]
Campaigns = Annotated[list[Annotated[int, Field(ge=1, le=MAX_ID)]], Field(max_length=500)]


class UserIn(Body):
    """A new account."""

    login: Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{2,40}$")]
    name: Name
    role: Role
    password: Password
    locale: Annotated[str, StringConstraints(pattern="^(es|en)$")] = "es"
    active: bool = True
    endpoint: Endpoint | None = None
    sip_user: SipText = ""
    sip_password: SipText = ""
    skills: Skills = Field(default_factory=dict)
    campaigns: Campaigns = Field(default_factory=list)


class UserPatch(Body):
    """What changes of an account; null leaves a field as it is."""

    name: Name | None = None
    password: Password | None = None
    locale: Annotated[str, StringConstraints(pattern="^(es|en)$")] | None = None
    active: bool | None = None
    endpoint: Endpoint | None = None
    sip_user: SipText | None = None
    sip_password: SipText | None = None
    skills: Skills | None = None
    campaigns: Campaigns | None = None

    @property
    def of_agents(self) -> bool:
        """Whether it changes something that only agents have."""
        fields = (self.endpoint, self.sip_user, self.sip_password, self.skills, self.campaigns)
        return any(field is not None for field in fields)


@router.get("/users", dependencies=[Depends(role("supervisor"))])
async def all_users(database: Database) -> Page[UserOut]:
    """All accounts."""
    return Page(items=await users.list_users(database))


@router.post("/users", status_code=201)
async def create(body: UserIn, who: AdminBriefly, web: WebDep) -> UserOut:
    """Make an account."""
    words = password_rules.words_of(web.deps.settings, body.login, body.name, body.sip_user)
    await password_rules.demand(body.password, words)
    new = NewUser(
        login=body.login,
        name=body.name,
        role=body.role,
        password_hash=await web.deps.passwords.hash(body.password),
        locale=body.locale,
        active=body.active,
        endpoint=body.endpoint or "",
        sip_user=body.sip_user,
        sip_password=body.sip_password,
        skills=body.skills,
        campaigns=body.campaigns,
    )
    try:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database, database.transaction():
            user_id = await users.create_user(database, new)
            made = await _recorded(database, web, who, "user.create", user_id, None)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise _conflict(error) from error
    return made


@router.patch("/users/{user_id}")
async def change(user_id: Id, body: UserPatch, who: AdminBriefly, web: WebDep) -> UserOut:
    """Change an account."""
    hashed = await _hashed(web, user_id, body)
    try:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database, database.transaction():
            before = await _locked(database, user_id, body)
            await _apply(database, user_id, body, hashed)
            await _keep_an_admin(database, before)
            after = await _recorded(database, web, who, "user.change", user_id, before)
            if hashed is not None:
                await database.execute(SQL["forget_devices"], user_id, b"")
                await users.record_password(database, user_id, who.id, web.now())
            if body.active is False or hashed is not None:
                await database.execute(SQL["delete_sessions_of"], user_id, b"")
    except asyncpg.IntegrityConstraintViolationError as error:
        raise _conflict(error) from error
    if body.active is False or hashed is not None:
        web.hub.close_user(user_id)
    return after


@router.post("/agents/{agent_id}/pause", status_code=202)
async def force_pause(agent_id: Id, who: Supervisor, database: Database, web: WebDep) -> Accepted:
    """Pause an agent, after the call in progress."""
    return await _force(web, who, database, ForcePause(agent_id))


@router.post("/agents/{agent_id}/log_out", status_code=202)
async def force_log_out(agent_id: Id, who: Supervisor, database: Database, web: WebDep) -> Accepted:
    """Log an agent out."""
    return await _force(web, who, database, ForceLogOut(agent_id))


async def _force(web: Web, who: Principal, database: Connection, asked: ForcePause | ForceLogOut) -> Accepted:
    if not await database.fetchval(SQL["agent_exists"], asked.agent_id):
        raise Problem("not_found", "no such agent")
    command = new_command(asked, who.id)
    # Written first: nothing is done to an agent without a trace. It says "asked", for the bus may be away.
    trace = to_json({"asked": command.id})
    audit = (web.now(), who.id, command.kind, f"agent:{asked.agent_id}", None, trace, "", None)
    await database.execute(SQL["insert_audit"], *audit)
    await web.hub.send(command)
    return Accepted(id=command.id)


async def _locked(database: Connection, user_id: int, body: UserPatch) -> UserOut:
    row = await database.fetchrow(SQL["lock_user"], user_id)
    if row is None:
        raise Problem("not_found", "no such user")
    if body.of_agents and row["role"] != "agent":
        raise Problem("conflict", "only agents have endpoint, sip, skills and campaigns")
    return (await users.list_users(database, user_id))[0]


async def _hashed(web: Web, user_id: int, body: UserPatch) -> str | None:
    """The new password's hash, if there is to be one."""
    if body.password is None:
        return None
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        found = await users.list_users(database, user_id)
    names = [name for user in found for name in (user.login, user.name, user.endpoint or "")]
    words = password_rules.words_of(web.deps.settings, *names, body.name or "")
    await password_rules.demand(body.password, words)
    return await web.deps.passwords.hash(body.password)


async def _apply(database: Connection, user_id: int, body: UserPatch, hashed: str | None) -> None:
    await database.execute(SQL["update_user"], user_id, body.name, body.locale, body.active, hashed)
    if not body.of_agents:
        return
    line = (body.endpoint, body.sip_user, body.sip_password)
    await database.execute(SQL["update_agent"], user_id, *line)
    if body.skills is not None:
        await users.set_skills(database, user_id, body.skills)
    if body.campaigns is not None:
        await users.set_campaigns(database, user_id, body.campaigns)


async def _keep_an_admin(database: Connection, before: UserOut) -> None:
    """Nobody may lock everybody out."""
    if before.role == "admin" and not await database.fetchval(SQL["active_admins"]):
        raise Problem("conflict", "the last active admin cannot be deactivated")


async def _recorded(
    database: Connection, web: Web, who: Principal, action: str, user_id: int, before: UserOut | None
) -> UserOut:
    after = (await users.list_users(database, user_id))[0]
    old = before and to_json(before.model_dump(mode="json"))
    new = to_json(after.model_dump(mode="json"))
    audit = (web.now(), who.id, action, f"user:{user_id}", old, new, "", None)
    await database.execute(SQL["insert_audit"], *audit)
    return after


def _conflict(error: asyncpg.IntegrityConstraintViolationError) -> Problem:
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Problem("conflict", "there is no such campaign")
    return Problem("conflict", "login or endpoint is taken")
