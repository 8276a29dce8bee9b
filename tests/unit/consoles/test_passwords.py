"""Passwords are checked in few threads, and nobody learns which logins exist."""

import asyncio

from argon2 import PasswordHasher

from consoles.passwords import MAX_WAITING, THREADS, Passwords
from consoles.problems import Problem


def weak() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


async def test_a_hash_fits_its_password_only() -> None:
    passwords = weak()
    stored = await passwords.hash("correct horse")
    assert await passwords.verify(stored, "correct horse")
    assert not await passwords.verify(stored, "wrong horse")
    assert not await passwords.verify("no hash at all", "correct horse")
    assert not await passwords.verify(None, "nobody has this password")


async def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert Passwords().outdated(await weak().hash("x"))
    assert not weak().outdated(await weak().hash("x"))


async def test_more_logins_than_can_wait_are_told_to_come_back() -> None:
    passwords = weak()
    tries = [passwords.verify(None, "x") for _ in range(MAX_WAITING + THREADS + 5)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Problem)]
    assert len(refused) == 5
    assert all(problem.code == "too_many" for problem in refused)


async def test_who_waits_too_long_or_leaves_gives_the_turn_on() -> None:
    passwords = weak()
    async with asyncio.TaskGroup() as tasks:
        all_of_them = [tasks.create_task(passwords.verify(None, "x")) for _ in range(40)]
        await asyncio.sleep(0)
        for one in all_of_them[::2]:
            one.cancel()
    assert passwords.waiting == 0
    assert not await asyncio.wait_for(passwords.verify(None, "x"), 5)
