"""A websocket and its connection in the hub: one reader, one sender, one ticker, until one side ends."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import WebSocket, WebSocketDisconnect

from agent_ws.closing import REASONS, CloseCode
from agent_ws.connection import Connection
from agent_ws.hub import Hub
from agent_ws.metrics import LiveMetrics
from dialer.time_limit import time_limit

SEND_LIMIT = 10.0
"""Seconds a page may take to accept what is sent, then it is dropped."""
TICK = 5.0
"""Seconds between two looks at a connection's clock."""

LoginCheck = Callable[[Connection], Awaitable[bool]]


async def serve_page(
    ws: WebSocket, connection: Connection, hub: Hub, metrics: LiveMetrics, login_valid: LoginCheck
) -> None:
    """Carry an accepted websocket to its end."""
    refused = hub.join(connection)
    if refused is not None:
        await close(ws, refused, metrics)
        return
    try:
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(_read(ws, connection, hub), name="live.read")
            ticker = tasks.create_task(_tick(connection, hub, login_valid), name="live.tick")
            await _write(ws, connection)
            reader.cancel()
            ticker.cancel()
    finally:
        await hub.leave(connection)
    if connection.closing and not connection.gone:
        await close(ws, connection.closing, metrics)


async def close(ws: WebSocket, code: CloseCode, metrics: LiveMetrics) -> None:
    """Close with a documented code; a peer that is already gone is no error."""
    metrics.closed.labels(str(int(code))).inc()
    try:
        async with time_limit(SEND_LIMIT):
            await ws.close(code, REASONS[code])
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        return


async def _read(ws: WebSocket, connection: Connection, hub: Hub) -> None:
    while not connection.closing:
        message = await ws.receive()
        if message["type"] == "websocket.disconnect":
            connection.leave()
            return
        text = message.get("text")
        if text is None:
            connection.close(CloseCode.PROTOCOL)
            return
        await hub.receive(connection, text)


async def _write(ws: WebSocket, connection: Connection) -> None:
    while not (connection.gone or connection.closing):
        await connection.woken()
        try:
            for text in connection.outbox.take():
                async with time_limit(SEND_LIMIT):
                    await ws.send_text(text)
        except TimeoutError:
            connection.close(CloseCode.OVERLOADED)
        except WebSocketDisconnect:
            connection.leave()


async def _tick(connection: Connection, hub: Hub, login_valid: LoginCheck) -> None:
    while not connection.closing:
        await asyncio.sleep(TICK)
        if hub.tick(connection) and not await login_valid(connection):
            connection.close(CloseCode.UNAUTHENTICATED)
