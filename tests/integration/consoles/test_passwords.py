"""Passwords: which are taken, and how people change their own."""

import asyncio

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher

from consoles.login_queue import Asker
from consoles.passwords import Passwords
from tests.eventually import eventually
from tests.integration.consoles.desk import PASSWORD, ROLES, Desk, Serve
from tests.integration.consoles.test_live import closed

NEXT = "tres tristes trigres 9"


async def changed(client: httpx.AsyncClient, old: str, new: str) -> tuple[int, str]:
    answer = await client.put("/session/password", json={"old": old, "new": new})
    return answer.status_code, "" if answer.status_code == 204 else answer.json()["code"]


@pytest.mark.parametrize("login", ROLES)
async def test_everybody_changes_their_own_and_only_here_they_stay_in(desk: Desk, login: str) -> None:
    async with desk.user(login) as here, desk.user(login) as elsewhere, desk.visitor() as again:
        assert await changed(here, PASSWORD, NEXT) == (204, "")
        assert (await here.get("/session")).status_code == 200
        assert (await elsewhere.get("/session")).status_code == 401
        old = await again.post("/session", json={"login": login, "password": PASSWORD})
        new = await again.post("/session", json={"login": login, "password": NEXT})
        assert (old.status_code, new.status_code) == (401, 200)
    rows = await desk.pool.fetch(
        "SELECT actor_id, subject, before, after FROM audit WHERE action = 'user.password'"
    )
    user = desk.known.users[login]
    assert [tuple(row) for row in rows] == [(user, f"user:{user}", None, None)]


async def test_the_other_pages_of_the_user_are_closed_at_once(desk: Desk) -> None:
    async with desk.user("ana") as here, desk.user("ana") as elsewhere, desk.live(elsewhere) as page:
        assert await changed(here, PASSWORD, NEXT) == (204, "")
        assert await closed(page) == 4401


async def test_without_the_present_password_nothing_changes_and_guessing_is_limited(desk: Desk) -> None:
    async with desk.user("ana") as client:
        guesses = [await changed(client, "wrong", NEXT) for _ in range(6)]
        assert guesses == [(403, "wrong_password")] * 5 + [(429, "too_many")]
        assert await changed(client, PASSWORD, NEXT) == (429, "too_many")
    async with desk.user("bea") as other:
        assert await changed(other, PASSWORD, PASSWORD) == (422, "password_same")
        assert await changed(other, PASSWORD, "short") == (422, "password_short")
        assert await changed(other, PASSWORD, "supervisor12") == (422, "password_personal")
    async with desk.visitor() as stranger:
        assert (await changed(stranger, PASSWORD, NEXT))[0] == 401


async def test_an_administrator_cannot_give_out_a_weak_one(desk: Desk) -> None:
    ana = f"/users/{desk.known.users['ana']}"
    async with desk.user("root") as client:
        new = {"login": "carla", "name": "Carla Ruiz", "role": "qa"}
        for password, code in (("carla.ruiz.1", "password_personal"), ("iloveyou1234", "password_common")):
            refused = await client.post("/users", json={**new, "password": password})
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        refused = await client.patch(ana, json={"password": "qwertyuiop12"})
        assert (refused.status_code, refused.json()["code"]) == (422, "password_common")
        assert (await client.patch(ana, json={"password": NEXT})).status_code == 200
    told = await desk.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'user.password'")
    assert told == 1


async def test_two_changes_at_once_leave_one_login(desk: Desk) -> None:
    async with desk.user("ana") as one, desk.user("ana") as two:
        await asyncio.gather(changed(one, PASSWORD, NEXT), changed(two, PASSWORD, NEXT + "x"))
        left = [(await client.get("/session")).status_code for client in (one, two)]
        assert 401 in left


class Watched(Passwords):
    """Passwords that look, whenever they work, whether somebody keeps a connection of the pool meanwhile."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        self.pool: asyncpg.Pool[asyncpg.Record] | None = None
        self.held: list[bool] = []

    async def hash(self, password: str, asker: Asker = Asker()) -> str:  # noqa: B008
        await self._looks()
        return await super().hash(password, asker)

    async def verify(self, stored: str | None, password: str, asker: Asker = Asker()) -> bool:  # noqa: B008
        await self._looks()
        return await super().verify(stored, password, asker)

    async def _looks(self) -> None:
        pool = self.pool
        if pool is None:
            return
        try:  # what the server does beside takes one for a moment only
            await eventually(lambda: pool.get_idle_size() == pool.get_size(), within=5)
            self.held.append(False)
        except TimeoutError:
            self.held.append(True)


async def test_no_connection_is_held_while_passwords_are_hashed(serving: Serve) -> None:
    watched = Watched()
    async with serving(passwords=watched) as desk, desk.user("root") as client:
        watched.pool = desk.pool
        made = await client.post(
            "/users", json={"login": "carla", "name": "Carla", "role": "qa", "password": PASSWORD}
        )
        path = f"/users/{made.json()['id']}"
        assert (await client.patch(path, json={"password": f"{PASSWORD} two"})).status_code == 200
        change = {"old": PASSWORD, "new": f"{PASSWORD} two"}
        assert (await client.put("/session/password", json=change)).status_code == 204
        assert watched.held == [False] * 4
