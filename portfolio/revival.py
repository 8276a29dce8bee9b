"""A dead number is called again: a person says so, or a file that somebody filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg

from portfolio.audit import record_audit
from portfolio.masking import masked
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

BY_FILE_AGAIN = timedelta(days=90)
"""A file revives a number once in so long: the same file comes every day, and the number has died again."""


class UnknownPhone(LookupError):
    """The person has no such number."""


class NotDead(ValueError):
    """The number is not dead."""


@dataclass(frozen=True, slots=True)
class Revived:
    """What came back to life."""

    phones: int
    leads: int
    """That had ended, or were withdrawn, for want of a number."""


async def revive_phone(
    connection: "Connection", person_id: int, phone_id: int, reason: str, actor_id: int | None, now: datetime
) -> Revived:
    """Call a dead number again, from scratch; raises UnknownPhone, or NotDead."""
    async with connection.transaction():
        await connection.execute(statements()["phones_take_persons"], [phone_id])
        row = await connection.fetchrow(statements()["phone_lock"], person_id, phone_id)
        if row is None:
            raise UnknownPhone(phone_id)
        if row["status"] != "dead":
            raise NotDead(row["status"])
        revived = await revive(connection, [phone_id], now)
        first = row["refused_on"] and row["refused_on"].isoformat()
        await record_audit(
            connection,
            actor_id,
            "phone.revive",
            f"person:{person_id}",
            before={"number": masked(row["number"]), "refused_on": first, "trunk": row["refused_trunk"]},
            after={"phone_id": phone_id, "leads": revived.leads},
            reason=reason[:500],
        )
    return revived


async def revive(connection: "Connection", phone_ids: Sequence[int], now: datetime) -> Revived:
    """Those of these numbers that are dead, and the leads that want one; in the caller's transaction."""
    await connection.execute(statements()["phones_take_persons"], list(phone_ids))
    row = await connection.fetchrow(statements()["phones_revive"], list(phone_ids), now)
    assert row is not None
    return Revived(row["phones"], row["leads"])
