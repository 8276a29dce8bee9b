"""Flags, consent and wishes of a person, whoever says them; the next question to the gate knows them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import asyncpg

from portfolio.audit import record_audit
from portfolio.contact_rules import BLOCKING_FLAGS, CARE_FLAGS
from portfolio.persons import UnknownPerson
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

FLAGS = BLOCKING_FLAGS | CARE_FLAGS
Consent = Literal["granted", "refused", "withdrawn"]


async def set_flag(
    connection: "Connection",
    person_id: int,
    flag: str,
    raised: bool,
    reason: str,
    actor_id: int | None,
) -> bool:
    """Raise or lower a flag; False when that was so already. Raises UnknownPerson.

    A trigger of the database takes who needs care out of the dialer's lists in the same transaction.
    """
    async with connection.transaction():
        row = await connection.fetchrow(statements()["person_flags"], person_id)
        if row is None:
            raise UnknownPerson(person_id)
        before = list(row["flags"])
        after = sorted({*before, flag}) if raised else [one for one in before if one != flag]
        if set(after) == set(before):
            return False
        await connection.execute(statements()["person_set_flags"], person_id, after)
        await record_audit(
            connection,
            actor_id,
            "person.flags",
            f"person:{person_id}",
            before={"flags": before},
            after={"flags": after},
            reason=reason[:500],
        )
    return True


async def record_consent(
    connection: "Connection",
    person_id: int,
    channel: str,
    state: Consent,
    source: str,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Write what a person agreed to; raises UnknownPerson."""
    async with connection.transaction():
        await _must_exist(connection, person_id)
        line = (person_id, channel, state, source[:200], now, actor_id)
        await connection.execute(statements()["person_consent_add"], *line)
        await connection.execute(statements()["person_consent_set"], person_id)


async def record_wish(
    connection: "Connection", person_id: int, hours: Sequence[tuple[int, int]], actor_id: int | None
) -> None:
    """The hours a person wants to be called in, minutes of the local day; none = any."""
    async with connection.transaction():
        await _must_exist(connection, person_id)
        await connection.execute(statements()["person_prefer"], person_id, json.dumps(list(hours)))
        await record_audit(
            connection, actor_id, "person.wish", f"person:{person_id}", after={"preferred": list(hours)}
        )


async def _must_exist(connection: "Connection", person_id: int) -> None:
    if await connection.fetchrow(statements()["person_lock"], person_id) is None:
        raise UnknownPerson(person_id)
