"""Browsers that users have logged in from: a long-lived cookie that proves nothing but that."""

import secrets
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from consoles.sessions import digest
from consoles.sql import SQL
from consoles.web_deps import Connection, Web

COOKIE = "cadencia_device"
KEPT = timedelta(days=90)
"""A browser is a stranger again when it has not logged in for so long."""
MAX_DEVICES = 20
"""Browsers kept of one user; the one unused for longest is forgotten first."""
_TOKEN_LENGTH = 43
"""Characters of token_urlsafe(32)."""


def token_of(connection: HTTPConnection) -> str:
    """The browser's token; empty when it has none."""
    token = connection.cookies.get(COOKIE, "")
    return token if len(token) == _TOKEN_LENGTH else ""


async def remember(database: Connection, user_id: int, token: str, address: str, now: datetime) -> str:
    """Note that this user logged in here; returns the browser's token, a new one if it had none."""
    token = token or secrets.token_urlsafe(32)
    async with database.transaction():
        await database.execute(SQL["remember_device"], digest(token), user_id, address, now)
        await database.execute(SQL["trim_devices"], user_id, MAX_DEVICES)
    return token


async def forget_others(database: Connection, user_id: int, token: str) -> None:
    """All browsers of a user but one are strangers again."""
    await database.execute(SQL["forget_devices"], user_id, digest(token))


async def purge(database: Connection, now: datetime) -> None:
    """Forget those that have not come for long."""
    await database.execute(SQL["purge_devices"], now - KEPT)


def set_cookie(response: Response, token: str, web: Web) -> None:
    """Give the browser its token; only the login gets to see it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(KEPT.total_seconds()),
        path="/api/v1/session",
        httponly=True,
        samesite="strict",
        secure=web.deps.settings.cookie_secure,
    )
