"""An engine that dies is an alarm in the supervisor's list, which ends when it is back."""

import httpx

from dialer.ports import Frame
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk


async def alarms(client: httpx.AsyncClient) -> list[str]:
    return [alarm["kind"] for alarm in (await client.get("/alarms")).json()["items"]]


async def test_a_dead_engine_is_an_alarm_and_its_return_ends_it(desk: Desk) -> None:
    async with desk.user("sol") as client:

        async def told() -> bool:
            return await alarms(client) == ["engine_silent"]

        async def over() -> bool:
            desk.bus.publish(Frame("engine", {"epoch": 1, "up": True}))
            return await alarms(client) == []

        await eventually(told, within=30)
        await eventually(over, within=30)
