"""Lists of numbers that are not called, by the command line: looked at, filled, and emptied again."""

from pathlib import Path

import asyncpg

from tests.integration.cli.test_commands import cadencia
from tests.integration.fixtures import Database

FILES = Path(__file__).parents[2] / "field_files"


async def put(dsn: str, what: str, file: str, region: str, *more: str) -> tuple[int | None, list[str]]:
    words = ("suppression", what, str(FILES / file), "--list", "Robinson", "--region", region)
    return await cadencia(dsn, *words, *more)


async def numbers(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT number FROM suppressed_numbers ORDER BY number")
        return [row["number"] for row in rows]
    finally:
        await connection.close()


async def reasons(dsn: str) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT action, reason FROM audit ORDER BY id")
        return [(row["action"], row["reason"]) for row in rows]
    finally:
        await connection.close()


async def test_a_list_is_looked_at_filled_and_emptied(database: Database) -> None:
    code, lines = await put(database.dsn, "add", "dnc_id_first.csv", "es", "--dry-run")
    assert (code, lines[0]) == (0, "cadencia: columns telefono of 3, titles in line 1")
    assert lines[1] == "    line 2: 612006001 is +34612006001"
    assert lines[-1] == "cadencia: 2 numbers would come onto Robinson"
    assert await numbers(database.dsn) == []
    assert (await put(database.dsn, "add", "dnc_id_first.csv", "ES"))[0] == 0
    assert await numbers(database.dsn) == ["+34612006001", "+34612006002"]
    code, lines = await put(database.dsn, "remove", "dnc_id_first.csv", "ES", "--reason", "bajas")
    assert (code, lines[-1]) == (0, "cadencia: 2 numbers leave Robinson")
    assert await numbers(database.dsn) == []
    assert (await cadencia(database.dsn, "suppression", "list"))[1][0].split() == ["Robinson", "0"]


async def test_what_cannot_be_done_changes_nothing(database: Database) -> None:
    code, lines = await put(database.dsn, "remove", "mx_repep.txt", "MX", "--reason", "bajas")
    assert (code, lines) == (1, ["cadencia: nothing changed: there is no list of that name: Robinson"])
    code, lines = await put(database.dsn, "add", "mx_repep.txt", "ES")
    assert (code, lines) == (1, ["cadencia: nothing changed: there is no phone number in the file"])
    code, lines = await put(database.dsn, "add", "mx_repep.txt", "MX", "--until", "2020-01-01")
    assert code != 0
    assert "over already" in " ".join(lines)
    assert await numbers(database.dsn) == []


async def test_of_two_telephones_it_is_asked_which_leaves_a_list(database: Database, tmp_path: Path) -> None:
    """Whoever leaves a list by mistake is called; whoever comes onto it by mistake is not."""
    file = tmp_path / "two.csv"
    file.write_text("numero;telefono;movil\n612345600;612006001;612006002\n")
    assert (await put(database.dsn, "add", str(file), "ES"))[0] == 0
    assert await numbers(database.dsn) == ["+34612006001", "+34612006002"]
    code, lines = await put(database.dsn, "remove", str(file), "ES", "--reason", "bajas")
    asked = "more than one column may be the telephone: say which: telefono, movil"
    assert (code, lines) == (1, [f"cadencia: nothing changed: {asked}"])
    assert len(await numbers(database.dsn)) == 2
    column = ("--column", "movil", "--reason", "bajas")
    assert (await put(database.dsn, "remove", str(file), "ES", *column))[0] == 0
    assert await numbers(database.dsn) == ["+34612006001"]


async def test_why_numbers_may_be_called_again_is_asked_and_kept(database: Database, tmp_path: Path) -> None:
    """As the console does, and shows before what stays, comes and leaves."""
    other = tmp_path / "other.csv"
    other.write_text("telefono\n612006002\n612006003\n")
    await put(database.dsn, "add", "dnc_id_first.csv", "ES")
    for words in (("add", str(other), "ES", "--replace"), ("remove", "dnc_id_first.csv", "ES")):
        for reason in ((), ("--reason", "  "), ("--reason", "two\nlines"), ("--reason", "x" * 201)):
            code, lines = await put(database.dsn, *words, *reason)
            assert (code, "--reason" in " ".join(lines)) == (2, True), lines
    assert await numbers(database.dsn) == ["+34612006001", "+34612006002"]
    code, lines = await put(database.dsn, "add", str(other), "ES", "--replace", "--dry-run")
    assert (code, lines[-1]) == (0, "cadencia: 1 stay, 1 come, 1 leave")
    await put(database.dsn, "add", str(other), "ES", "--replace", "--reason", "entrega de noviembre")
    await put(database.dsn, "remove", str(other), "ES", "--reason", " fin de contrato ")
    assert await numbers(database.dsn) == []
    assert await reasons(database.dsn) == [
        ("suppression.put", ""),
        ("suppression.replace", "entrega de noviembre"),
        ("suppression.remove", "fin de contrato"),
    ]
