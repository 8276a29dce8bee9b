"""The live wire over real websockets."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from dialer.ports import Frame
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk, message

NOW = datetime.now(UTC).isoformat()


def view(page: str, seq: int = 1, epoch: int = 1, **more: Any) -> dict[str, Any]:
    """What the engine pushes to an agent."""
    return {
        "epoch": epoch, "seq": seq, "state": "paused", "since": NOW, "server_time": NOW,
        "pause_code": "login",
        "next_pause": "", "leg": "up", "held": False, "deadline_at": None, "call": None, "calls_today": 0,
        "preview": None, "by_hand": False, "last_outcome": "",
        "page": page, **more,
    }  # fmt: skip


def floor(seq: int, *, whole: bool, agents: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What the engine pushes to supervisors."""
    return {
        "epoch": 1, "seq": seq, "whole": whole, "server_time": NOW, "campaigns": [], "agents": agents or [],
        "pbx_up": True, "alarms": 0,
    }  # fmt: skip


def attach_text(page: str) -> str:
    """What a page sends first."""
    return json.dumps({"type": "attach", "page": page})


async def attach(desk: Desk, ws: ClientConnection, page: str) -> None:
    await ws.send(attach_text(page))
    await eventually(lambda: any(c.kind == "agent.attach" and c.session == page for c in desk.bus.sent))


def attached_more_than(desk: Desk, times: int) -> bool:
    """Whether the engine was asked more often than that."""
    return desk.bus.kinds().count("agent.attach") > times


async def closed(ws: ClientConnection) -> int:
    """The code that the server closes with."""
    async with asyncio.timeout(10):
        try:
            while True:
                await ws.recv()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006


async def test_an_agent_attaches_asks_and_sees_what_the_engine_pushes(desk: Desk) -> None:
    agent = desk.known.users["ana"]
    async with desk.user("ana") as client, desk.live(client) as ws:
        assert ws.subprotocol == "cadencia.v1"
        assert (await message(ws, "link"))["engine"] is False
        desk.bus.publish(Frame("engine", {"epoch": 1, "up": True}))
        assert (await message(ws, "link"))["engine"] is True
        await ws.send('{"type": "ready"}')
        assert (await message(ws, "refused"))["reason"] == "attach_first"
        await attach(desk, ws, "page-one-1")
        desk.bus.publish(Frame("agent", view("page-one-1"), agent))
        assert (await message(ws, "agent"))["page"] == "page-one-1"
        await ws.send('{"type": "ready"}')
        await eventually(lambda: "agent.ready" in desk.bus.kinds())
        desk.bus.publish(Frame("refused", {"request": "ready", "reason": "no", "page": "page-one-1"}, agent))
        assert await message(ws, "refused") == {
            "type": "refused",
            "request": "ready",
            "reason": "no",
            "state": "",
        }
    await eventually(lambda: "agent.detach" in desk.bus.kinds())
    sent = {c.kind: c for c in desk.bus.sent}
    assert sent["agent.detach"].session == "page-one-1"
    assert all(c.actor_id == agent and c.id for c in desk.bus.sent if c.kind.startswith("agent."))


async def test_a_new_engine_gets_every_page_attached_again(desk: Desk) -> None:
    async with desk.user("ana") as client, desk.live(client) as ws:
        await attach(desk, ws, "page-one-1")
        for epoch in (1, 2):
            desk.bus.publish(Frame("engine", {"epoch": epoch, "up": True}))
            await eventually(partial(attached_more_than, desk, epoch))


async def test_a_second_page_takes_over_and_the_first_does_not_detach_it(desk: Desk) -> None:
    async with desk.user("ana") as client, desk.live(client) as first:
        await attach(desk, first, "page-one-1")
        async with desk.live(client) as second:
            await attach(desk, second, "page-two-2")
            assert await closed(first) == 4409
            await second.send('{"type": "ready"}')
            await eventually(lambda: "agent.ready" in desk.bus.kinds())
            assert "agent.detach" not in desk.bus.kinds()


async def test_a_page_taken_over_through_another_server_is_closed(desk: Desk) -> None:
    agent = desk.known.users["ana"]
    async with desk.user("ana") as client, desk.live(client) as ws:
        desk.bus.publish(Frame("agent", view("page-old-0", seq=1), agent))
        await attach(desk, ws, "page-one-1")
        desk.bus.publish(Frame("agent", view("page-old-0", seq=2), agent))
        desk.bus.publish(Frame("agent", view("page-one-1", seq=3), agent))
        desk.bus.publish(Frame("agent", view("page-else-9", seq=4), agent))
        assert await closed(ws) == 4409
    assert "agent.detach" not in desk.bus.kinds()


