"""Whether a callback may be promised: what the gate will say when it is due, asked of the database."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from portfolio.contact_rules import EntryKind, Foreseen, LedgerEntry, foresee
from portfolio.persons import get_person, ledger_of
from portfolio.rule_packs.shelf import SHELF
from portfolio.sql import statements
from portfolio.why import asked_for, pack_to_read

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


@dataclass(frozen=True, slots=True)
class Wish:
    """A callback that somebody is about to agree."""

    at: datetime
    own: bool = False
    """Whether an agent wants to make it: who waits for a call has more leave than the dialer."""


async def foresee_after_call(
    connection: "Connection", call_id: UUID, agent_id: int, wish: Wish, now: datetime
) -> Foreseen | None:
    """Of a callback agreed in this agent's call; None = the agent has no such call."""
    call = await connection.fetchrow(statements()["agreed_in"], call_id, agent_id)
    if call is None:
        return None
    # A conversation is written at its end; by the time the callback is due, it will have been one.
    talk = LedgerEntry(EntryKind.CONVERSATION, call["connected_at"] or now, number=call["number"])
    return await _foresee(connection, call, wish, now, () if call["written"] else (talk,))


async def foresee_move(
    connection: "Connection", callback_id: int, wish: Wish, now: datetime
) -> Foreseen | None:
    """Of a callback that is agreed already, at another time; None = there is none to be made."""
    found = await connection.fetchrow(statements()["callback_to_move"], callback_id)
    return None if found is None else await _foresee(connection, found, wish, now, ())


async def _foresee(
    connection: "Connection", lead: asyncpg.Record, wish: Wish, now: datetime, more: tuple[LedgerEntry, ...]
) -> Foreseen | None:
    """All that the gate is told, as for 'why?'; asked in a thread, as a first look at a pack is long."""
    person = await get_person(connection, lead["person_id"], now)
    await SHELF.refresh(connection)
    rows = await connection.fetch(statements()["person_leads"], lead["person_id"], wish.at)
    row = next((one for one in rows if one["id"] == lead["lead_id"]), None)
    if row is None:
        return None
    pack = await asyncio.to_thread(pack_to_read, row["rule_pack"])
    if pack is None:
        return Foreseen(wish.at, "rule_pack_unusable")
    if pack.lab_only and not SHELF.laboratory:
        return Foreseen(wish.at, "rule_pack_lab_only")
    ledger = (*await ledger_of(connection, lead["person_id"], now - pack.memory), *more)
    facts, approach = asked_for(row, person, now)
    approach = replace(approach, agent_reserved=approach.agent_reserved or wish.own)
    addresses = [phone.address for phone in person.phones]
    return await asyncio.to_thread(foresee, facts, addresses, pack, ledger, wish.at, approach)
