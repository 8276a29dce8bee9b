"""Phones that register at a real Asterisk and leave it, as the link tells."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from dialer.model.facts import EndpointReachable
from tests.conformance.telephony_suite import DEADLINE, Rig
from tests.lab.ami_rig import account, ami_rig
from tests.lab.lab_process import Facts


class Phone:
    """As much of a browser's phone as registering needs."""

    def __init__(self, socket: ClientConnection, user: str, password: str) -> None:
        self._socket = socket
        self._user = user
        self._password = password
        self._call = str(uuid4())
        self._sequence = 0
        self._answers: asyncio.Queue[str] = asyncio.Queue()

    async def register(self, seconds: int = 60) -> None:
        """Register, or leave with 0 seconds."""
        challenge = await self._ask(seconds, "")
        answer = await self._ask(seconds, self._proof(challenge))
        assert answer.startswith("SIP/2.0 200"), answer

    async def _ask(self, seconds: int, proof: str) -> str:
        self._sequence += 1
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/WS test.invalid;branch=z9hG4bK{uuid4().hex}",
            f"From: <sip:{self._user}@127.0.0.1>;tag={self._call[:8]}",
            f"To: <sip:{self._user}@127.0.0.1>",
            f"Call-ID: {self._call}",
            f"CSeq: {self._sequence} REGISTER",
            f"Contact: <sip:{self._user}@{self._call[:8]}.invalid;transport=ws>;expires={seconds}",
            "Max-Forwards: 70",
            *([proof] if proof else []),
            "Content-Length: 0",
            "",
            "",
        ]
        await self._socket.send("\r\n".join(lines))
        async with asyncio.timeout(DEADLINE):
            return await self._answers.get()

    async def listen(self) -> None:
        """Keep answers for who asked, and say that we are there to who asks us."""
        async for message in self._socket:
            text = message if isinstance(message, str) else message.decode()
            if text.startswith("SIP/2.0"):
                self._answers.put_nowait(text)
            elif text.startswith("OPTIONS"):
                kept = re.findall(r"(?m)^(?:Via|From|To|Call-ID|CSeq): [^\r]*", text)
                await self._socket.send("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]))

    def _proof(self, challenge: str) -> str:
        told = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        uri, nonce, realm = "sip:127.0.0.1", told["nonce"], told["realm"]
        first = _digest(f"{self._user}:{realm}:{self._password}")
        proof = _digest(f"{first}:{nonce}:00000001:test:auth:{_digest(f'REGISTER:{uri}')}")
        return (
            f'Authorization: Digest username="{self._user}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
            f' response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="test",'
            f' opaque="{told.get("opaque", "")}"'
        )


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def _listed(rig: Rig, endpoint: str) -> None:
    """Wait until snapshots show a phone: the device state follows the contact."""
    async with asyncio.timeout(DEADLINE):
        while endpoint not in (await rig.telephony.snapshot()).endpoints:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def phone(lab: Facts) -> AsyncIterator[Phone]:
    """A phone of the last browser agent, which no other test uses."""
    agent = lab["web_agents"][-1]
    async with (
        connect(lab["pbx"]["ws_url"], subprotocols=[Subprotocol("sip")]) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        phone = Phone(socket, agent["sip_user"], agent["sip_password"])
        tasks.create_task(phone.listen())
        yield phone
        await socket.close()


async def test_phone_that_registers_anew_and_leaves(lab: Facts) -> None:
    endpoint = lab["web_agents"][-1]["endpoint"]
    async with ami_rig(account(lab)) as rig:
        async with phone(lab) as first, phone(lab) as second:
            await first.register()
            await rig.heard(EndpointReachable(endpoint, True))
            await _listed(rig, endpoint)
            await second.register()
            await second.register(seconds=0)
            await rig.heard(EndpointReachable(endpoint, False))
        told = [
            fact
            for fact in rig.heard_all
            if isinstance(fact, EndpointReachable) and fact.endpoint == endpoint
        ]
        assert [fact.reachable for fact in told] == [True, False]
        assert endpoint not in (await rig.telephony.snapshot()).endpoints
