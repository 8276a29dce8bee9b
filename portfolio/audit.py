"""The audit trail, as this package writes it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import asyncpg

from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


async def record_audit(
    connection: "Connection",
    actor_id: int | None,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Add one line, in the transaction of what it tells of."""
    await connection.execute(
        statements()["audit_add"], actor_id, action, subject, _json(before), _json(after), reason
    )


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value))
