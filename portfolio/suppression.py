"""Numbers that are not called, by lists that others keep: a Robinson list, a creditor's, a regulator's."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

import asyncpg

from portfolio.audit import record_audit
from portfolio.importer.number_columns import NumberColumn
from portfolio.importer.numbers import SAMPLES, SHOWN, HowNumbers, NumberPiece, NumberReader, NumberSample
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.source import Source, open_source
from portfolio.plain_text import is_plain
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

__all__ = ["Action", "HowNumbers", "Suppressed", "Suppressing", "drop", "ringing", "suppress"]

Action = Literal["add", "replace", "remove"]
MAX_NAME = 120
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Suppressing:
    """How a file of numbers is meant."""

    name: str
    """Of the list."""
    how: HowNumbers
    action: Action = "add"
    """'replace': numbers that are not in the file leave the list; 'remove': those in the file leave it."""
    source: str = ""
    until: datetime | None = None
    """When the numbers may be called again; None = never."""
    sheet: str = ""
    """Of a workbook; empty = its first."""
    file_name: str = ""
    dry_run: bool = False
    """Only tells what was understood, and how many numbers it would change."""
    reason: str = ""
    """Why numbers may be called again; for the audit."""

    @property
    def frees(self) -> bool:
        """Whether numbers may be called again afterwards."""
        return self.action != "add"


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What came of a file: rows = taken + rejected."""

    list_id: int | None = None
    """None after a dry run about a list that is not there yet."""
    rows: int = 0
    taken: int = 0
    rejected: int = 0
    changed: int = 0
    """Numbers that came onto the list or left it, or would; repeats may count twice when dry."""
    stays: int = 0
    comes: int = 0
    leaves: int = 0
    """Of a list that is replaced: numbers, in whatever spelling, that stay on it, come and leave."""
    still: int = 0
    """Numbers that left the list, or would, and are not called all the same: another list, or their owner."""
    problems: tuple[RowProblem, ...] = ()
    """Of the first SHOWN bad rows and values."""
    samples: tuple[NumberSample, ...] = ()
    """The first rows as they were understood."""
    columns: tuple[NumberColumn, ...] = ()
    header_row: int = 0
    """Line of the titles; 0 = the file has none."""
    sheets: tuple[str, ...] = ()
    refused: ImportRefused | None = None
    """Why nothing could be taken; only told of when dry."""


async def suppress(
    connection: "Connection", chunks: AsyncIterable[bytes], wanted: Suppressing, actor_id: int | None
) -> Suppressed:
    """Put the numbers of a file on a list or take them off it, all or none; raises ImportRefused.

    It does so for a file without a number, for one of which it is not known where its numbers stand (a dry
    run tells that), for a list that is not there to take numbers off, and without a reason where numbers may
    be called again.
    """
    if not 1 <= len(wanted.name) <= MAX_NAME or not is_plain(wanted.name):
        raise ImportRefused("bad_list_name")
    if wanted.frees and not wanted.dry_run and not wanted.reason.strip():
        raise ImportRefused("reason_needed")
    # A column too many on a list costs a call; one too many taken off calls a stranger who said no.
    reader = partial(NumberReader, replace(wanted.how, only_one=wanted.action == "remove"))
    async with open_source(chunks, reader, wanted.sheet) as source, connection.transaction():
        run = _Run(connection, wanted, await _list(connection, wanted))
        found = await run.all(source)
        if found.refused is not None and not wanted.dry_run:
            raise found.refused
        if not wanted.dry_run:
            await _note(connection, wanted, found, source.sha256, actor_id)
    return found