async def test_supervisors_get_the_whole_floor_then_changes(desk: Desk) -> None:
    row = {"id": 7, "name": "Ana", "state": "ready"}
    async with desk.user("sol") as client, desk.live(client) as ws:
        await eventually(lambda: "floor.snapshot" in desk.bus.kinds())
        desk.bus.publish(Frame("floor", floor(1, whole=True, agents=[row])))
        assert (await message(ws, "floor"))["whole"] is True
        desk.bus.publish(Frame("floor", floor(2, whole=False, agents=[{**row, "state": "paused"}])))
        assert (await message(ws, "floor"))["agents"][0]["state"] == "paused"
        async with desk.user("root") as other, desk.live(other) as late:
            shown = await message(late, "floor")
            assert shown["whole"] is True
            assert shown["agents"] == [{**row, "state": "paused"}]
        await ws.send('{"type": "ready"}')
        assert (await message(ws, "refused"))["reason"] == "wrong_role"


async def test_a_lost_floor_frame_is_healed_by_a_snapshot(desk: Desk) -> None:
    async with desk.user("sol") as client, desk.live(client) as ws:
        await eventually(lambda: "floor.snapshot" in desk.bus.kinds())
        desk.bus.publish(Frame("floor", floor(1, whole=True)))
        await message(ws, "floor")
        before = desk.bus.kinds().count("floor.snapshot")
        desk.bus.publish(Frame("floor", floor(5, whole=False)))
        await eventually(lambda: desk.bus.kinds().count("floor.snapshot") > before)


@pytest.mark.parametrize(
    ("sent", "code"),
    [("x" * 20_000, 4413), (b"binary", 4400)],
)
async def test_what_is_no_message_closes_with_its_code(desk: Desk, sent: str | bytes, code: int) -> None:
    async with desk.user("ana") as client, desk.live(client) as ws:
        await ws.send(sent)
        assert await closed(ws) == code


async def test_rubbish_is_refused_and_then_closed(desk: Desk) -> None:
    async with desk.user("ana") as client, desk.live(client) as ws:
        await ws.send('{"type": "ready", "more": 1}')
        assert (await message(ws, "refused"))["reason"] == "malformed"
        for _ in range(20):
            await ws.send("rubbish")
        assert await closed(ws) == 4400


async def test_a_flood_is_closed(desk: Desk) -> None:
    async with desk.user("ana") as client, desk.live(client) as ws:
        for _ in range(60):
            await ws.send('{"type": "pong"}')
        assert await closed(ws) == 4429


async def test_a_ticket_works_once_and_only_from_our_pages(desk: Desk) -> None:
    origin = f"http://{desk.host}"
    async with desk.user("ana") as client:
        ticket = (await client.post("/ws-ticket")).json()
        async with desk.dial(ticket["url"], origin=origin) as ws:
            await message(ws, "link")
        async with desk.dial(ticket["url"], origin=origin) as again:
            assert await closed(again) == 4401
        async with desk.live(client, origin="https://evil.example") as foreign:
            assert await closed(foreign) == 4403


async def test_logging_out_closes_the_page(desk: Desk) -> None:
    async with desk.user("ana") as client, desk.live(client) as ws:
        await message(ws, "link")
        await client.delete("/session")
        assert await closed(ws) == 4401


async def test_qa_people_have_no_live_wire(desk: Desk) -> None:
    async with desk.user("quim") as client:
        assert (await client.post("/ws-ticket")).status_code == 403


async def test_a_slow_page_holds_up_nobody_and_catches_up_with_the_newest(desk: Desk) -> None:
    padding = "x" * 100_000
    async with desk.user("sol") as client, desk.live(client) as slow, desk.live(client) as quick:
        await message(slow, "link")
        for seq in range(1, 601):
            row = {"id": seq % 3, "name": padding, "state": str(seq)}
            desk.bus.publish(Frame("floor", floor(seq, whole=seq == 1, agents=[row])))
            await asyncio.sleep(0)
        seen = 0
        while seen < 600:
            seen = (await message(quick, "floor"))["seq"]
        rows: dict[int, str] = {}
        count = seen = 0
        while seen < 600:
            body = await message(slow, "floor")
            rows |= {row["id"]: row["state"] for row in body["agents"]}
            seen, count = body["seq"], count + 1
        assert rows == {0: "600", 1: "598", 2: "599"}
        assert count < 600
