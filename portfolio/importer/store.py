"""What an import writes: staged by COPY, then moved by a few statements per batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from portfolio.audit import record_audit
from portfolio.importer.problems import ImportRefused, RowProblem
from portfolio.importer.rows import PersonRow
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

_ROW_COLUMNS = (
    "row", "key", "external_id", "name", "language", "country", "region", "zone", "priority", "reference",
)  # fmt: skip
_PHONE_COLUMNS = ("row", "number", "kind", "zones", "position")
_DEBT_COLUMNS = ("row", "reference", "creditor", "currency", "balance_minor", "days_past_due")
_MATCH = ("import_see", "import_mark_repeats", "import_match_id", "import_match_phone")
_MOVE = (
    "import_number_persons",
    "import_new_persons",
    "import_known_persons",
    "import_phones_in",
    "import_debts_in",
)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one batch."""

    imported: int
    updated: int
    repeats: tuple[RowProblem, ...]
    """Rows that repeat an earlier row."""


class ImportStore:
    """One import on one connection. Every batch is a transaction; a file imported again changes nothing."""

    def __init__(self, connection: "Connection", campaign_id: int, *, dry_run: bool) -> None:
        self._connection = connection
        self._campaign_id = campaign_id
        self._dry_run = dry_run
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

    async def write(self, rows: Sequence[PersonRow]) -> BatchResult:
        """Enter a batch, all or nothing. A dry run counts and enters nothing."""
        async with self._connection.transaction():
            await self._stage(rows)
            if not self._dry_run:
                await self._connection.execute(statements()["import_lock"])
            for name in _MATCH:
                await self._connection.execute(statements()[name])
            counts = await self._connection.fetchrow(statements()["import_counts"])
            repeats = await self._connection.fetch(statements()["import_repeats"])
            if not self._dry_run:
                await self._move()
        assert counts is not None
        problems = (RowProblem(r["row"], "", "duplicate_row", str(r["repeats"])) for r in repeats)
        return BatchResult(counts["imported"], counts["updated"], tuple(problems))

    async def finish(self, source_hash: str, summary: dict[str, int], actor_id: int | None) -> None:
        """Note the file on the list, and the import in the audit."""
        if self.list_id is None:
            return
        async with self._connection.transaction():
            await self._connection.execute(statements()["list_imported"], self.list_id, source_hash)
            await record_audit(
                self._connection, actor_id, "list.import", f"list:{self.list_id}", after=summary
            )

    async def close(self) -> None:
        """Drop the staging tables."""
        if self._connection.is_closed():
            return
        await self._connection.execute(statements()["import_drop"])

    async def _stage(self, rows: Sequence[PersonRow]) -> None:
        await self._connection.execute(statements()["import_clear"])
        copy = self._connection.copy_records_to_table
        await copy("import_rows", records=[_row(r) for r in rows], columns=_ROW_COLUMNS)
        phones = [
            (r.row, p.number, p.kind, p.zones, position) for r in rows for position, p in enumerate(r.phones)
        ]
        await copy("import_phones", records=phones, columns=_PHONE_COLUMNS)
        debts = [
            (r.row, d.reference, d.creditor, d.currency, d.balance_minor, d.days_past_due)
            for r in rows
            if (d := r.debt) is not None
        ]
        await copy("import_debts", records=debts, columns=_DEBT_COLUMNS)
        await self._connection.execute(statements()["import_measure"])

    async def _move(self) -> None:
        for name in _MOVE:
            await self._connection.execute(statements()[name])
        await self._connection.execute(statements()["import_leads_in"], self.list_id, self._campaign_id)


def _row(row: PersonRow) -> tuple[object, ...]:
    reference = row.debt.reference if row.debt else ""
    return (
        row.row, row.key, row.external_id, row.name, row.language, row.country, row.region, row.zone,
        row.priority, reference,
    )  # fmt: skip
