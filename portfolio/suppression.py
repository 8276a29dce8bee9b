"""Numbers that are not called, by lists that others keep: a Robinson list, a creditor's, a regulator's."""

import asyncio
import re
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
from phonenumbers import SUPPORTED_REGIONS

from portfolio.audit import record_audit
from portfolio.importer.lines import Line, LineReader
from portfolio.importer.phones import read_phone
from portfolio.importer.problems import BadValue, ImportRefused, RowProblem
from portfolio.importer.values import clean
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

SHOWN = 20
"""Bad rows that are told of one by one."""
_SHOWN_TEXT = 40
_SEPARATORS = re.compile(r"[;,\t|]")


@dataclass(frozen=True, slots=True)
class Suppressing:
    """How a file of numbers is meant."""

    name: str
    """Of the list; one of that name is added to, or replaced."""
    source: str = ""
    region: str = "ES"
    """ISO 3166; numbers without a plus are read from here."""
    until: datetime | None = None
    """When the numbers may be called again; None = never."""
    replace: bool = False
    """Whether numbers that are not in the file leave the list."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What came of a file: rows = taken + rejected."""

    list_id: int
    rows: int
    taken: int
    rejected: int
    problems: tuple[RowProblem, ...]
    """Of the first SHOWN bad rows."""


class NumberReader:
    """Bytes in, numbers out: one to a line, first column. A first line without digits is a header."""

    def __init__(self, region: str) -> None:
        if region not in SUPPORTED_REGIONS:
            raise ImportRefused("unknown_region", region)
        self._region = region
        self._lines = LineReader()
        self.rows = 0
        self.rejected = 0
        self.problems: list[RowProblem] = []

    def feed(self, chunk: bytes) -> set[str]:
        """Numbers that this chunk completes, in E.164; raises ImportRefused for what is no text."""
        return self._numbers(self._lines.feed(chunk))

    def close(self) -> set[str]:
        """What is left at the end."""
        return self._numbers(self._lines.close())

    def _numbers(self, lines: Iterable[Line]) -> set[str]:
        return {number for line in lines if (number := self._number(line))}

    def _number(self, line: Line) -> str:
        text = _SEPARATORS.split(line.text, maxsplit=1)[0].strip(' "')
        if not text and not line.problem:
            return ""
        self.rows += 1
        try:
            if line.problem:
                raise BadValue(line.problem)
            return read_phone(clean(text), self._region).number
        except BadValue as error:
            if line.row == 1 and text and not any(c.isdigit() for c in text):
                self.rows -= 1
                return ""
            self.rejected += 1
            if len(self.problems) < SHOWN:
                self.problems.append(RowProblem(line.row, "", error.code, text[:_SHOWN_TEXT]))
            return ""


async def suppress(
    connection: "Connection", chunks: AsyncIterable[bytes], wanted: Suppressing, actor_id: int
) -> Suppressed:
    """Put the numbers of a file on a list, all or none; raises ImportRefused for a file without a number."""
    reader = NumberReader(wanted.region)
    async with connection.transaction():
        list_id = await connection.fetchval(statements()["suppression_list_put"], wanted.name, wanted.source)
        if wanted.replace:
            await connection.execute(statements()["suppression_clear"], list_id)
        async for chunk in chunks:
            numbers = await asyncio.to_thread(reader.feed, chunk)
            await connection.execute(statements()["suppress_numbers"], list(numbers), list_id, wanted.until)
        numbers = await asyncio.to_thread(reader.close)
        await connection.execute(statements()["suppress_numbers"], list(numbers), list_id, wanted.until)
        found = Suppressed(
            list_id, reader.rows, reader.rows - reader.rejected, reader.rejected, tuple(reader.problems)
        )
        if found.taken == 0:
            raise ImportRefused("no_numbers")
        counts = {"rows": found.rows, "taken": found.taken, "replaced": wanted.replace}
        await record_audit(
            connection, actor_id, "suppression.put", f"suppression:{wanted.name}", after=counts
        )
    return found


async def ringing(connection: "Connection") -> list[int]:
    """Persons whom we ring now on a number that is on a list since."""
    rows = await connection.fetch(statements()["suppressed_ringing"])
    return [row["person_id"] for row in rows]


async def drop(connection: "Connection", list_id: int, actor_id: int) -> bool:
    """Take a list away, and with it the reason not to call its numbers; False when there is none."""
    async with connection.transaction():
        name = await connection.fetchval(statements()["suppression_drop"], list_id)
        if name is None:
            return False
        await record_audit(connection, actor_id, "suppression.drop", f"suppression:{name}")
    return True
