"""The door of the live wire: origin, sub-protocol, ticket; then agent_ws takes over."""

import asyncpg
import structlog
from fastapi import APIRouter, WebSocket

from agent_ws.closing import CloseCode
from agent_ws.connection import Connection
from agent_ws.live import close, serve_page
from agent_ws.messages import SUBPROTOCOL
from agent_ws.session import opened
from consoles import sessions
from consoles.security import same_origin
from consoles.sessions import Principal
from consoles.web_deps import DATABASE_WAIT, Web, web_of

router = APIRouter()
_log = structlog.get_logger(__name__)


@router.websocket("/live")
async def live(ws: WebSocket, ticket: str = "") -> None:
    """Carry one page's live connection."""
    web = web_of(ws)
    offered = SUBPROTOCOL in ws.scope["subprotocols"]
    await ws.accept(SUBPROTOCOL if offered else None)
    if not offered:
        await close(ws, CloseCode.PROTOCOL, web.metrics.live)
        return
    found = await _admitted(ws, web, ticket)
    if isinstance(found, CloseCode):
        await close(ws, found, web.metrics.live)
        return
    machine = opened(found.id, agent=found.role == "agent", now=web.now())
    connection = Connection(session=machine, role=found.role, login=found.token_hash, address=web.address(ws))

    async def login_valid(connection: Connection) -> bool:
        return await _still_valid(web, connection)

    await serve_page(ws, connection, web.hub, web.metrics.live, login_valid)


async def _admitted(ws: WebSocket, web: Web, ticket: str) -> Principal | CloseCode:
    if not same_origin(ws.headers, web.deps.settings.web_origin):
        return CloseCode.FORBIDDEN
    try:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            principal = await sessions.redeem(database, ticket, web.now())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return CloseCode.OVERLOADED
    if principal is None:
        return CloseCode.UNAUTHENTICATED
    return principal if principal.may("agent", "supervisor") else CloseCode.FORBIDDEN


async def _still_valid(web: Web, connection: Connection) -> bool:
    """Whether the login goes on (and slide its end); a database that is away ends nobody's call screen."""
    try:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            return await sessions.find(database, connection.login, web.now()) is not None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        _log.warning("login_not_checked", user_id=connection.session.user_id)
        return True
