"""One call at one telephone: its signalling, its line, and what it notes of them."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sip_lab.behaviours import Behaviour, ring_seconds, talk_seconds, twist_seconds, voice_of
from sip_lab.ears import Track
from sip_lab.telephones.ledger import Ledger
from sip_lab.telephones.line import Line, now, spare_port
from sip_lab.telephones.sip import HOST, Dialog, Message, offer, response

Send = Callable[[bytes], None]
_T = TypeVar("_T")
_AGAIN = 0.5
"""Seconds until an unanswered message is sent again (RFC 3261, T1)."""
_PATIENCE = 8
"""How often."""


@dataclass(frozen=True, slots=True)
class House:
    """What all telephones of a lab have in common."""

    port: int
    heard: Path
    truth: Path
    voices: Path
    seed: int
    tempo: float


class Handset:
    """What a habit may do: ring, pick up, speak, keep silent, move, ask something of the other side."""

    def __init__(self, house: House, behaviour: Behaviour, number: str, invite: Message, send: Send) -> None:
        """An INVITE has come."""
        self._house, self._behaviour, self.number, self._send = house, behaviour, number, send
        contact = f"<sip:{invite.user}@{HOST}:{house.port}>"
        self._dialog = Dialog(invite, f"tel{now():.6f}", contact, house.port)
        self._ledger = Ledger(house.truth, f"tel-{invite.get('call-id')}", number)
        self.line = Line()
        self._version = 0
        self._port = self.line.port
        """That our session description names."""
        self._codec = 8, "PCMA"
        self._acked = asyncio.Event()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self.answered = False
        self._given_up, self._late = asyncio.Event(), False
        self.deaf_to_bye = False
        self._by, self._told = "", ""
        self.call_id = invite.get("call-id")
        self.life: asyncio.Task[None] | None = None
        """What it does; it ends with the call."""
        self._ledger.tell("invite", behaviour="forwarded", sip_call_id=invite.get("call-id"))

    # --- what a habit does

    async def rings(self) -> None:
        """180, and as long as this number rings."""
        self._is_rung()
        await self.waits(ring_seconds(self.number, self._behaviour, self._house.seed, self._house.tempo))

    async def rings_until_cancelled(self) -> None:
        """180, and on until the caller gives up; it may still be picked up then."""
        self._late = True
        self._is_rung()
        await self._given_up.wait()

    async def picks_up(self) -> None:
        """200, again and again until it is acknowledged; from then on sound flows."""
        self.answered = True
        at = now()
        came, went = (Track(self._house.heard, f"tel-{self.number}", at, side) for side in ("-in", "-out"))
        self._ledger.tell("answer", at)
        self._ledger.tell("heard", at, file=str(came.path))
        if (peer := self._dialog.invite.media) is not None:
            self.line.open(peer, came, went)
        for _ in range(_PATIENCE):
            self._respond("200 OK", self._dialog.invite, self._offer())
            if await _within(self._acked.wait(), _AGAIN):
                return
        self.goes("network")

    async def refuses(self, status: str, *extra: tuple[str, str]) -> None:
        """A final answer of that status and reason, again and again until it is acknowledged."""
        dialog = self._dialog
        for _ in range(_PATIENCE):
            self._send(response(status, dialog.invite, dialog.tag, dialog.contact, extra=extra))
            if await _within(self._acked.wait(), _AGAIN):
                break
        self._ends("network")

    async def greets(self) -> None:
        """'¿Diga?', and when the last of it was sent."""
        await self.waits(0.25)
        self._ledger.tell("greeted", await self._says("hello"))

    async def talks(self) -> None:
        """A few sentences."""
        await self._says("talk")

    async def waits(self, seconds: float) -> None:
        """Keep silent."""
        await asyncio.sleep(seconds)

    async def talk_is_over(self) -> None:
        """Talk on and listen in turns for as long as this number stays."""
        end = now() + talk_seconds(self.number, self._behaviour, self._house.seed, self._house.tempo)
        while now() < end:
            await self.waits(2.0)
            await self.talks()
        await self.hangs_up()

    async def until_odd(self) -> None:
        """The instant, of this number, of what is odd."""
        await self.waits(twist_seconds(self.number, self._house.seed))

    def notes(self, what: str) -> None:
        """Something odd has happened."""
        self._ledger.tell("odd", what=what)

    def hides_its_ear(self) -> None:
        """Name a port at which nobody listens."""
        self._port = spare_port()

    def speaks_only(self, payload: int, codec: str) -> None:
        """Answer with this codec, whatever was offered."""
        self._codec = payload, codec

    async def reinvites(self, payload: int, codec: str) -> int:
        """Ask for another codec; what the other side says."""
        self._version += 1
        body = offer(self._port, self._version + 1, payload, codec)
        status = await self.asks("INVITE", [], body)
        self._send(self._dialog.ack())
        return status

    async def replaces(self) -> None:
        """Have a call of its own take the place of this one; what the other side says is noted."""
        self._send(self._dialog.replacement(f"{self.call_id}-again", self._offer()))

    async def asks(self, method: str, extra: list[tuple[str, str]], body: str = "") -> int:
        """A request of our own; the final status, 408 when there is none."""
        data = self._dialog.request(method, extra, body)
        wanted = f"{self._dialog.number} {method}"
        for _ in range(_PATIENCE):
            self._send(data)
            status = await _within(self._final(wanted), _AGAIN)
            if status:
                return status
        return 408

    async def hangs_up(self) -> None:
        """BYE."""
        self._ends("person")
        await self.asks("BYE", [])

    # --- what comes

    def came(self, message: Message) -> None:
        """A message of this call."""
        match message.method:
            case "":
                self._answered(message)
            case "ACK":
                self._acked.set()
            case "CANCEL":
                self._cancelled(message)
            case "BYE":
                if not self.deaf_to_bye:
                    self._respond("200 OK", message)
                self.goes("caller")
            case "INVITE" if self.answered and message.get("cseq") != self._dialog.invite.get("cseq"):
                self._version += 1
                self._respond("200 OK", message, self._offer())
            case "NOTIFY" | "OPTIONS" | "UPDATE" | "INFO":
                self._respond("200 OK", message)
            case _:
                return

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return bool(self._by)

    def goes(self, whom: str) -> None:
        """The call was ended by somebody else."""
        self._ends(whom)
        if self.life is not None:
            self.life.cancel()

    def _ends(self, whom: str) -> None:
        """The first to say so is believed."""
        if not self._by:
            self._by = whom
            self._ledger.tell("end", by=whom)
            self.line.close()

    def close(self) -> None:
        """Nothing comes any more."""
        self._ends("network")
        self._ledger.close()

    def _cancelled(self, message: Message) -> None:
        self._respond("200 OK", message)
        self._given_up.set()
        if not self.answered and not self._late:
            self._respond("487 Request Terminated", self._dialog.invite)
            self.goes("caller")

    def _answered(self, message: Message) -> None:
        """An answer to a request of ours; what became of an odd one is noted, even after the end."""
        method = message.get("cseq").split(" ")[-1]
        told = f"{message.get('call-id')} {message.get('cseq')}"
        if message.status >= 200 and told != self._told and method != "BYE":
            self._told = told
            self.notes(f"{method} {message.status}")
        self._answers.put_nowait(message)

    def _is_rung(self) -> None:
        self._respond("180 Ringing", self._dialog.invite)
        self._ledger.tell("ring")

    def _respond(self, status: str, request: Message, body: str = "") -> None:
        self._send(response(status, request, self._dialog.tag, self._dialog.contact, body))

    def _offer(self) -> str:
        return offer(self._port, self._version + 1, *self._codec)

    async def _says(self, what: str) -> float:
        language = "en" if re.match(r"1|44", self.number) else "es"
        voice = voice_of(self.number, self._house.seed)
        return await self.line.say(self._house.voices / language / f"{voice}/{what}.wav")

    async def _final(self, wanted: str) -> int:
        while True:
            answer = await self._answers.get()
            if answer.get("cseq") == wanted and answer.status >= 200:
                return answer.status


async def _within(what: Coroutine[Any, Any, _T], seconds: float) -> _T | None:
    """What it says, or nothing when it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await what
    except TimeoutError:
        return None
