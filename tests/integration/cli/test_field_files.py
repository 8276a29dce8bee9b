"""Every file as people really send them gives its right result by the command line."""

import asyncio
import re
from typing import Any

import asyncpg
from typer.testing import CliRunner

from dialer.__main__ import app
from tests.field_results import FILES, NUMBERS, PEOPLE, books_are_right
from tests.integration.cli.test_commands import add_campaign
from tests.integration.fixtures import Database


async def told(dsn: str, *words: str) -> tuple[int, str]:
    """Exit code and all that was said."""
    runner = CliRunner(env={"CADENCIA_DATABASE_URL": dsn})
    result = await asyncio.to_thread(runner.invoke, app, list(words))
    return result.exit_code, result.output


def counts(said: str) -> tuple[int, int]:
    """(accepted, rejected)"""
    new, known = re.findall(r"rows: (\d+) new, (\d+) known", said)[0]
    return int(new) + int(known), int(re.findall(r"(\d+) rejected", said)[-1])


async def test_every_file_by_the_command_line(database: Database) -> None:
    dsn = database.dsn
    await add_campaign(dsn, "field")
    for one in PEOPLE:
        path = str(FILES / one.file)
        words = ("import", path, "--campaign", "field", "--list-name", one.file, "--creditor", one.file)
        code, said = await told(dsn, *words)
        assert (code, "country of numbers without a prefix is not known" in said) == (1, True), one
        for more in (("--dry-run",), ()):
            code, said = await told(dsn, *words, "--region", one.region, *more)
            assert (code, counts(said)) == (0, (one.accepted, one.rejected)), (one, said)
            assert one.reason in said
            assert "this file gives no consent, and the rules of campaign" in said
            assert one.unused.replace(" · ", ", ") in said
    book = str(FILES / "xlsx_title_merged.xlsx")
    said_of = ("--region", "ES", "--creditor", "x", "--dry-run")
    titled = ("import", book, "--campaign", "field", "--list-name", "x", *said_of)
    assert counts((await told(dsn, *titled, "--sheet", "Sheet", "--header-row", "3"))[1]) == (2, 0)
    for wrong, why in (
        (("--header-row", "1"), "required columns are missing"),
        (("--sheet", "B"), "it has: Sheet"),
    ):
        code, said = await told(dsn, *titled, *wrong)
        assert (code, why in said) == (1, True), said
    for numbers in NUMBERS:
        put = ("suppression", "add", str(FILES / numbers.file), "--list", numbers.file)
        code, said = await told(dsn, *put, "--region", numbers.region, "--dry-run")
        assert (code, [number for number in numbers.numbers if number not in said]) == (0, []), said
        assert (await told(dsn, *put, "--region", numbers.region))[0] == 0

    connection = await asyncpg.connect(dsn)
    try:

        async def ask(question: str) -> Any:
            return await connection.fetchval(question)

        await books_are_right(ask)
        for numbers in NUMBERS:
            rows = await connection.fetch(
                "SELECT number FROM suppressed_numbers s JOIN suppression_lists l ON l.id = s.list_id"
                " WHERE l.name = $1 ORDER BY number",
                numbers.file,
            )
            assert tuple(row["number"] for row in rows) == numbers.numbers
    finally:
        await connection.close()
