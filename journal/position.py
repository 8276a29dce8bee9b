"""How far somebody has followed: by what a snapshot sees, for ids are not given in the order of commits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import asyncpg

from journal.events import Fact
from journal.own import SQL

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


@dataclass(frozen=True, slots=True)
class Position:
    """Everything that `done` sees was followed, and of what `upto` sees beyond it all up to `after`.

    Snapshots are as pg_current_snapshot() writes them.
    """

    done: str
    upto: str | None = None
    after: tuple[str, int] | None = None
    """(transaction, id)."""


class Rewound(Exception):
    """The database counts its transactions from lower down: it was restored, or is another one."""


def _end(snapshot: str) -> int:
    """The first transaction that a snapshot knows nothing of."""
    return int(snapshot.split(":")[1])


async def present(connection: "Connection") -> Position:
    """Nothing of the past is followed from here."""
    return Position(await connection.fetchval(SQL["present"]))


async def read(
    connection: "Connection", position: Position, kinds: Sequence[str], limit: int
) -> tuple[tuple[Fact, ...], Position]:
    """The next facts of these kinds, at most `limit`, and the position after them."""
    upto = position.upto or await connection.fetchval(SQL["present"])
    if _end(upto) < _end(position.done):
        raise Rewound(f"transactions are counted from {_end(upto)}, and were from {_end(position.done)}")
    after = position.after or ("0", 0)
    rows = await connection.fetch(SQL["read"], position.done, upto, *after, list(kinds), limit)
    facts = tuple(fact_of(row) for row in rows)
    if len(rows) < limit:
        return facts, Position(upto)
    return facts, replace(position, upto=upto, after=(rows[-1]["txid"], rows[-1]["id"]))


def fact_of(row: "asyncpg.Record | dict[str, Any]") -> Fact:
    """A line as a fact."""
    return Fact(
        row["id"], row["at"], row["kind"], row["version"], row["person_id"], row["campaign_id"],
        json.loads(row["data"]),
    )  # fmt: skip
