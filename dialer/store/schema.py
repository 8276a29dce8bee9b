"""What a database looks like, as text from its catalogs: the same for every major version of Postgres.

`python -m dialer.store.schema DSN > migrations/schema.txt` writes down what the migrations make.
"""

import asyncio
import sys

import asyncpg

from dialer.store.sql import queries


async def describe(dsn: str) -> str:
    """Tables, columns, constraints, indexes, functions, triggers and comments, sorted, one fact a line."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        rows = await connection.fetch(queries()["schema_facts"])
    finally:
        await connection.close(timeout=5)
    return "".join(f"{row['fact']}\n" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(describe(sys.argv[1])))
