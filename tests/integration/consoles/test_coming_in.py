"""Strangers at the login: they hold nobody up who has the right password, and cannot say who they are not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from argon2 import PasswordHasher
from asyncpg.connection import LoggedQuery

from consoles.login_limits import ADDRESS, PAIR, STRANGERS
from consoles.login_queue import Asker
from consoles.passwords import THREADS, Passwords
from consoles.problems import Problem
from consoles.sql import SQL
from tests.eventually import eventually
from tests.integration.consoles.desk import PASSWORD, Desk, Serve

CROWD = 150
_NOBODY = Asker()


class Watched(PasswordHasher):
    """The real hasher at its real cost, which remembers what it was asked, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.asked.append(str(password))
        return super().verify(hash, password)


class Door(Passwords):
    """Remembers for each that came how many had been hashed by then, and how many waited."""

    def __init__(self) -> None:
        self.hasher = Watched()
        super().__init__(self.hasher)
        self.came: dict[str, tuple[int, int]] = {}
        self.all = 0

    async def verify(self, stored: str | None, password: str, asker: Asker = _NOBODY) -> bool:
        self.all += 1
        self.came[password] = (len(self.hasher.asked), self.waiting)
        return await super().verify(stored, password, asker)

    def before(self, password: str) -> int:
        """How many were hashed between its coming and its turn."""
        return self.hasher.asked.index(password) - self.came[password][0]


async def tries(client: httpx.AsyncClient, login: str, password: str = "wrong", **headers: str) -> int:
    body = {"login": login, "password": password}
    return (await client.post("/session", json=body, headers=headers)).status_code


async def crowd(desk: Desk, logins: Iterable[str]) -> set[int]:
    """Everybody at once."""
    unlimited = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=f"http://{desk.host}/api/v1", timeout=60, limits=unlimited
    ) as client:
        return set(await asyncio.gather(*(tries(client, login) for login in logins)))


async def test_a_crowd_of_wrong_logins_keeps_no_right_one_waiting(serving: Serve) -> None:
    door = Door()
    async with serving(door) as desk, desk.visitor() as ana:
        async with asyncio.TaskGroup() as tasks:
            mob = tasks.create_task(crowd(desk, (f"user{n}" for n in range(CROWD))))
            await eventually(lambda: door.all == CROWD, within=30)
            assert await tries(ana, "ana", PASSWORD) == 200
        assert mob.result() <= {401, 429}
    assert door.came[PASSWORD][1] > 10 * THREADS, "many were before her"
    assert door.before(PASSWORD) <= THREADS


@asynccontextmanager
async def counted(desk: Desk) -> AsyncIterator[list[str]]:
    """Every question who somebody is that the server's pool sends."""
    sent: list[str] = []

    def note(record: LoggedQuery) -> None:
        if record.query == SQL["login"]:
            sent.append(record.query)

    async with AsyncExitStack() as stack:
        for _ in range(desk.pool.get_max_size()):
            connection = await stack.enter_async_context(desk.pool.acquire())
            connection.add_query_logger(note)
    yield sent


async def test_an_address_that_failed_too_often_is_refused_without_the_database(serving: Serve) -> None:
    async with serving(trusted_proxies="127.0.0.1") as desk, desk.visitor() as client, counted(desk) as sent:
        mob = {"X-Forwarded-For": "198.51.100.1"}
        codes = Counter([await tries(client, f"user{n}", **mob) for n in range(ADDRESS.burst + 50)])
        assert set(codes) == {401, 429}
        assert 0 < len(sent) == codes[401], "who is told to wait has asked nothing"
        assert await tries(client, "ana", PASSWORD, **{"X-Forwarded-For": "198.51.100.2"}) == 200


async def test_who_is_refused_waits_for_no_connection(serving: Serve) -> None:
    """The pool is in use up to its last connection."""
    async with serving() as desk, desk.visitor() as client:
        assert {await tries(client, "ana") for _ in range(PAIR.burst)} == {401}
        async with AsyncExitStack() as stack:
            for _ in range(desk.pool.get_max_size()):
                await stack.enter_async_context(desk.pool.acquire())
            assert await tries(client, "ana") == 429


