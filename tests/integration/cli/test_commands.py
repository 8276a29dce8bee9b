"""The command line on a real database: accounts and campaigns that are made, and those that are not."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from consoles.password_rules import MIN_LENGTH
from consoles.passwords import MAX_LENGTH, Passwords
from portfolio.rule_packs import pack_text
from tests.integration.fixtures import Database
from tests.integration.services import free_port
from tests.unit.dialer.ami.manager_server import Connection, Headers, Reaction, manager_server

GOOD = "correct horse 1"


STOP_CAMPAIGNS = Path(__file__).resolve().parents[3] / "deploy" / "server" / "stop-campaigns.sql"


async def cadencia(
    dsn: str, *words: str, lab: bool = False, ami: int | None = None
) -> tuple[int | None, list[str]]:
    """Exit code, and the lines of both outputs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"CADENCIA_DATABASE_URL": dsn, "CADENCIA_LABORATORY": str(lab)}
        | {"CADENCIA_AMI_PORT": str(ami or free_port())},
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    return process.returncode, out.decode().splitlines()


async def add_user(dsn: str, login: str, password: str = GOOD, *more: str) -> tuple[int | None, list[str]]:
    words = ("users", "add", login, "--name", "Ana", "--role", "agent", "--password", password)
    return await cadencia(dsn, *words, *more)


async def add_campaign(
    dsn: str, code: str, *more: str, lab: bool = False, ami: int | None = None
) -> tuple[int | None, list[str]]:
    words = ("--name", "C", "--trunk", "t", "--caller-id", "+34910000000", *more)
    return await cadencia(dsn, "campaigns", "add", code, *words, lab=lab, ami=ami)


def knows(*trunks: str) -> Reaction:
    """A PBX with these trunks."""

    def answer(link: Connection, action: Headers) -> None:
        there = any(name in action["Variable"] for name in trunks)
        link.answer(action, "Success", f"Value: {'NOT_INUSE' if there else ''}")

    return answer


async def test_a_campaign_is_made_of_what_exists_or_not_at_all(database: Database) -> None:
    async with manager_server() as pbx:
        pbx.reactions["Getvar"] = knows("PJSIP/carrier", "(carrier,")
        there = ("--trunk", "carrier")
        code, lines = await add_campaign(database.dsn, "one", *there, "--caller-id", "+34999", ami=pbx.port)
        assert (code, "+34999 is no number in E.164" in " ".join(lines)) == (2, True)
        code, lines = await add_campaign(database.dsn, "one", "--trunk", "carter", ami=pbx.port)
        assert (code, "Asterisk knows no trunk carter" in " ".join(lines)) == (2, True)
        assert await _fetch(database.dsn, "SELECT count(*) FROM campaigns") == 0
        code, lines = await add_campaign(database.dsn, "one", *there, ami=pbx.port)
        assert (code, lines[0].startswith("cadencia: campaign one has id ")) == (0, True)


async def test_a_campaign_whose_trunk_cannot_be_asked_for_is_made_and_the_doubt_told(
    database: Database,
) -> None:
    code, lines = await add_campaign(database.dsn, "one")
    assert code == 0
    assert lines[1].startswith("cadencia: Asterisk could not be asked for t (")


async def test_a_campaign_that_may_not_show_its_number_is_made_and_that_told(database: Database) -> None:
    # In the firm's registry, or from 28-12-2026 that is what the rules miss first.
    await _fetch(database.dsn, "INSERT INTO caller_ids (number) VALUES ('+34600000001') RETURNING number")
    shown = ("--rule-pack", "es-collections", "--caller-id", "+34600000001")
    code, lines = await add_campaign(database.dsn, "one", *shown)
    assert code == 0
    assert lines[-1].endswith("(caller_id_prefix): it calls nobody"), lines