class _Run:
    """A file on its way onto a list, or off it."""

    def __init__(self, connection: "Connection", wanted: Suppressing, list_id: int | None) -> None:
        self._connection, self._wanted = connection, wanted
        self._found = Suppressed(list_id)
        self._replaces = wanted.action == "replace"

    async def all(self, source: Source[NumberPiece]) -> Suppressed:
        """Read and enter piece by piece."""
        if self._replaces:
            await self._connection.execute(statements()["suppression_kept"])
            await self._connection.execute(statements()["suppression_kept_lines"])
        more = True
        while more:
            pieces, more = await source.read()
            for piece in pieces:
                await self._one(piece)
        found = replace(self._found, sheets=source.sheets)
        if self._replaces:
            found = await self._leave(found)
        if found.taken == 0 and found.refused is None:
            found = replace(found, refused=ImportRefused("no_numbers"))
        return found

    async def _one(self, piece: NumberPiece) -> None:
        before, layout, numbers = self._found, piece.layout, sorted(piece.numbers)
        comes = await self._keep(numbers) if self._replaces else 0
        still = await self._still(numbers) if self._wanted.action == "remove" else 0
        changed = await self._enter(numbers)
        self._found = replace(
            before,
            rows=before.rows + piece.rows,
            taken=before.taken + piece.rows - piece.rejected,
            rejected=before.rejected + piece.rejected,
            changed=before.changed + changed,
            comes=before.comes + comes,
            still=before.still + still,
            problems=(*before.problems, *piece.problems)[:SHOWN],
            samples=(*before.samples, *piece.samples)[:SAMPLES],
            columns=layout.columns,
            header_row=layout.header_row,
            refused=layout.refused,
        )

    async def _enter(self, numbers: list[str]) -> int:
        """How many numbers this changed, or would."""
        ask, wanted, list_id = self._connection, self._wanted, self._found.list_id
        if wanted.dry_run:
            known = await ask.fetchval(statements()["suppression_known"], numbers, list_id)
            return int(known) if wanted.action == "remove" else len(numbers) - int(known)
        if wanted.action == "remove":
            return _touched(await ask.execute(statements()["suppression_remove"], numbers, list_id))
        values = (numbers, list_id, wanted.until)
        return _touched(await ask.execute(statements()["suppress_numbers"], *values))

    async def _keep(self, numbers: list[str]) -> int:
        """Note what the file names; how many of these come onto the list, before they do."""
        ask = self._connection
        comes = await ask.fetchval(statements()["suppression_comes"], numbers, self._found.list_id)
        await ask.execute(statements()["suppression_keep"], numbers)
        return int(comes)

    async def _leave(self, found: Suppressed) -> Suppressed:
        """What the file does not name leaves the list, or would: only about those is anybody asked again."""
        row = await self._connection.fetchrow(statements()["suppression_leaves"], found.list_id)
        assert row is not None
        found = replace(
            found, stays=row["named"] - found.comes, leaves=row["leaves"], still=row["still"],
            changed=found.comes + row["leaves"] if self._wanted.dry_run else found.changed,
        )  # fmt: skip
        if self._wanted.dry_run:
            return found
        left = await self._connection.execute(statements()["suppression_leave"], found.list_id)
        return replace(found, changed=found.changed + _touched(left))

    async def _still(self, numbers: list[str]) -> int:
        found = await self._connection.fetchval(
            statements()["suppression_still"], numbers, self._found.list_id
        )
        return int(found)


async def _list(connection: "Connection", wanted: Suppressing) -> int | None:
    """The list, made where it is wanted."""
    if wanted.dry_run or wanted.action == "remove":
        known: int | None = await connection.fetchval(statements()["suppression_list_named"], wanted.name)
        if known is None and wanted.action == "remove":
            raise ImportRefused("unknown_list", wanted.name)
        return known
    made: int = await connection.fetchval(statements()["suppression_list_put"], wanted.name, wanted.source)
    return made


async def _note(
    connection: "Connection", wanted: Suppressing, found: Suppressed, sha256: str, actor_id: int | None
) -> None:
    """Who put which file on the list, or took it off."""
    after = {
        "file": wanted.file_name[:200], "sha256": sha256, "rows": found.rows, "taken": found.taken,
        "changed": found.changed, "comes": found.comes, "leaves": found.leaves,
        "columns": [one.header for one in found.columns if one.used],
    }  # fmt: skip
    said = {"add": "put", "replace": "replace", "remove": "remove"}[wanted.action]
    subject = f"suppression:{wanted.name}"
    await record_audit(
        connection, actor_id, f"suppression.{said}", subject, after=after, reason=wanted.reason
    )


async def ringing(connection: "Connection") -> list[int]:
    """Persons whom we ring now on a number that is on a list since."""
    rows = await connection.fetch(statements()["suppressed_ringing"])
    return [row["person_id"] for row in rows]


async def drop(connection: "Connection", list_id: int, actor_id: int, reason: str) -> bool:
    """Take a list away, and with it the reason not to call its numbers; False when there is none."""
    async with connection.transaction():
        name = await connection.fetchval(statements()["suppression_drop"], list_id)
        if name is None:
            return False
        await record_audit(connection, actor_id, "suppression.drop", f"suppression:{name}", reason=reason)
    return True


def _touched(said: str) -> int:
    """Rows of a command, from 'INSERT 0 12' or 'DELETE 12'."""
    return int(said.rpartition(" ")[2])