async def test_who_came_before_is_let_in_while_strangers_try_the_same_name(serving: Serve) -> None:
    async with serving(trusted_proxies="127.0.0.1") as desk, desk.visitor() as client:
        home = {"X-Forwarded-For": "203.0.113.7"}
        assert await tries(client, "ana", PASSWORD, **home) == 200
        async with desk.visitor() as stranger:
            for n in range(STRANGERS.burst):
                assert await tries(stranger, "ana", **{"X-Forwarded-For": f"198.51.100.{n}"}) == 401
            assert await tries(stranger, "ana", PASSWORD, **{"X-Forwarded-For": "198.51.100.99"}) == 429
            assert await tries(stranger, "ana", PASSWORD, **home) == 200, "her address is known"
        abroad = {"X-Forwarded-For": "198.51.100.98"}
        assert await tries(client, "ana", PASSWORD, **abroad) == 200, "her browser is known"


async def test_a_neighbour_at_the_same_address_does_not_lock_a_known_browser_out(desk: Desk) -> None:
    async with desk.visitor() as ana, desk.visitor() as neighbour:
        assert await tries(ana, "ana", PASSWORD) == 200
        assert [await tries(neighbour, "ana") for _ in range(PAIR.burst + 1)] == [401] * PAIR.burst + [429]
        assert await tries(ana, "ana", PASSWORD) == 200


async def test_a_browser_that_another_user_came_from_is_a_stranger(desk: Desk) -> None:
    async with desk.visitor() as shared, desk.visitor() as other:
        assert await tries(shared, "bea", PASSWORD) == 200
        assert [await tries(other, "ana") for _ in range(PAIR.burst)] == [401] * PAIR.burst
        assert await tries(shared, "ana", PASSWORD) == 429


async def test_a_header_does_not_make_a_new_address(desk: Desk) -> None:
    async with desk.visitor() as client:
        codes = [
            await tries(client, "ana", **{"X-Forwarded-For": f"198.51.100.{n}"})
            for n in range(PAIR.burst + 1)
        ]
    assert codes == [401] * PAIR.burst + [429]


async def test_of_a_trusted_proxy_only_the_last_word_counts(serving: Serve) -> None:
    async with serving(trusted_proxies="127.0.0.0/8") as desk, desk.visitor() as client:
        codes = [
            await tries(client, "ana", **{"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.7"})
            for n in range(PAIR.burst + 1)
        ]
        assert codes == [401] * PAIR.burst + [429]
        assert await tries(client, "ana", **{"X-Forwarded-For": "203.0.113.7, 203.0.113.8"}) == 401


async def test_browsers_are_forgotten_beyond_a_number(desk: Desk) -> None:
    for _ in range(22):
        async with desk.visitor() as client:
            assert await tries(client, "ana", PASSWORD) == 200
    assert await desk.pool.fetchval("SELECT count(*) FROM login_devices") == 20


class Crowded(Passwords):
    """Passwords whose threads are all taken, as long as it is so."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        self.full = False

    async def verify(self, stored: str | None, password: str, asker: Asker = _NOBODY) -> bool:
        if self.full:
            raise Problem("too_many", "too many logins at once", retry_after=5)
        return await super().verify(stored, password, asker)


async def test_who_was_sent_away_unheard_has_not_tried(serving: Serve) -> None:
    """However often: a right password is let in as soon as somebody looks at it."""
    crowded = Crowded()
    async with serving(passwords=crowded) as desk, desk.visitor() as client:
        crowded.full = True
        assert {await tries(client, "ana", PASSWORD) for _ in range(2 * PAIR.burst)} == {429}
        crowded.full = False
        assert await tries(client, "ana", PASSWORD) == 200
        changed = {"old": PASSWORD, "new": f"{PASSWORD} two"}
        token = {"X-CSRF-Token": (await client.get("/session")).json()["csrf"]}
        crowded.full = True
        sent = [await client.put("/session/password", json=changed, headers=token) for _ in range(PAIR.burst)]
        assert {one.status_code for one in sent} == {429}
        crowded.full = False
        assert (await client.put("/session/password", json=changed, headers=token)).status_code == 204