async def _fetch(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_after_a_restore_no_campaign_dials_and_the_books_say_why(database: Database) -> None:
    for name in ("one", "two"):
        await add_campaign(database.dsn, name)
    connection = await asyncpg.connect(database.dsn)
    try:
        await connection.execute("UPDATE campaigns SET status = 'running' WHERE code = 'one'")
        await connection.execute(STOP_CAMPAIGNS.read_text())
        await connection.execute(STOP_CAMPAIGNS.read_text())
        rows = await connection.fetch(
            "SELECT c.code, c.status, c.settings_version, v.status AS written, v.reason, a.reason AS audited"
            " FROM campaigns c JOIN campaign_versions v"
            " ON v.campaign_id = c.id AND v.version = c.settings_version"
            " LEFT JOIN audit a ON a.action = 'campaign.stop' AND a.subject = 'campaign:' || c.id"
            " ORDER BY c.code"
        )
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == [
        ("one", "stopped", 2, "stopped", "restored from a backup", "restored from a backup"),
        ("two", "stopped", 1, "stopped", "created", None),
    ]


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


LONG = "Pez quinqué 7 " * 40


@pytest.mark.parametrize(
    ("password", "why"),
    [
        (LONG[: MIN_LENGTH - 1], "fewer than 12"),
        (LONG[: MAX_LENGTH + 1], "more than 256"),
        ("qwertyuiop12", "much used"),
        ("ana.Cadencia.1", "name"),
    ],
)
async def test_a_password_that_should_not_be_is_refused(database: Database, password: str, why: str) -> None:
    code, lines = await add_user(database.dsn, "ana", password)
    assert code != 0
    assert why in " ".join(lines)
    assert await _fetch(database.dsn, "SELECT count(*) FROM users") == 0


@pytest.mark.parametrize("length", [MIN_LENGTH, MAX_LENGTH])
async def test_the_shortest_and_the_longest_password_are_taken(database: Database, length: int) -> None:
    code, _ = await add_user(database.dsn, "ana", LONG[:length])
    assert code == 0


async def test_a_lost_password_is_replaced_and_whoever_was_logged_in_is_out(database: Database) -> None:
    await add_user(database.dsn, "ana")
    await _fetch(
        database.dsn,
        "INSERT INTO sessions (token_hash, user_id, csrf_token, created_at, seen_at, expires_at)"
        " SELECT 'x', id, 'y', now(), now(), now() + interval '1 h' FROM users",
    )
    code, lines = await cadencia(database.dsn, "users", "passwd", "ana", "--password", "supervisor12")
    assert (code != 0, "trade" in " ".join(lines)) == (True, True)
    assert await _fetch(database.dsn, "SELECT count(*) FROM sessions") == 1
    code, _ = await cadencia(database.dsn, "users", "passwd", "ana", "--password", LONG[:20])
    assert code == 0
    assert await _fetch(database.dsn, "SELECT count(*) FROM sessions") == 0
    stored = str(await _fetch(database.dsn, "SELECT password_hash FROM users"))
    passwords = Passwords()
    assert await passwords.verify(stored, LONG[:20])
    assert await _fetch(database.dsn, "SELECT count(*) FROM audit WHERE action = 'user.password'") == 1
    code, _ = await cadencia(database.dsn, "users", "passwd", "nobody", "--password", LONG[:20])
    assert code != 0


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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--spare-trunk", "bakcup"), "there is no trunk bakcup (known: backup, t;"),
        (("--spare-trunk", "t"), "would take over for itself: t"),
        (("--spare-trunk", "backup", "--spare-trunk", "backup"), "would take over for itself: backup"),
        (("--trunk", "tt"), "there is no trunk tt (known: backup, t;"),
        (("--trunk", "t t"), "a trunk's name has"),
        (("--caller-id", "910000000"), "910000000 is no number in E.164"),
    ],
)
async def test_a_campaign_with_a_trunk_or_a_number_that_cannot_be_is_refused(
    database: Database, words: tuple[str, ...], told: str
) -> None:
    assert (await add_campaign(database.dsn, "one"))[0] == 0  # the first one's trunk is new
    assert (await cadencia(database.dsn, "trunks", "set", "backup"))[0] == 0
    code, lines = await add_campaign(database.dsn, "two", *words)
    # typer draws a frame about it
    assert (code, told in " ".join(" ".join(line.strip("│ ") for line in lines).split())) == (2, True), lines
    assert (await add_campaign(database.dsn, "two", "--spare-trunk", "backup"))[0] == 0
