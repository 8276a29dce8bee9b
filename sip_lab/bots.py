"""Bot agents: log in over HTTP, work over the live websocket, as a person at a console would.

Their telephone is a real SIP endpoint of the lab (`bot-NNNN`), which answers by itself; here is the person.
Told where the lab is (`--lab`), a bot listens to its leg and disposes by whom it heard; deaf ones draw lots.
Run: python -m sip_lab.bots --web http://127.0.0.1:8000 --accounts accounts.json --lab lab.json
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

from sip_lab.agent_ears import Ear, Sounds, Who, in_the_end, so_far

Plan = Coroutine[Any, Any, None]
_LISTEN = 0.5
"""Seconds between two thoughts about whom one has."""
_MOST_UNCLEAR = 60.0
"""Seconds after which nobody listens on to find out."""
_SAID: dict[str, int] = {
    "promise": 30, "callback": 14, "cannot_pay": 12, "refuses": 11, "paid": 6, "dispute": 4,
    "third_party": 13, "wrong_number": 5, "do_not_call": 2, "hung_up": 3,
}  # fmt: skip
"""What comes of talks with people, of a hundred."""
_FEW_WORDS = 4.0
"""Seconds of speech below which a person who hung up has said nothing to speak of."""
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
    callback: tuple[float, float] = (3 * 3600.0, 24 * 3600.0)
    """From when to when people want to be called back."""


class Bot:
    """One bot agent. State is only what the server pushes, and what its ear hears."""

    def __init__(
        self,
        web: str,
        login: str,
        password: str,
        manner: Manner,
        rng: random.Random,
        ear: Ear | None = None,
    ) -> None:
        self._web, self._login, self._password = web.rstrip("/"), login, password
        self._ear = ear
        self._hung_up = False
        """Whether it was us who ended the present call."""
        self._had: Who | None = None
        """Whom we had, as far as it was plain while the call went on."""
        self._manner, self._rng = manner, rng
        self._page = secrets.token_hex(8)
        self._planned: tuple[str, str] = ("", "")
        """(call id, what is planned for it)"""
        self._said: dict[str, Any] = {}
        """The last disposition, as sent."""

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
                elif message["type"] == "refused" and message["request"] == "dispose" and "rule" in message:
                    self._said = said_otherwise(self._said, message["first_at"])
                    await self._say(wire, **self._said)
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
            self._planned, self._hung_up, self._had = (call["id"], "talk"), False, None
            return [self._talk(wire, call["id"]) if self._ear is None else self._listens(wire, call["id"])]
        if state == "wrap_up" and self._planned != (call["id"], "wrap"):
            self._planned = (call["id"], "wrap")
            return [self._wrap_up(wire, call)]
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

    def _talk_time(self) -> float:
        shape = self._manner.talk_shape
        return self._manner.talk_mean * self._rng.lognormvariate(-shape * shape / 2, shape)

    async def _talk(self, wire: websockets.ClientConnection, call_id: str) -> None:
        await asyncio.sleep(self._talk_time())
        await self._end(wire, call_id)

    async def _end(self, wire: websockets.ClientConnection, call_id: str, key: str = "hang_up") -> None:
        for _ in range(_PRESSES):
            if self._planned != (call_id, "talk"):
                return
            self._hung_up = True
            await self._say(wire, type=key, call_id=call_id)
            await asyncio.sleep(_AGAIN)

    async def _listens(self, wire: websockets.ClientConnection, call_id: str) -> None:
        """Find out whom one has; talk to people, hang up on machines and on nobody."""
        assert self._ear is not None
        await self._ear.open(call_id)
        talk, spent = self._talk_time(), 0.0
        while self._planned == (call_id, "talk") and self._had is None and spent < _MOST_UNCLEAR:
            await asyncio.sleep(_LISTEN)
            spent += _LISTEN
            self._had = so_far(self._ear.heard())
        if self._planned != (call_id, "talk"):
            return
        if self._had is Who.PERSON:
            await self._say(wire, type="verify_identity", call_id=call_id)
            await asyncio.sleep(max(0.0, talk - spent))
        await self._end(wire, call_id, "its_a_machine" if self._had is Who.MACHINE else "hang_up")

    async def _wrap_up(self, wire: websockets.ClientConnection, call: dict[str, Any]) -> None:
        heard = await self._ear.finished() if self._ear is not None else Sounds()
        await asyncio.sleep(self._rng.expovariate(1 / self._manner.wrap_mean))
        self._said = self._disposition(call, heard)
        await self._say(wire, **self._said)

    def _disposition(self, call: dict[str, Any], heard: Sounds) -> dict[str, Any]:
        code = self._rng.choice(_CODES) if self._ear is None else self._code(call, heard)
        message: dict[str, Any] = {"type": "dispose", "call_id": call["id"], "code": code, "notes": ""}
        now = datetime.now(UTC)
        if code == "promise":
            message["promise_minor"] = self._promised(call)
            message["promise_on"] = (now + timedelta(days=self._rng.randint(2, 20))).date().isoformat()
        if code == "callback":
            message["callback_at"] = (
                now + timedelta(seconds=self._rng.uniform(*self._manner.callback))
            ).isoformat()
        return message

    def _code(self, call: dict[str, Any], heard: Sounds) -> str:
        """What a good agent would say of whom it heard; what is not known is not claimed."""
        # Where the product found a machine out while we were still listening, it was not they who hung up.
        theirs = not self._hung_up and call["outcome"] == "conversation"
        who = self._had if self._had in (Who.PERSON, Who.MACHINE) else in_the_end(heard, they_hung_up=theirs)
        if who is Who.MACHINE:
            return "machine"
        if who is not Who.PERSON or (theirs and heard.speech < _FEW_WORDS):
            return "hung_up"
        return self._rng.choices(list(_SAID), list(_SAID.values()))[0]

    def _promised(self, call: dict[str, Any]) -> int:
        """The whole debt, or half of it; some amount while the debt is hidden."""
        debts = [int(debt["balance_minor"]) for debt in call["debts"] if debt.get("balance_minor")]
        if not debts:
            return self._rng.randrange(1_000, 50_000)
        return max(100, debts[0] // self._rng.choice((1, 1, 2)))

    async def _say(self, wire: websockets.ClientConnection, **message: Any) -> None:
        try:
            await wire.send(json.dumps(message))
        except websockets.ConnectionClosed:
            return


def said_otherwise(said: dict[str, Any], first_at: str | None) -> dict[str, Any]:
    """A disposition whose callback the rules refuse: the first time they permit, or no callback at all.

    A time that is refused though it was told is not said for ever.
    """
    if first_at not in (None, said.get("callback_at")):
        return {**said, "callback_at": first_at}
    return {key: value for key, value in said.items() if key != "callback_at"} | {"code": "cannot_pay"}


async def _messages(wire: websockets.ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """What the server pushes, until the connection ends one way or the other."""
    try:
        async for text in wire:
            yield json.loads(text)
    except websockets.ConnectionClosed:
        return


async def run(
    web: str,
    accounts: list[dict[str, str]],
    manner: Manner,
    seed: int,
    carrier: dict[str, Any] | None = None,
) -> None:
    """Let every account work until cancelled; with lab.json's carrier those that have an endpoint listen."""
    async with asyncio.TaskGroup() as tasks:
        for number, account in enumerate(accounts):
            rng = random.Random(seed * 1000 + number)
            ear = Ear(carrier, account["endpoint"]) if carrier and account.get("endpoint") else None
            bot = Bot(web, account["login"], account["password"], manner, rng, ear)
            tasks.create_task(bot.work())


def main() -> None:
    """Command line of the bots."""
    parser = argparse.ArgumentParser(prog="sip_lab.bots", description=__doc__)
    parser.add_argument("--web", required=True, help="address of the consoles")
    parser.add_argument(
        "--accounts", type=Path, required=True, help='JSON file: [{"login", "password", "endpoint"?}]'
    )
    parser.add_argument(
        "--lab", type=Path, help="lab.json: listen to every call, and dispose by what is heard"
    )
    parser.add_argument(
        "--callback",
        type=float,
        nargs=2,
        metavar=("FROM", "TO"),
        default=(10_800.0, 86_400.0),
        help="seconds until people want to be called back (10800 86400)",
    )
    parser.add_argument("--talk", type=float, default=20.0, help="mean talk time, seconds (20)")
    parser.add_argument("--wrap", type=float, default=5.0, help="mean wrap-up time, seconds (5)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    manner = Manner(talk_mean=options.talk, wrap_mean=options.wrap, callback=tuple(options.callback))
    carrier = json.loads(options.lab.read_text())["carrier"] if options.lab else None
    accounts = json.loads(options.accounts.read_text())
    try:
        asyncio.run(run(options.web, accounts, manner, options.seed, carrier))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
