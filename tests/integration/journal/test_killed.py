"""kill -9 of whoever writes, whoever follows, or Postgres: what was committed is followed, each fact once."""

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from dialer.store.migrate import migrate
from tests.integration import services
from tests.integration.journal import killed
from tests.integration.journal.killed import FOLLOWING, PATHS, WRITING

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload([killed.__name__])
FILL = """
    INSERT INTO users (login, name, role, password_hash) VALUES ('ana', 'Ana', 'agent', '');
    INSERT INTO agents (id, endpoint) VALUES (1, 'web-01');
    INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('one', 'One', 'carrier', '+34910000000');
    INSERT INTO lists (campaign_id, name) VALUES (1, 'l');
    INSERT INTO persons (name) VALUES ('Eva');
    INSERT INTO phones (person_id, number) VALUES (1, '+34600000001');
    INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)
        VALUES (1, 'D-1', 'Banco', 'EUR', 1000);
    INSERT INTO leads (list_id, campaign_id, person_id) VALUES (1, 1, 1);
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, placed_at)
        VALUES ('2f1c4f0e-0000-4000-8000-000000000001', 1, 1, 1, 1, '+34600000001', '{}', false, now());
    CREATE TABLE followed (fact bigint PRIMARY KEY, kind text NOT NULL);
    CREATE TABLE begun AS SELECT max(id) AS begun FROM journal;
"""


class House:
    """A server of Postgres that may be killed, and programs on it."""

    def __init__(self, server: services.Postgres) -> None:
        self.server, self.dsn = server, server.dsn("house")

    def run(self, program: Callable[..., None], *words: Any) -> int:
        """Run a program on the database to its end; its exit code."""
        child = FORK.Process(target=program, args=(self.dsn, *words))
        child.start()
        child.join(60)
        return child.exitcode if child.exitcode is not None else -1

    async def value(self, sql: str, *values: Any) -> Any:
        """One value."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    def pid(self, victim: str) -> int:
        """Whom to kill; 0 = the program itself."""
        return 0 if victim == "program" else self.server.pid


@pytest.fixture(scope="module")
def server(workshop: Path) -> Iterator[services.Postgres]:
    """A server of this file's own, for it is killed."""
    home = workshop / uuid4().hex
    home.mkdir()
    home.chmod(0o755)
    started = services.postgres(home)
    yield started
    started.stop()


@pytest.fixture
async def house(server: services.Postgres) -> House:
    """A person who owes, a call, and a follower that stands at the present."""
    admin = await asyncpg.connect(server.dsn("postgres"))
    await admin.execute("DROP DATABASE IF EXISTS house WITH (FORCE)")
    await admin.execute("CREATE DATABASE house")
    await admin.close()
    house = House(server)
    await migrate(house.dsn)
    connection = await asyncpg.connect(house.dsn)
    await connection.execute(FILL)
    await connection.close()
    assert house.run(killed.read, "", 0) == 0
    return house


async def settled(house: House) -> None:
    """Whoever died comes back; then every fact that is committed was followed, once, and nothing failed."""
    house.server.revive()
    assert house.run(killed.read, "", 0) == 0
    assert await house.value("SELECT count(*) FROM journal_letters") == 0
    assert await house.value(FOLLOWED_ALL)


FOLLOWED_ALL = """
    SELECT array(SELECT fact FROM followed ORDER BY 1)
        = array(SELECT id FROM journal WHERE id > begun.begun ORDER BY 1) FROM begun"""
WRITTEN = ("after the commit",)
FOLLOWED = "SELECT count(*) FROM followed WHERE kind = $1"
TOLD = {
    "payment": "SELECT count(*) FROM payment_events",
    "stop": "SELECT count(*) FROM persons WHERE stopped_at IS NOT NULL",
    "flag": "SELECT count(*) FROM persons WHERE 'dispute' = ANY (flags)",
    "setting": "SELECT count(*) FROM campaigns WHERE settings_version = 2",
    "disposition": "SELECT count(*) FROM call_dispositions",
    "recording": "SELECT count(*) FROM recordings",
}
"""How often each path has changed the truth: once, or not at all."""
KIND = {
    "payment": "payment.taken", "stop": "person.changed", "flag": "person.changed",
    "setting": "settings.changed", "disposition": "call.disposed", "recording": "recording.kept",
}  # fmt: skip


@pytest.mark.parametrize("victim", ["program", "postgres"])
@pytest.mark.parametrize("instant", WRITING)
async def test_what_is_written_is_followed_once_or_was_never_written(
    house: House, instant: str, victim: str
) -> None:
    for path in PATHS:
        before = await house.value(FOLLOWED, KIND[path])
        house.run(killed.write, path, instant, house.pid(victim))
        await settled(house)
        written = await house.value(TOLD[path])
        # A backend may outlive the server for a moment, and still commit.
        may_be = {0, 1} if victim == "postgres" and instant not in WRITTEN else {instant in WRITTEN}
        assert written in may_be
        assert await house.value(FOLLOWED, KIND[path]) - before == written
        # Whoever sends it again, as a page or a creditor does, makes it true once.
        assert house.run(killed.write, path, "", 0) == 0
        await settled(house)
        assert await house.value(TOLD[path]) == 1
        assert await house.value(FOLLOWED, KIND[path]) - before == 1


@pytest.mark.parametrize("victim", ["program", "postgres"])
@pytest.mark.parametrize("instant", FOLLOWING)
async def test_who_is_killed_while_following_follows_once(house: House, instant: str, victim: str) -> None:
    for path in PATHS:
        assert house.run(killed.write, path, "", 0) == 0
        ended = house.run(killed.read, instant, house.pid(victim))
        assert ended != 0 or victim == "postgres"  # it may have ended before it saw that its server is gone
        await settled(house)
        assert await house.value(FOLLOWED, KIND[path]) > 0
