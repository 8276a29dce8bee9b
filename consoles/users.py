"""Accounts, for the API and for the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from asyncpg import Record
from pydantic import BaseModel

from consoles.sql import SQL
from consoles.web_deps import Connection, from_json

Role = Literal["agent", "supervisor", "qa", "admin"]


class UserOut(BaseModel):
    """An account as administrators see it; nothing secret."""

    id: int
    login: str
    name: str
    role: Role
    locale: Literal["es", "en"]
    active: bool
    created_at: datetime
    endpoint: str | None
    skills: dict[str, int]
    campaigns: list[int]


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to be made. The telephone fields are for agents only."""

    login: str
    """Lower case, 2–40 of a–z 0–9 . _ -"""
    name: str
    role: Role
    password_hash: str
    """By consoles.passwords.Passwords.hash()."""
    locale: str = "es"
    active: bool = True
    endpoint: str = ""
    """PJSIP endpoint; empty = the login."""
    sip_user: str = ""
    sip_password: str = ""
    skills: Mapping[str, int] | None = None
    campaigns: Sequence[int] = ()


async def create_user(database: Connection, user: NewUser) -> int:
    """Make an account in one transaction; raises asyncpg's IntegrityConstraintViolationError."""
    async with database.transaction():
        account = (user.login, user.name, user.role, user.password_hash, user.locale, user.active)
        user_id = int(await database.fetchval(SQL["insert_user"], *account))
        if user.role == "agent":
            line = (user.endpoint or user.login, user.sip_user, user.sip_password)
            await database.execute(SQL["insert_agent"], user_id, *line)
            await set_skills(database, user_id, user.skills or {})
            await set_campaigns(database, user_id, user.campaigns)
    return user_id


async def set_skills(database: Connection, agent_id: int, skills: Mapping[str, int]) -> None:
    """Replace an agent's skills (code → level 1–100); unknown skills are made."""
    codes, levels = list(skills), list(skills.values())
    await database.execute(SQL["ensure_skills"], codes)
    await database.execute(SQL["delete_agent_skills"], agent_id)
    await database.execute(SQL["insert_agent_skills"], agent_id, codes, levels)


async def set_campaigns(database: Connection, agent_id: int, campaigns: Sequence[int]) -> None:
    """Replace the campaigns an agent works in."""
    await database.execute(SQL["delete_agent_campaigns"], agent_id)
    await database.execute(SQL["insert_agent_campaigns"], agent_id, list(campaigns))


async def record_password(database: Connection, user_id: int, actor_id: int | None, now: datetime) -> None:
    """Who gave whom another password, and nothing of it; actor None = from the command line."""
    audit = (now, actor_id, "user.password", f"user:{user_id}", None, None, "", None)
    await database.execute(SQL["insert_audit"], *audit)


async def set_password_of(database: Connection, user_id: int, hashed: str, now: datetime) -> None:
    """Another password from the command line; all logins end, all browsers are strangers."""
    async with database.transaction():
        await database.execute(SQL["set_password_hash"], user_id, hashed)
        await database.execute(SQL["delete_sessions_of"], user_id, b"")
        await database.execute(SQL["forget_devices"], user_id, b"")
        await record_password(database, user_id, None, now)


async def list_users(database: Connection, user_id: int | None = None) -> list[UserOut]:
    """All accounts, or one."""
    return [_user(row) for row in await database.fetch(SQL["users"], user_id)]


def _user(row: Record) -> UserOut:
    parsed = {name: from_json(row[name]) for name in ("skills", "campaigns")}
    return UserOut.model_validate({**row, **parsed})
