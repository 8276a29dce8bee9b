"""Agents who work over the product's bus, as a web process would speak for them, with real telephone legs."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson

from dialer.model.commands import read
from dialer.ports import Command
from dialer.store.bus import RedisBusClient

_DISPOSITION = "refuses"
"""It asks for nothing more."""


class BusAgents:
    """Everyone answers every call, talks for the same time, hangs up and disposes of it at once."""

    def __init__(self, url: str, agents: Sequence[int], talk: float) -> None:
        self._bus = RedisBusClient(url)
        self._agents, self._talk = agents, talk
        self._planned: dict[int, tuple[str, str]] = {}
        self._outbox: asyncio.Queue[Command | None] = asyncio.Queue()
        self._over = False
        self.up: set[int] = set()
        """Agents who are ready or busy, their leg up."""

    def stop(self) -> None:
        """End `work` with the next frame: under load a cancellation of it was seen to be lost."""
        self._over = True

    async def work(self) -> None:
        """Until stopped."""
        await self._bus.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send())
                for agent in self._agents:
                    self._say(agent, "attach", page=self._page(agent))
                await self._watch()
                self._outbox.put_nowait(None)
        finally:
            await self._bus.close()

    async def _watch(self) -> None:
        async for frame in self._bus.frames():
            if self._over:
                return
            if frame.kind == "agent" and frame.agent_id is not None:
                self._saw(frame.agent_id, frame.body)

    async def _send(self) -> None:
        while (command := await self._outbox.get()) is not None:
            await self._bus.send(command)

    def _say(self, agent: int, verb: str, **body: Any) -> None:
        self._outbox.put_nowait(
            Command(read(f"agent.{verb}", orjson.dumps(body).decode()), agent, self._page(agent))
        )

    def _page(self, agent: int) -> str:
        return f"bench{agent:05d}"

    def _saw(self, agent: int, view: dict[str, Any]) -> None:
        if view["leg"] == "up":
            self.up.add(agent)
        state, call = view["state"], view["call"]
        if state == "paused" and view["pause_code"] == "login":
            self._once(agent, "", "ready", 0.0, "ready")
        elif call is not None and state == "on_call" and call["connected_at"]:
            self._once(agent, call["id"], "talk", self._talk, "hang_up", call_id=call["id"])
        elif call is not None and state == "wrap_up":
            self._once(agent, call["id"], "wrap", 0.0, "dispose", call_id=call["id"], code=_DISPOSITION)

    def _once(self, agent: int, call: str, step: str, delay: float, verb: str, **body: Any) -> None:
        if self._planned.get(agent) == (call, step):
            return
        self._planned[agent] = call, step
        say = partial(self._say, agent, verb, **body)
        if delay:
            asyncio.get_running_loop().call_later(delay, say)
        else:
            say()
