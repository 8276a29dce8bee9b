"""What an import writes: staged by COPY, then moved by a few statements per batch."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import asyncpg

from portfolio.audit import record_audit
from portfolio.importer.pieces import DEBT_COLUMNS, PHONE_COLUMNS, ROW_COLUMNS, Piece
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.report import Doubt
from portfolio.importer.values import name_key
from portfolio.revival import BY_FILE_AGAIN, revive
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

MARK_LETTERS = 16
"""Of the mark of a row to decide."""
_WORDS = 2
"""Words that two names must share at least, when one has more."""
_REVIVE = ROW_COLUMNS.index("revive")
Dedupe = Literal["list", "campaign", "system"]
_MATCH = ("import_match_id", "import_match_unclaimed")
_SOME_KNOWN = (
    "import_take_persons", "import_known_persons", "import_consents_in", "import_phones_in",
    "import_debts_claim", "import_debts_in",
)  # fmt: skip
_ALL_NEW = ("import_consents_in", "import_phones_new", "import_debts_new")
"""The same where nobody of the piece was known: nothing can be there already, and nothing is looked for."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one batch."""

    imported: int
    updated: int
    repeats: tuple[RowProblem, ...]
    """Rows that repeat an earlier row."""
    doubtful: tuple[Doubt, ...] = ()
    """Rows about a known number with another name and no telephone in common: somebody has to decide."""
    elsewhere: int = 0
    """Persons left out because they are on another list already."""
    revived: int = 0
    """Dead numbers that are called again."""
    dead_again: int = 0
    """Dead numbers that are not: they died again after they had been revived lately."""


