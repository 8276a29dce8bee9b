"""Logging in and out, and the ticket for the live wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from asyncpg import Record
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from consoles import devices, password_rules, sessions, users
from consoles.ice import IceServer, servers_for
from consoles.login_limits import Knock, Try
from consoles.login_queue import Asker
from consoles.passwords import MAX_LENGTH
from consoles.problems import Problem
from consoles.schemas import Body
from consoles.sessions import Anyone, AnyoneBriefly, LiveUser, Principal
from consoles.sql import SQL
from consoles.web_deps import DATABASE_WAIT, Connection, Database, Web, WebDep

router = APIRouter(tags=["session"])


class Login(Body):
    """Who says they are who."""

    login: str = Field(min_length=1, max_length=40)
    password: str = Field(min_length=1, max_length=MAX_LENGTH)


class NewPassword(Body):
    """One's own password: the present one and the next."""

    old: str = Field(min_length=1, max_length=MAX_LENGTH)
    new: str = Field(max_length=1024)
    """Whether it is taken is said by consoles.password_rules, with the reason."""


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
    ice_servers: list[IceServer]


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
    login, address, device = body.login.strip().lower(), web.address(request), devices.token_of(request)
    knock = web.limiter.knock(login, address, device, web.now())
    _demand(web, knock.wait)
    tried, account = await _known(web, login, address, device)
    _demand(web, web.limiter.take(tried, web.now()))
    with _undone_unheard(web, tried, knock):
        user_id = await _check(web, tried, account, body.password)
    if user_id is None:
        web.metrics.logins.labels("refused").inc()
        raise Problem("bad_credentials", "login or password is wrong")
    web.metrics.logins.labels("good").inc()
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        token = await sessions.open_session(database, user_id, web.now())
        principal = await sessions.find(database, sessions.digest(token), web.now())
        if principal is None:
            raise Problem("bad_credentials", "login or password is wrong")
        sessions.set_cookie(response, token, web)
        device = await devices.remember(database, user_id, device, address, web.now())
        devices.set_cookie(response, device, web)
        web.limiter.let_in(tried, device, knock, web.now())
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


@router.put("/session/password", status_code=204)
async def set_password(body: NewPassword, request: Request, principal: AnyoneBriefly, web: WebDep) -> None:
    """Change one's own password; all other logins of this user end."""
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        stored = await database.fetchval(SQL["password_hash"], principal.id)
    await _prove(web, principal, body.old, stored)
    if body.new == body.old:
        raise Problem("password_same", "it is the present one")
    words = password_rules.words_of(web.deps.settings, principal.login, principal.name)
    await password_rules.demand(body.new, words)
    hashed = await web.deps.passwords.hash(body.new)
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database, database.transaction():
        await database.execute(SQL["set_password_hash"], principal.id, hashed)
        await database.execute(SQL["delete_sessions_of"], principal.id, principal.token_hash)
        await devices.forget_others(database, principal.id, devices.token_of(request))
        await users.record_password(database, principal.id, principal.id, web.now())
    web.hub.close_user(principal.id, spare=principal.token_hash)


@router.post("/ws-ticket")
async def ticket(principal: LiveUser, database: Database, web: WebDep) -> Ticket:
    """A ticket for one websocket."""
    value, until = await sessions.new_ticket(database, principal, web.now())
    return Ticket(ticket=value, url=f"/api/v1/live?ticket={value}", expires_at=until)


async def _prove(web: Web, principal: Principal, password: str, stored: str) -> None:
    """Whoever sits at an open screen may not guess its owner's password; raises Problem."""
    tried = Try(principal.login, "", device="of a login")
    wait = web.limiter.take(tried, web.now())
    if wait:
        raise Problem("too_many", "too many wrong passwords", retry_after=wait)
    with _undone_unheard(web, tried):
        right = await web.deps.passwords.verify(stored, password)
    if not right:
        raise Problem("wrong_password", "the present password is wrong")
    web.limiter.give_back(tried, web.now())


@contextmanager
def _undone_unheard(web: Web, tried: Try, knock: Knock | None = None) -> Iterator[None]:
    """Who is sent away before anybody looked at the password has not tried one, nor tired the address."""
    try:
        yield
    except Problem:
        web.limiter.undo(tried, web.now(), knock)
        raise


def _demand(web: Web, wait: int) -> None:
    """Raises Problem when it is told to wait."""
    if wait:
        web.metrics.logins.labels("limited").inc()
        raise Problem("too_many", "too many failed logins", retry_after=wait)


async def _known(web: Web, login: str, address: str, device: str) -> tuple[Try, Record | None]:
    """What the database knows of who tries to log in from there, and the account of that name."""
    since = web.now() - devices.KEPT
    async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
        row = await database.fetchrow(SQL["login"], login, sessions.digest(device), address, since)
    if row is None:
        return Try(login, address), None
    return Try(login, address, device if row["known_device"] else "", row["known_address"]), row


async def _check(web: Web, tried: Try, row: Record | None, password: str) -> int | None:
    """The user's id when the password is right; no database connection is held while argon2 works."""
    asker = Asker(tried.login, tried.address, tried.known)
    stored = row["password_hash"] if row is not None and row["active"] else None
    if not await web.deps.passwords.verify(stored, password, asker) or row is None:
        return None
    if web.deps.passwords.outdated(row["password_hash"]):
        renewed = await web.deps.passwords.hash(password)
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            await database.execute(SQL["renew_password_hash"], row["id"], renewed, row["password_hash"])
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
        ice_servers=servers_for(settings, account["endpoint"], web.now()),
    )
    user = UserView.model_validate(principal, from_attributes=True)
    return SessionView(user=user, csrf=principal.csrf, expires_at=principal.expires_at, sip=sip)
