"""Every statement of the consoles is one that the database understands."""

import asyncpg

from consoles.sql import SQL
from tests.integration.fixtures import Database


async def test_every_statement_can_be_prepared(database: Database) -> None:
    connection = await asyncpg.connect(database.dsn)
    try:
        for name, statement in SQL.items():
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                raise AssertionError(f"{name}: {error}") from error
    finally:
        await connection.close()
