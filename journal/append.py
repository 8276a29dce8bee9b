"""Write a fact in the transaction that makes it true."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import asyncpg

from journal.events import KEYS, Event
from journal.own import SQL

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


async def append(connection: "Connection", event: Event, *, urgent: bool = True) -> None:
    """Write it; `urgent`: followers are woken at the commit, else they find it within a tenth of a second."""
    kind, version = event.KIND
    data = said(event)
    keys = [data.pop(key, None) for key in KEYS]
    await connection.execute(SQL["append"], kind, version, *keys, json.dumps(data), urgent)


def said(event: Event) -> dict[str, Any]:
    """What it says, by name."""
    return asdict(event)
