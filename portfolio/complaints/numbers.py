"""Gives case numbers: to calls that come in and to complaints, from one book, so that none is given twice."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg

from portfolio.complaints.case_number import SPACE, drawn
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

TRIES = 100
"""Numbers drawn until one is free: with nine in ten given, one call in 40 000 would go without."""
CROWDED = (0.8, 0.9, 0.95)
"""Shares of all numbers given at which somebody should know."""


async def give(connection: "Connection", now: datetime, *, draw: Callable[[], str] = drawn) -> str:
    """A number that nobody had before, in the transaction of the caller."""
    for _ in range(TRIES):
        taken = await connection.fetchval(statements("portfolio.complaints")["case_number_take"], draw(), now)
        if taken is not None:
            return str(taken)
    raise RuntimeError("no case number is free")


def crowded(used: int, space: int = SPACE) -> float | None:
    """The highest of CROWDED that is reached; None while there is plenty."""
    return max((share for share in CROWDED if used >= share * space), default=None)


async def used(connection: "Connection") -> int:
    """How many were given, as the database last estimated it: to count ten million takes a second."""
    return max(0, int(await connection.fetchval(statements("portfolio.complaints")["case_numbers_used"])))
