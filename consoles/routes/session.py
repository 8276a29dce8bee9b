"""Logging in and out, and the ticket for the live wire."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from consoles import sessions
from consoles.passwords import MAX_LENGTH
from consoles.problems import Problem
from consoles.schemas import Body
from consoles.sessions import Anyone, LiveUser, Principal
from consoles.sql import SQL
from consoles.web_deps import DATABASE_WAIT, Connection, Database, Web, WebDep

router = APIRouter(tags=["session"])


class Login(Body):
    """Who says they are who."""

    login: str = Field(min_length=1, max_length=40)
    password: str = Field(min_length=1, max_length=MAX_LENGTH)


class Locale(Body):
    """Language of the screens."""

    locale: Literal["es", "en"]


class UserView(BaseModel):
    """The account that is logged in."""

    id: int
    login: str
    name: str
    role: Literal["agent", "supervisor", "qa", "admin"]
    locale: Literal["es", "en"]


class SipAccount(BaseModel):
    """What an agent's softphone registers with."""

    endpoint: str
    user: str
    password: str
    domain: str
    uri: str
    ws_url: str


class SessionView(BaseModel):
    """A login as its page sees it."""

    user: UserView
    csrf: str
    expires_at: datetime
    sip: SipAccount | None


class Ticket(BaseModel):
    """One use, 30 s."""

    ticket: str
    url: str
    expires_at: datetime


@router.post("/session")
async def log_in(body: Login, request: Request, response: Response, web: WebDep) -> SessionView:
    """Log in; the answer sets the cookie."""
    address = request.client.host if request.client else ""
    login = body.login.strip().lower()
    wait = web.limiter.take(login, address, web.now())
    if wait:
        web.metrics.logins.labels("limited").inc()
        raise Problem("too_many", "too many failed logins", retry_after=wait)
    user_id = await _check(web, login, body.password)
    if user_id is None:
        web.metrics.logins.labels("refused").inc()
        raise Problem("bad_credentials", "login or password is wrong")
    web.limiter.give_back(login, address, web.now())
    web.metrics.logins.labels("good").inc()
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        token = await sessions.open_session(database, user_id, web.now())
        principal = await sessions.find(database, sessions.digest(token), web.now())
        if principal is None:
            raise Problem("bad_credentials", "login or password is wrong")
        sessions.set_cookie(response, token, web)
        return await _view(database, web, principal)


@router.get("/session")
async def me(principal: Anyone, database: Database, web: WebDep) -> SessionView:
    """Who is logged in."""
    return await _view(database, web, principal)


@router.delete("/session", status_code=204)
async def log_out(principal: Anyone, database: Database, web: WebDep, response: Response) -> None:
    """Log out; live connections of this login end."""
    await database.execute(SQL["delete_session"], principal.token_hash)
    sessions.clear_cookie(response, web)
    web.hub.close_login(principal.token_hash)


@router.put("/session/locale")
async def set_locale(body: Locale, principal: Anyone, database: Database, web: WebDep) -> SessionView:
    """Change the language of one's screens."""
    await database.execute(SQL["set_locale"], principal.id, body.locale)
    view = await _view(database, web, principal)
    return view.model_copy(update={"user": view.user.model_copy(update={"locale": body.locale})})


@router.post("/ws-ticket")
async def ticket(principal: LiveUser, database: Database, web: WebDep) -> Ticket:
    """A ticket for one websocket."""
    value, until = await sessions.new_ticket(database, principal, web.now())
    return Ticket(ticket=value, url=f"/api/v1/live?ticket={value}", expires_at=until)


async def _check(web: Web, login: str, password: str) -> int | None:
    """The user's id when the password is right; no database connection is held while argon2 works."""
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        row = await database.fetchrow(SQL["login"], login)
    stored = row["password_hash"] if row is not None and row["active"] else None
    if not await web.deps.passwords.verify(stored, password) or row is None:
        return None
    if web.deps.passwords.outdated(row["password_hash"]):
        renewed = await web.deps.passwords.hash(password)
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            await database.execute(SQL["set_password_hash"], row["id"], renewed)
    return int(row["id"])


async def _view(database: Connection, web: Web, principal: Principal) -> SessionView:
    account = await database.fetchrow(SQL["sip_account"], principal.id) if principal.role == "agent" else None
    settings = web.deps.settings
    sip = account and SipAccount(
        endpoint=account["endpoint"],
        user=account["sip_user"] or account["endpoint"],
        password=account["sip_password"],
        domain=settings.sip_domain,
        uri=f"sip:{account['sip_user'] or account['endpoint']}@{settings.sip_domain}",
        ws_url=settings.sip_ws_url,
    )
    user = UserView.model_validate(principal, from_attributes=True)
    return SessionView(user=user, csrf=principal.csrf, expires_at=principal.expires_at, sip=sip)
