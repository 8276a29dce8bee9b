"""What the consoles tell of the installation: the doctor's own words, as far as a web process may ask."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from dialer.doctor import Finding, examine_within
from dialer.settings import Settings
from tests.integration.consoles.desk import Desk, Serve
from tests.integration.fixtures import Database

NOBODY = "redis://127.0.0.1:9/0"
"""Where no Redis is."""


async def lines(client: httpx.AsyncClient) -> dict[str, dict[str, str]]:
    """What the page is told, by the name of each line."""
    answer = await client.get("/checkup")
    assert answer.status_code == 200, answer.text
    return {line["name"]: line for line in answer.json()["lines"]}


async def test_each_fault_is_told_with_its_cure_in_the_language_of_who_asks(
    serving: Serve, database: Database
) -> None:
    urls: dict[str, Any] = {"database_url": SecretStr(database.dsn), "redis_url": SecretStr(NOBODY)}
    async with serving(doctor=examine_within, watches=False, **urls) as desk, desk.user("sol") as client:
        spanish = await lines(client)
        assert spanish["database"]["state"] == spanish["migrations"]["state"] == "ok"
        assert spanish["redis"]["state"] == "fault"
        assert spanish["redis"]["cure"].startswith("Arranque Redis o Valkey")
        await client.put("/session/locale", json={"locale": "en"})
        english = await lines(client)
        assert english["redis"]["cure"].startswith("Start Redis or Valkey")
        assert list(english) == list(spanish)


async def test_a_web_process_asks_neither_the_pbx_nor_this_machine() -> None:
    """Nobody is rung, no file is written, whatever the settings say."""
    urls = {"database_url": SecretStr("postgresql://127.0.0.1:9/x"), "redis_url": SecretStr(NOBODY)}
    nowhere = Settings(_env_file=None).model_copy(update=urls)
    found = {one.name: one for one in await examine_within(nowhere, "en")}
    assert set(found) == {
        "database", "migrations", "clock", "redis", "rule_packs", "caller_ids", "detector", "cookies",
        "proxy", "worker",
    }  # fmt: skip
    assert found["rule_packs"].detail == "could not be asked: “database” failed first"


async def test_the_engines_silence_is_a_fault_and_open_alarms_are_a_warning(desk: Desk) -> None:
    async with desk.user("root") as client:
        before = await lines(client)
        assert (before["engine"]["state"], before["alarms"]["state"]) == ("fault", "ok")
        await desk.pool.execute(
            "INSERT INTO alarms (at, last_at, kind, subject, detail)"
            " VALUES (now(), now(), 'orphan_channel', 'x', '')"
        )
        alarms = (await lines(client))["alarms"]
        assert (alarms["state"], alarms["detail"]) == ("warning", "1")


@pytest.mark.parametrize("login", ["ana", "quim"])
async def test_it_is_for_supervisors_and_administrators(desk: Desk, login: str) -> None:
    async with desk.user(login) as client:
        assert (await client.get("/checkup")).status_code == 403


async def test_one_asks_at_a_time(serving: Serve) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_: Settings, locale: str) -> Sequence[Finding]:
        asked.set()
        await answer.wait()
        return [Finding("database", True, locale)]

    async with (
        serving(doctor=slow, watches=False) as desk,
        desk.user("sol") as first,
        asyncio.TaskGroup() as tasks,
    ):
        looking = tasks.create_task(lines(first))
        await asked.wait()
        async with desk.user("root") as second:
            refused = await second.get("/checkup")
            assert (refused.status_code, refused.json()["code"]) == (429, "busy")
            assert int(refused.headers["Retry-After"]) > 0
            answer.set()
            assert (await looking)["database"]["detail"] == "es"
            assert (await lines(second))["database"]["state"] == "ok"
