"""Bot agents: log in over HTTP, work over the live websocket, as a person at a console would.

Their telephone is a real SIP endpoint of the lab (`bot-NNNN`), which answers by itself; here is the person.
Run: python -m sip_lab.bots --web http://127.0.0.1:8000 --accounts accounts.json
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import websockets
from websockets.typing import Origin, Subprotocol

Plan = Coroutine[Any, Any, None]
_FIRST_PAUSE, _LAST_PAUSE = 0.5, 8.0
_PRESSES, _AGAIN = 10, 20.0
"""A call that does not end when the key is pressed: a person presses it again, so many seconds later."""
_CODES = ("promise", "callback", "cannot_pay", "refuses", "third_party", "hung_up")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a bot works; times in seconds."""

    talk_mean: float = 20.0
    talk_shape: float = 0.5
    """Sigma of the lognormal talk time."""
    wrap_mean: float = 5.0


class Bot:
    """One bot agent. State is only what the server pushes."""

    def __init__(self, web: str, login: str, password: str, manner: Manner, rng: random.Random) -> None:
        self._web, self._login, self._password = web.rstrip("/"), login, password
        self._manner, self._rng = manner, rng
        self._page = secrets.token_hex(8)
        self._planned: tuple[str, str] = ("", "")
        """(call id, what is planned for it)"""

    async def work(self) -> None:
        """Work for ever: a lost connection is taken up again with back-off."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._shift()
                pause = _FIRST_PAUSE
            except (httpx.HTTPError, OSError, websockets.WebSocketException) as error:
                print(f"{self._login}: {type(error).__name__}, again in {pause:.1f} s", file=sys.stderr)
            await asyncio.sleep(pause * (0.5 + self._rng.random()))
            pause = min(pause * 2, _LAST_PAUSE)

    async def _shift(self) -> None:
        async with httpx.AsyncClient(base_url=self._web, timeout=20) as http:
            credentials = {"login": self._login, "password": self._password}
            session = (await http.post("/api/v1/session", json=credentials)).raise_for_status().json()
            headers = {"X-CSRF-Token": session["csrf"]}
            ticket = (await http.post("/api/v1/ws-ticket", headers=headers)).raise_for_status().json()
            url = self._web.replace("http", "ws", 1) + ticket["url"]
            protocols, origin = [Subprotocol("cadencia.v1")], Origin(self._web)
            async with websockets.connect(url, subprotocols=protocols, origin=origin) as wire:
                await self._live(wire)

    async def _live(self, wire: websockets.ClientConnection) -> None:
        await self._say(wire, type="attach", page=self._page)
        self._planned = ("", "")
        plans: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as tasks:
            async for message in _messages(wire):
                if message["type"] == "ping":
                    await self._say(wire, type="pong")
                elif message["type"] == "agent":
                    plans = [plan for plan in plans if not plan.done()]
                    plans += [tasks.create_task(plan) for plan in self._plans(wire, message)]
            for plan in plans:
                plan.cancel()

    def _plans(
        self, wire: websockets.ClientConnection, view: dict[str, Any]
    ) -> list[Coroutine[Any, Any, None]]:
        call, state = view["call"], view["state"]
        if state == "paused" and view["pause_code"] == "login":
            return [self._say(wire, type="ready")]
        if view.get("preview") is not None:
            return self._reads(wire, view["preview"])
        if state == "ready" and view.get("by_hand") and view["leg"] == "up":
            return [self._say(wire, type="next_lead")]
        if call is None:
            return []
        if state == "on_call" and call["connected_at"] and self._planned != (call["id"], "talk"):
            self._planned = (call["id"], "talk")
            return [self._talk(wire, call["id"])]
        if state == "wrap_up" and self._planned != (call["id"], "wrap"):
            self._planned = (call["id"], "wrap")
            return [self._wrap_up(wire, call["id"])]
        return []

    def _reads(
        self, wire: websockets.ClientConnection, card: dict[str, Any]
    ) -> list[Coroutine[Any, Any, None]]:
        lead = str(card["lead_id"])
        if self._planned == (lead, "read"):
            return []
        self._planned = (lead, "read")
        return [self._call(wire, card["lead_id"])]

    async def _call(self, wire: websockets.ClientConnection, lead_id: int) -> None:
        """Read the card for about as long as a wrap-up takes, then call."""
        await asyncio.sleep(self._rng.expovariate(1 / self._manner.wrap_mean))
        if self._planned == (str(lead_id), "read"):
            await self._say(wire, type="call_preview", lead_id=lead_id, phone_id=None)

    async def _talk(self, wire: websockets.ClientConnection, call_id: str) -> None:
        shape = self._manner.talk_shape
        centre = self._manner.talk_mean
        await asyncio.sleep(centre * self._rng.lognormvariate(-shape * shape / 2, shape))
        for _ in range(_PRESSES):
            if self._planned != (call_id, "talk"):
                return
            await self._say(wire, type="hang_up", call_id=call_id)
            await asyncio.sleep(_AGAIN)

    async def _wrap_up(self, wire: websockets.ClientConnection, call_id: str) -> None:
        await asyncio.sleep(self._rng.expovariate(1 / self._manner.wrap_mean))
        await self._say(wire, **self._disposition(call_id))

    def _disposition(self, call_id: str) -> dict[str, Any]:
        code = self._rng.choice(_CODES)
        message: dict[str, Any] = {"type": "dispose", "call_id": call_id, "code": code, "notes": ""}
        if code == "promise":
            message["promise_minor"] = self._rng.randrange(1_000, 50_000)
            message["promise_on"] = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
        if code == "callback":
            message["callback_at"] = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        return message

    async def _say(self, wire: websockets.ClientConnection, **message: Any) -> None:
        try:
            await wire.send(json.dumps(message))
        except websockets.ConnectionClosed:
            return


async def _messages(wire: websockets.ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """What the server pushes, until the connection ends one way or the other."""
    try:
        async for text in wire:
            yield json.loads(text)
    except websockets.ConnectionClosed:
        return


async def run(web: str, accounts: list[dict[str, str]], manner: Manner, seed: int) -> None:
    """Let every account work until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for number, account in enumerate(accounts):
            rng = random.Random(seed * 1000 + number)
            tasks.create_task(Bot(web, account["login"], account["password"], manner, rng).work())


def main() -> None:
    """Command line of the bots."""
    parser = argparse.ArgumentParser(prog="sip_lab.bots", description=__doc__)
    parser.add_argument("--web", required=True, help="address of the consoles")
    parser.add_argument("--accounts", type=Path, required=True, help='JSON file: [{"login", "password"}]')
    parser.add_argument("--talk", type=float, default=20.0, help="mean talk time, seconds (20)")
    parser.add_argument("--wrap", type=float, default=5.0, help="mean wrap-up time, seconds (5)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    manner = Manner(talk_mean=options.talk, wrap_mean=options.wrap)
    try:
        asyncio.run(run(options.web, json.loads(options.accounts.read_text()), manner, options.seed))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
