"""What the PBX's signalling tells and its events do not: its own copies of SIP messages (HEP, version 3).

Who answers at the instant in which we give a call up crosses our CANCEL with a 200 (RFC 5407, 3.1.2).
Asterisk acknowledges and hangs up; its channel is long gone, so no event says that a person heard a click.
"""

import asyncio
import struct
from collections.abc import Callable

_MAGIC = b"HEP3"
_HEAD = struct.Struct("!HHH")
_PAYLOAD = 0x000F
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


class SignallingPort(asyncio.DatagramProtocol):
    """Where the PBX sends its copies; the listener is told the number of each answer that came too late."""

    def __init__(self, answered_too_late: Callable[[str], None]) -> None:
        self._crossings, self._tell = Crossings(), answered_too_late

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One copy."""
        if number := self._crossings.seen(sip_of(data)):
            self._tell(number)


def _headers(message: bytes) -> dict[str, str]:
    head = message.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
    pairs = (line.partition(":") for line in head.split("\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _user(address: str) -> str:
    """The user part of `<sip:user@host>`."""
    return address.partition("sip:")[2].partition("@")[0]