class ImportStore:
    """One import on one connection. Every batch is a transaction; a file imported again changes nothing."""

    def __init__(
        self,
        connection: "Connection",
        campaign_id: int,
        *,
        dry_run: bool,
        dedupe: Dedupe = "list",
        same_rows: frozenset[int] = frozenset(),
        decided: frozenset[str] = frozenset(),
    ) -> None:
        self._connection = connection
        self._campaign_id = campaign_id
        self._dry_run = dry_run
        self._dedupe = dedupe
        self._same_rows, self._decided = same_rows, decided
        self.list_id: int | None = None

    async def begin(self, list_name: str) -> None:
        """Make the staging tables and the list; raises ImportRefused without such a campaign."""
        if not await self._connection.fetchval(statements()["campaign_exists"], self._campaign_id):
            raise ImportRefused("unknown_campaign", str(self._campaign_id))
        await self._connection.execute(statements()["import_drop"])
        await self._connection.execute(statements()["import_tables"])
        if not self._dry_run:
            self.list_id = await self._connection.fetchval(
                statements()["list_for"], self._campaign_id, list_name
            )

    async def write(self, piece: Piece) -> BatchResult:
        """Enter a piece, all or nothing. A dry run counts and enters nothing."""
        async with self._connection.transaction():
            await self._connection.execute(statements()["import_lightly"])
            await self._stage(piece)
            if not self._dry_run:
                await self._connection.execute(statements()["import_lock"])
            for name in _MATCH:
                await self._connection.execute(statements()[name])
            doubtful = await self._set_aside()
            rows = len(piece.rows) - len(doubtful)
            repeats = await self._repeats(rows)
            await self._connection.execute(statements()["import_match_phone"])
            rows -= len(repeats)
            new, elsewhere = (await self._count(), 0) if self._dry_run else await self._move(rows)
            revived, dead_again = await self._revive(piece)
        problems = (RowProblem(r["row"], "", "duplicate_row", str(r["repeats"])) for r in repeats)
        return BatchResult(new, rows - new, tuple(problems), doubtful, elsewhere, revived, dead_again)

    async def finish(
        self, source_hash: str, summary: dict[str, int], file_name: str, actor_id: int | None
    ) -> None:
        """Note the file on the list, and the import in the audit."""
        if self.list_id is None:
            return
        async with self._connection.transaction():
            await self._connection.execute(statements()["list_imported"], self.list_id, source_hash)
            line = (self.list_id, file_name[:200], source_hash, json.dumps(summary), actor_id)
            await self._connection.execute(statements()["import_log"], *line)
            await record_audit(
                self._connection, actor_id, "list.import", f"list:{self.list_id}", after=summary
            )

    async def close(self) -> None:
        """Drop the staging tables."""
        if self._connection.is_closed():
            return
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            # A connection that broke meanwhile has none any more.
            await self._connection.execute(statements()["import_drop"])

    async def _set_aside(self) -> tuple[Doubt, ...]:
        """Rows that may be about somebody else than the person of their number; they are not entered."""
        rows = await self._connection.fetch(statements()["import_doubtful"])
        asked = (
            Doubt(row["row"], row["name"], row["known"], _mark(*row))
            for row in rows
            if not _same_name(row["name"], row["known"])
        )
        doubtful = tuple(
            one for one in asked if one.row not in self._same_rows and one.mark not in self._decided
        )
        if doubtful:
            await self._connection.execute(
                statements()["import_set_aside"], sorted({one.row for one in doubtful})
            )
        return doubtful

    async def _repeats(self, rows: int) -> Sequence["asyncpg.Record"]:
        """Mark the rows that repeat an earlier one, and return them; `rows` in the piece."""
        seen = await self._connection.execute(statements()["import_see"])
        if seen == f"INSERT 0 {rows}":
            return ()
        await self._connection.execute(statements()["import_mark_repeats"])
        return await self._connection.fetch(statements()["import_repeats"])

    async def _stage(self, piece: Piece) -> None:
        await self._connection.execute(statements()["import_clear"])
        copy = self._connection.copy_records_to_table
        await copy("import_rows", records=piece.rows, columns=ROW_COLUMNS)
        await copy("import_phones", records=piece.phones, columns=PHONE_COLUMNS)
        await copy("import_debts", records=piece.debts, columns=DEBT_COLUMNS)
        await self._connection.execute(statements()["import_measure"])

    async def _count(self) -> int:
        """How many persons would be new."""
        new: int = await self._connection.fetchval(statements()["import_counts"])
        return new

    async def _move(self, rows: int) -> tuple[int, int]:
        """How many persons were new, and how many were left out; `rows` of the piece that repeat nothing."""
        numbered = _touched(await self._connection.execute(statements()["import_number_persons"]))
        new = _touched(await self._connection.execute(statements()["import_new_persons"]))
        all_new = numbered == rows
        for name in _ALL_NEW if all_new else _SOME_KNOWN:
            await self._connection.execute(statements()[name])
        left_out = await (self._enlist_new() if all_new else self._enlist())
        await self._connection.execute(statements()["import_care"])
        return new, left_out

    async def _revive(self, piece: Piece) -> tuple[int, int]:
        """How many dead numbers the rows bring back to life, and how many not, having died again since."""
        if not any(row[_REVIVE] for row in piece.rows):
            return 0, 0
        now = datetime.now(UTC)
        found = await self._connection.fetch(statements()["import_revivable"], now - BY_FILE_AGAIN)
        wanted = [row["id"] for row in found if not row["again"]]
        if wanted and not self._dry_run:
            await revive(self._connection, wanted, now)
        return len(wanted), len(found) - len(wanted)

    async def _enlist_new(self) -> int:
        """Nobody can be on another list."""
        await self._connection.execute(statements()["import_leads_new"], self.list_id, self._campaign_id)
        return 0

    async def _enlist(self) -> int:
        """How many were left out, being on another list."""
        place = (self.list_id, self._campaign_id, self._dedupe)
        left_out: int = await self._connection.fetchval(statements()["import_leads_in"], *place)
        return left_out


def _mark(*asked: object) -> str:
    """What a question is about, in few letters: another row, number or name has another."""
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:MARK_LETTERS]


def _same_name(one: str, other: str) -> bool:
    """Whether two writings may be one name: a second surname may be left out."""
    few, many = sorted((name_key(one), name_key(other)), key=len)
    return few == many or (len(few) >= _WORDS and few < many)


def _touched(said: str) -> int:
    """Rows of a command, from 'INSERT 0 12' or 'UPDATE 12'."""
    return int(said.rpartition(" ")[2])
