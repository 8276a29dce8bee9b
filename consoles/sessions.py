"""Logins: the session row behind the cookie, who is asking, and the one-use tickets of the live wire."""

import hashlib
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from starlette.responses import Response

from consoles.problems import Problem
from consoles.sql import SQL
from consoles.web_deps import DATABASE_WAIT, Connection, Database, Web, WebDep

COOKIE = "cadencia_session"
SLIDE = timedelta(hours=8)
"""A login ends this long after its last use."""
LONGEST = timedelta(hours=16)
"""A login ends this long after it began, whatever its use."""
TOUCH_EVERY = timedelta(minutes=1)
TICKET_LIFE = timedelta(seconds=30)
MAX_SESSIONS = 20
"""Logins one user may have at once; the oldest ends first."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_LENGTH = 43
"""Characters of token_urlsafe(32)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking."""

    id: int
    login: str
    name: str
    role: str
    locale: str
    csrf: str
    expires_at: datetime
    token_hash: bytes

    def may(self, *roles: str) -> bool:
        """Whether one of these roles is theirs; an admin has those of supervisor and qa."""
        return self.role in roles or (self.role == "admin" and bool({"supervisor", "qa"} & set(roles)))


def digest(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


async def open_session(database: Connection, user_id: int, now: datetime) -> str:
    """Make a session; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    csrf = secrets.token_urlsafe(24)
    await database.execute(SQL["insert_session"], digest(token), user_id, csrf, now, now + SLIDE)
    await database.execute(SQL["trim_sessions"], user_id, MAX_SESSIONS)
    return token


async def find(database: Connection, token_hash: bytes, now: datetime) -> Principal | None:
    """Who holds this session, sliding its end; None when it is unknown, over or of an inactive user."""
    row = await database.fetchrow(SQL["session"], token_hash, now, now - LONGEST)
    if row is None:
        return None
    if now - row["seen_at"] >= TOUCH_EVERY:
        end = min(now + SLIDE, row["created_at"] + LONGEST)
        await database.execute(SQL["touch_session"], token_hash, now, end)
    return Principal(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        locale=row["locale"],
        csrf=row["csrf_token"],
        expires_at=row["expires_at"],
        token_hash=token_hash,
    )


async def new_ticket(database: Connection, principal: Principal, now: datetime) -> tuple[str, datetime]:
    """A ticket for one websocket, and when it ends."""
    ticket = secrets.token_urlsafe(32)
    until = now + TICKET_LIFE
    await database.execute(SQL["insert_ticket"], digest(ticket), principal.id, principal.token_hash, until)
    return ticket, until


async def redeem(database: Connection, ticket: str, now: datetime) -> Principal | None:
    """Use a ticket up; None when it is unknown, used, late, or its login has ended."""
    if len(ticket) != _TOKEN_LENGTH:
        return None
    session_hash = await database.fetchval(SQL["use_ticket"], digest(ticket), now)
    return None if session_hash is None else await find(database, session_hash, now)


async def purge(database: Connection, now: datetime) -> None:
    """Delete what has ended."""
    await database.execute(SQL["purge_sessions"], now, now - LONGEST)
    await database.execute(SQL["purge_tickets"], now)


def set_cookie(response: Response, token: str, web: Web) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=web.deps.settings.cookie_secure,
    )


def clear_cookie(response: Response, web: Web) -> None:
    """Take it away."""
    secure = web.deps.settings.cookie_secure
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=secure)


async def present(request: Request, web: Web) -> Principal | None:
    """Who is logged in, for routes that need not be; takes a connection for that moment only."""
    token = request.cookies.get(COOKIE, "")
    if len(token) != _TOKEN_LENGTH:
        return None
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        return await find(database, digest(token), web.now())


async def authenticated(
    request: Request,
    web: WebDep,
    database: Database,
    csrf: Annotated[str, Header(alias="X-CSRF-Token", max_length=100)] = "",
) -> Principal:
    """Whoever is logged in; unsafe methods need the CSRF token."""
    token = request.cookies.get(COOKIE, "")
    principal = await find(database, digest(token), web.now()) if len(token) == _TOKEN_LENGTH else None
    return _admitted(request, principal, csrf)


async def authenticated_briefly(
    request: Request, web: WebDep, csrf: Annotated[str, Header(alias="X-CSRF-Token", max_length=100)] = ""
) -> Principal:
    """The same, for routes that take long elsewhere: it holds no connection of the pool meanwhile."""
    return _admitted(request, await present(request, web), csrf)


def _admitted(request: Request, principal: Principal | None, csrf: str) -> Principal:
    if principal is None:
        raise Problem("unauthenticated", "log in first")
    if request.method not in _SAFE and not secrets.compare_digest(csrf.encode(), principal.csrf.encode()):
        raise Problem("csrf", "X-CSRF-Token is missing or wrong")
    return principal


Anyone = Annotated[Principal, Depends(authenticated)]
AnyoneBriefly = Annotated[Principal, Depends(authenticated_briefly)]


def role(*roles: str) -> Callable[[Principal], Coroutine[Any, Any, Principal]]:
    """Dependency: the principal, if one of these roles is theirs."""

    async def check(principal: Anyone) -> Principal:
        return _of_role(principal, roles)

    return check


def _of_role(principal: Principal, roles: Sequence[str]) -> Principal:
    if not principal.may(*roles):
        raise Problem("forbidden", f"needs one of: {', '.join(roles)}")
    return principal


async def _admin_briefly(principal: AnyoneBriefly) -> Principal:
    return _of_role(principal, ("admin",))


async def _supervisor_briefly(principal: AnyoneBriefly) -> Principal:
    return _of_role(principal, ("supervisor",))


AgentOnly = Annotated[Principal, Depends(role("agent"))]
Supervisor = Annotated[Principal, Depends(role("supervisor"))]
SupervisorBriefly = Annotated[Principal, Depends(_supervisor_briefly)]
"""Without a connection of the pool, while a large body arrives."""
Reviewer = Annotated[Principal, Depends(role("qa", "supervisor"))]
Admin = Annotated[Principal, Depends(role("admin"))]
AdminBriefly = Annotated[Principal, Depends(_admin_briefly)]
"""Without a connection of the pool: see authenticated_briefly."""
LiveUser = Annotated[Principal, Depends(role("agent", "supervisor"))]
