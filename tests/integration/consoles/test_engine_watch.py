"""An engine that dies is an alarm in the supervisor's list, which ends when it is back."""

import asyncio
from datetime import UTC, datetime

import httpx

from consoles.sql import SQL
from dialer.ports import Frame
from tests.eventually import eventually
from tests.integration.consoles.desk import Serve


async def alarms(client: httpx.AsyncClient) -> list[str]:
    return [alarm["kind"] for alarm in (await client.get("/alarms")).json()["items"]]


async def test_a_dead_engine_is_an_alarm_and_its_return_ends_it(serving: Serve) -> None:
    async with serving() as desk, desk.user("sol") as client:
        assert {"engine_watch", "duty_watch"} <= {task.get_name() for task in asyncio.all_tasks()}

        async def told() -> bool:
            return await alarms(client) == ["engine_silent"]

        async def over() -> bool:
            desk.bus.publish(Frame("engine", {"epoch": 1, "up": True}))
            return await alarms(client) == []

        await eventually(told, within=30)
        await eventually(over, within=30)


async def test_another_process_that_hears_the_engine_ends_nobody_s_alarm_for_good(serving: Serve) -> None:
    async with serving() as desk, desk.user("sol") as client:

        async def told() -> bool:
            return await alarms(client) == ["engine_silent"]

        await eventually(told, within=30)
        await desk.pool.execute(SQL["engine_back"], datetime.now(UTC))
        assert await alarms(client) == []
        await eventually(told, within=30)
        await desk.pool.execute("UPDATE alarms SET acknowledged_at = now()")
        await desk.pool.execute(SQL["engine_still"], datetime.now(UTC))
        assert await alarms(client) == []
