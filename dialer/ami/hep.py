"""What the PBX's signalling tells and its events do not: its own copies of SIP messages (HEP, version 3).

Who answers at the instant in which we give a call up crosses our CANCEL with a 200 (RFC 5407, 3.1.2).
Asterisk acknowledges and hangs up; its channel is long gone, so no event says that a person heard a click.
"""

import asyncio
import re
import struct
from collections.abc import Callable

_MAGIC = b"HEP3"
_HEAD = struct.Struct("!HHH")
_PAYLOAD = 0x000F
_SECONDS = re.compile(r"[0-9]{1,9}")
LIMIT = 5_000
"""Cancelled calls remembered at once: the answer crosses within a second."""


def sip_of(packet: bytes) -> bytes:
    """The SIP message in a packet; empty when there is none."""
    place, end = 6, len(packet)
    if packet[:4] != _MAGIC:
        return b""
    while place + _HEAD.size <= end:
        _, kind, length = _HEAD.unpack_from(packet, place)
        if length < _HEAD.size:
            return b""
        if kind == _PAYLOAD:
            return packet[place + _HEAD.size : place + length]
        place += length
    return b""


class Crossings:
    """Calls of ours that were cancelled, until somebody answers one all the same. Pure."""

    def __init__(self) -> None:
        self._cancelled: dict[str, str] = {}

    def seen(self, message: bytes) -> str:
        """The number of a call that was answered after its CANCEL; else empty. Says so once."""
        if message.startswith(b"CANCEL "):
            headers = _headers(message)
            self._remember(headers.get("call-id", ""), _user(headers.get("to", "")))
        elif message.startswith(b"SIP/2.0 200 ") and self._cancelled:
            headers = _headers(message)
            if headers.get("cseq", "").endswith(" INVITE"):
                return self._cancelled.pop(headers.get("call-id", ""), "")
        return ""

    def _remember(self, call_id: str, number: str) -> None:
        self._cancelled[call_id] = number
        if len(self._cancelled) > LIMIT:
            self._cancelled.pop(next(iter(self._cancelled)))


def wait_of(message: bytes) -> tuple[str, float] | None:
    """Number and seconds of a refused call (5xx) whose carrier asks to be left alone (RFC 3261, 20.33)."""
    if not message.startswith(b"SIP/2.0 5"):
        return None
    headers = _headers(message)
    found = _SECONDS.match(headers.get("retry-after", ""))
    if found is None or not headers.get("cseq", "").endswith(" INVITE"):
        return None
    number = _user(headers.get("to", ""))
    return (number, float(found[0])) if number else None


class SignallingPort(asyncio.DatagramProtocol):
    """Where the PBX sends its copies: answers that came too late are told on, and wishes to be left alone."""

    def __init__(
        self, answered_too_late: Callable[[str], None], asked_to_wait: Callable[[str, float], None]
    ) -> None:
        self._crossings, self._tell, self._wait = Crossings(), answered_too_late, asked_to_wait

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One copy."""
        message = sip_of(data)
        if number := self._crossings.seen(message):
            self._tell(number)
        if (asked := wait_of(message)) is not None:
            self._wait(*asked)


def _headers(message: bytes) -> dict[str, str]:
    head = message.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
    pairs = (line.partition(":") for line in head.split("\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _user(address: str) -> str:
    """The user part of `<sip:user@host>`."""
    return address.partition("sip:")[2].partition("@")[0]
