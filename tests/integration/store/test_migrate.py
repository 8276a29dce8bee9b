"""The migrations run forward and back, once, and make exactly the schema that is written down."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import asyncpg
import pytest

from dialer.exceptions import MigrationFailed, RolesAtWork, SchemaTooNew, StoreUnavailable
from dialer.model.call import TRANSITIONS, CallState
from dialer.store.migrate import migrate, pending, read_migrations, rollback, unfit
from dialer.store.postgres import PostgresStore
from dialer.store.schema import describe
from portfolio.sql import statements
from tests.integration.fixtures import Database
from tests.integration.services import free_port

VERSIONS = tuple(migration.version for migration in read_migrations())


async def test_empty_forward_makes_the_committed_schema(empty_database: Database) -> None:
    assert await migrate(empty_database.dsn) == VERSIONS
    written = resources.files("migrations").joinpath("schema.txt").read_text("utf-8")
    assert await describe(empty_database.dsn) == written


async def test_back_leaves_nothing_and_forward_again_makes_the_same(empty_database: Database) -> None:
    await migrate(empty_database.dsn)
    schema = await describe(empty_database.dsn)
    assert await rollback(empty_database.dsn, len(VERSIONS)) == VERSIONS[::-1]
    assert await describe(empty_database.dsn) == ""
    await migrate(empty_database.dsn)
    assert await describe(empty_database.dsn) == schema


async def test_a_second_run_does_nothing(empty_database: Database) -> None:
    await migrate(empty_database.dsn)
    assert await pending(empty_database.dsn) == ()
    assert await migrate(empty_database.dsn) == ()


async def test_two_at_once_run_each_migration_once(empty_database: Database) -> None:
    runs = await asyncio.gather(*(migrate(empty_database.dsn) for _ in range(3)))
    assert sorted(runs) == [(), (), VERSIONS]


async def test_target_stops_there(empty_database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "0001_a", "CREATE TABLE a ();", "DROP TABLE a;")
    _write(tmp_path, "0002_b", "CREATE TABLE b ();", "DROP TABLE b;")
    assert await migrate(empty_database.dsn, target="0001", folder=tmp_path) == ("0001",)
    assert await pending(empty_database.dsn, folder=tmp_path) == ("0002",)
    with pytest.raises(MigrationFailed, match="no migration 0009"):
        await migrate(empty_database.dsn, target="0009", folder=tmp_path)


async def test_a_limit_that_told_no_machine_becomes_the_new_one_and_back(empty_database: Database) -> None:
    await migrate(empty_database.dsn, target="0031")
    connection = await asyncpg.connect(empty_database.dsn)
    await connection.execute(
        "INSERT INTO campaigns (code, name, trunk, caller_id, settings) VALUES"
        " ('alfa', 'alfa', 't', '+34910000000', '{\"screening_limit\": 7.0}'),"
        " ('beta', 'beta', 't', '+34910000000', '{\"screening_limit\": 5.0, \"screening\": \"amd\"}'),"
        " ('gamma', 'gamma', 't', '+34910000000', '{}')"
    )
    limits = "SELECT code, settings ->> 'screening_limit', settings_version FROM campaigns ORDER BY code"
    await migrate(empty_database.dsn, target="0032")
    assert list(map(tuple, await connection.fetch(limits))) == [
        ("alfa", "9.25", 2), ("beta", "5.0", 1), ("gamma", None, 1),
    ]  # fmt: skip
    assert await connection.fetchval("SELECT count(*) FROM campaign_versions WHERE version = 2") == 1
    await rollback(empty_database.dsn, len(VERSIONS) - VERSIONS.index("0031") - 1)
    assert [row[1] for row in await connection.fetch(limits)] == ["7.0", "5.0", None]
    await connection.close()


async def test_leads_that_are_there_are_counted_and_an_index_that_was_made_before_is_taken(
    empty_database: Database,
) -> None:
    await migrate(empty_database.dsn, target="0032")
    connection = await asyncpg.connect(empty_database.dsn)
    await connection.execute(
        "INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('alfa', 'alfa', 't', '+34910000000');"
        "INSERT INTO lists (campaign_id, name) SELECT id, 'l' FROM campaigns;"
        "INSERT INTO persons (name) SELECT 'Eva' FROM generate_series(1, 5);"
        "INSERT INTO leads (list_id, campaign_id, person_id, status)"
        " SELECT i.id, campaign_id, p.id, CASE WHEN p.id < 4 THEN 'open' ELSE 'done' END"
        " FROM persons p, lists i"
    )
    await connection.execute(
        "CREATE INDEX CONCURRENTLY leads_timed ON leads (campaign_id, resting, next_at)"
        " WHERE status = 'open' AND next_at > '-infinity'"
    )
    await migrate(empty_database.dsn)
    rows = await connection.fetch("SELECT status, leads FROM lead_counts ORDER BY status")
    await connection.close()
    assert list(map(tuple, rows)) == [("done", 2), ("open", 3)]


async def test_who_was_stopped_before_is_waked_by_a_lifted_stop_too(empty_database: Database) -> None:
    """Also whom a file brought when they had said stop already, and whom care withdrew."""
    await migrate(empty_database.dsn, target="0022")
    connection = await asyncpg.connect(empty_database.dsn)
    await connection.execute(
        "INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('alfa', 'alfa', 't', '+34910000000');"
        "INSERT INTO lists (campaign_id, name) SELECT id, 'l' || n FROM campaigns, generate_series(1, 2) n;"
        "INSERT INTO persons (name, stopped_at) VALUES ('stopped', now()), ('cared', NULL), ('other', NULL);"
        "INSERT INTO leads (list_id, campaign_id, person_id, status, held_by)"
        " SELECT i.id, campaign_id, p.id, 'withdrawn', v.held_by FROM persons p JOIN (VALUES"
        " ('stopped', 'l1', 'stop'), ('stopped', 'l2', ''), ('cared', 'l1', 'care'), ('other', 'l1', ''))"
        " AS v (person, list, held_by) ON p.name = v.person JOIN lists i ON i.name = v.list"
    )
    await migrate(empty_database.dsn)
    await connection.execute("UPDATE persons SET stopped_at = NULL WHERE name = 'stopped'")
    rows = await connection.fetch(
        "SELECT p.name, l.held_by, l.held_rules FROM leads l JOIN persons p ON p.id = l.person_id"
    )
    await connection.close()
    assert Counter(map(tuple, rows)) == Counter(
        [("stopped", "stop", -1)] * 2 + [("cared", "care", 2**63 - 1), ("other", "", None)]
    )


async def test_a_failing_migration_leaves_no_half_of_itself(empty_database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "0001_a", "CREATE TABLE a (); CREATE TABLE a ();", "DROP TABLE a;")
    with pytest.raises(MigrationFailed, match=r"0001_a: .*already exists"):
        await migrate(empty_database.dsn, folder=tmp_path)
    assert await describe(empty_database.dsn) == ""


async def test_a_database_from_the_future_is_left_alone(empty_database: Database, tmp_path: Path) -> None:
    await migrate(empty_database.dsn)
    _write(tmp_path, "9999_other", "CREATE TABLE a ();", "DROP TABLE a;")
    with pytest.raises(MigrationFailed, match="does not know"):
        await migrate(empty_database.dsn, folder=tmp_path)


def test_a_file_without_a_way_back_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("0001_a.sql").write_text("-- migrate:up\nCREATE TABLE a ();\n")
    with pytest.raises(MigrationFailed, match="migrate:down"):
        read_migrations(tmp_path)


def test_a_number_stands_once(tmp_path: Path) -> None:
    _write(tmp_path, "0001_a", "SELECT 1;", "SELECT 1;")
    _write(tmp_path, "0001_b", "SELECT 1;", "SELECT 1;")
    with pytest.raises(MigrationFailed, match="same number"):
        read_migrations(tmp_path)


async def test_the_schema_does_not_go_back_under_those_who_work_with_it(empty_database: Database) -> None:
    dsn = empty_database.dsn
    await migrate(dsn)
    async with PostgresStore.open(dsn):
        with pytest.raises(RolesAtWork, match=r"engine \(1\)"):
            await rollback(dsn)
        assert await pending(dsn) == ()
        assert await rollback(dsn, force=True) == VERSIONS[-1:]
    await migrate(dsn)
    assert await rollback(dsn) == VERSIONS[-1:]


async def test_a_role_sees_whether_the_schema_is_its_own(empty_database: Database, tmp_path: Path) -> None:
    dsn = empty_database.dsn
    assert await unfit(dsn) == VERSIONS
    assert await describe(dsn) == ""
    await migrate(dsn)
    assert await unfit(dsn) == ()
    await rollback(dsn)
    assert await unfit(dsn) == VERSIONS[-1:]
    _write(tmp_path, "0001_old", "SELECT 1;", "SELECT 1;")
    with pytest.raises(SchemaTooNew, match="newer version"):
        await unfit(dsn, folder=tmp_path)


async def test_no_database_is_said_so() -> None:
    with pytest.raises(StoreUnavailable):
        await migrate(f"postgresql://cadencia@127.0.0.1:{free_port()}/none")


async def test_the_database_knows_the_same_table_of_calls(database: Database) -> None:
    connection = await asyncpg.connect(database.dsn)
    rows = await connection.fetch("SELECT from_state, event, to_state FROM call_transitions")
    await connection.close()
    stored = {(row["from_state"], row["event"]): row["to_state"] for row in rows}
    assert stored == {(state.value, event.value): to.value for (state, event), (to, _) in TRANSITIONS.items()}
    assert CallState.ENDED.value not in {from_state for from_state, _ in stored}


async def test_what_rules_ask_of_lines_is_found_by_its_index_from_the_first_call_on(
    empty_database: Database,
) -> None:
    """An index over an expression has no statistics of its own before somebody looks."""
    await migrate(empty_database.dsn, target="0016")
    connection = await asyncpg.connect(empty_database.dsn)
    try:
        await connection.execute(_BEFORE_LINES)
        await migrate(empty_database.dsn)
        known = {row["tablename"] for row in await connection.fetch("SELECT tablename FROM pg_stats")}
        lines = {"phones_line", "contacts_line", "do_not_call_line", "suppressed_numbers_line"}
        assert lines - known == set()
        assert {"persons", "debts"} - known == set()
        plan = await connection.fetch(f"EXPLAIN {statements()['person_ledger']}", 1, datetime.now(UTC))
    finally:
        await connection.close()
    assert not [row[0] for row in plan if "Seq Scan on contacts" in row[0]]


_BEFORE_LINES = """
    INSERT INTO persons (external_id, name) SELECT n::text, 'Ana' FROM generate_series(1, 20000) AS n;
    INSERT INTO phones (person_id, number) SELECT id, '+346' || lpad(id::text, 8, '0') FROM persons;
    INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)
    SELECT id, 'D', 'Banco', 'EUR', 1 FROM persons;
    INSERT INTO contacts (person_id, number, kind, at)
    SELECT person_id, number, 'machine', now() - person_id * interval '1 minute' FROM phones;
    INSERT INTO do_not_call (number) SELECT number FROM phones LIMIT 9;
    INSERT INTO suppression_lists (name) VALUES ('one');
    INSERT INTO suppressed_numbers (number, list_id)
    SELECT number, l.id FROM phones JOIN suppression_lists l ON true LIMIT 9
"""


def _write(folder: Path, name: str, up: str, down: str) -> None:
    folder.joinpath(f"{name}.sql").write_text(f"-- migrate:up\n{up}\n-- migrate:down\n{down}\n")
