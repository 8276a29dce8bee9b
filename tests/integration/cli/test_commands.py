"""The command line on a real database: accounts and campaigns that are made, and those that are not."""

import asyncio
import os
import sys

import asyncpg
import pytest

from consoles.passwords import MAX_LENGTH, MIN_LENGTH
from portfolio.rule_packs import pack_text
from tests.integration.fixtures import Database
from tests.integration.services import free_port

GOOD = "correct horse 1"


async def cadencia(dsn: str, *words: str, lab: bool = False) -> tuple[int | None, list[str]]:
    """Exit code, and the lines of both outputs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"CADENCIA_DATABASE_URL": dsn, "CADENCIA_LABORATORY": str(lab)},
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    return process.returncode, out.decode().splitlines()


async def add_user(dsn: str, login: str, password: str = GOOD, *more: str) -> tuple[int | None, list[str]]:
    words = ("users", "add", login, "--name", "Ana", "--role", "agent", "--password", password)
    return await cadencia(dsn, *words, *more)


async def add_campaign(dsn: str, code: str, *more: str, lab: bool = False) -> tuple[int | None, list[str]]:
    words = ("--name", "C", "--trunk", "t", "--caller-id", "+34910000000", *more)
    return await cadencia(dsn, "campaigns", "add", code, *words, lab=lab)


async def _fetch(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_login_is_taken_once(database: Database) -> None:
    code, lines = await add_user(database.dsn, "ana")
    assert (code, lines[0].startswith("cadencia: user ana has id ")) == (0, True)
    assert await add_user(database.dsn, "ana") == (
        1,
        ["cadencia: not added: Key (login)=(ana) already exists."],
    )


async def test_a_malformed_login_is_told_without_the_row(database: Database) -> None:
    assert await add_user(database.dsn, "Ana Agente") == (
        1,
        ["cadencia: not added: malformed value, see users_login_check in users"],
    )


@pytest.mark.parametrize("length", [MIN_LENGTH - 1, MAX_LENGTH + 1])
async def test_a_password_that_nobody_could_log_in_with_is_refused(database: Database, length: int) -> None:
    code, lines = await add_user(database.dsn, "ana", "x" * length)
    assert code != 0
    assert "8 to 256 characters" in " ".join(lines)
    assert await _fetch(database.dsn, "SELECT count(*) FROM users") == 0


@pytest.mark.parametrize("length", [MIN_LENGTH, MAX_LENGTH])
async def test_the_shortest_and_the_longest_password_are_taken(database: Database, length: int) -> None:
    code, _ = await add_user(database.dsn, "ana", "x" * length)
    assert code == 0


async def test_a_campaign_is_made_once_and_its_code_is_well_formed(database: Database) -> None:
    code, _ = await add_campaign(database.dsn, "spring")
    assert code == 0
    assert await add_campaign(database.dsn, "spring") == (
        1,
        ["cadencia: not added: Key (code)=(spring) already exists."],
    )
    assert await add_campaign(database.dsn, "Spring Time") == (
        1,
        ["cadencia: not added: malformed value, see campaigns_code_check in campaigns"],
    )
    assert await _fetch(database.dsn, "SELECT count(*) FROM campaigns") == 1


async def own_pack(dsn: str, name: str, body: str) -> None:
    """A pack as the firm published it."""
    connection = await asyncpg.connect(dsn)
    try:
        made = "INSERT INTO rule_packs (name, version, body, published_at) VALUES ($1, 1, $2, now())"
        await connection.execute(made, name, body)
    finally:
        await connection.close()


async def test_a_campaign_under_a_pack_of_one_s_own_that_is_for_the_laboratory(database: Database) -> None:
    """It is known by its mark, wherever it comes from; a pack that is nowhere is refused at once."""
    await own_pack(database.dsn, "mi-lab", pack_text("lab-open").replace("name: lab-open", "name: mi-lab"))
    code, lines = await add_campaign(database.dsn, "one", "--rule-pack", "mi-lab")
    assert (code, "for the laboratory only" in " ".join(lines)) == (2, True)
    code, _ = await add_campaign(database.dsn, "one", "--rule-pack", "mi-lab", lab=True)
    assert code == 0
    code, lines = await add_campaign(database.dsn, "two", "--rule-pack", "mi-lba", lab=True)
    assert (code, "there is no rule pack mi-lba" in " ".join(lines)) == (2, True)
    assert await _fetch(database.dsn, "SELECT count(*) FROM campaigns") == 1


@pytest.mark.parametrize(("words", "said"), [((), "no se puede usar"), (("--english",), "cannot be used")])
async def test_the_doctor_speaks_spanish_unless_asked(words: tuple[str, ...], said: str) -> None:
    code, lines = await cadencia(f"postgres://nobody@127.0.0.1:{free_port()}/nothing", "check", *words)
    assert code == 1
    assert any(line.startswith(f"FAIL database: {said}") for line in lines), lines


async def test_trunks_are_limited_and_listed(database: Database) -> None:
    dsn = database.dsn
    assert (await cadencia(dsn, "trunks", "set", "my-trunk", "--lines", "30", "--cps", "2.5"))[0] == 0
    assert (await cadencia(dsn, "trunks", "set", "my-trunk", "--lines", "20", "--strip", "34"))[0] == 0
    assert (await cadencia(dsn, "trunks", "set", "my-trunk", "--prefix", "0a"))[0] != 0
    assert (await cadencia(dsn, "trunks", "set", "no trunk"))[0] != 0
    code, lines = await cadencia(dsn, "trunks", "list")
    assert (code, [line.split(maxsplit=1) for line in lines]) == (
        0,
        [
            [
                "my-trunk",
                "at most 20 lines, any number of calls per second, +34910000000 is dialled as 910000000",
            ]
        ],
    )
