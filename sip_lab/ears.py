"""Listening telephones: they answer at once and write down what they hear at the instant it arrives.

Sound lies in a file where the clock put it, by the kernel's time of arrival of each packet, so that the
beginning of a tone is known to a millisecond however busy the machine is. For benchmarks of latency.
Run by the supervisor: python -m sip_lab.ears --sip PORT --media PORT --heard DIR ear-0001 ear-0002
"""

import argparse
import asyncio
import os
import re
import secrets
import signal
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HOST = "127.0.0.1"
RATE = 8_000
LONGEST = 4 * 3600 * RATE  # samples of one file
_HEADER = 44
_RTP_HEADER = 12
_SILENCE = b"\xd5" * 160
_TICK = 0.02
_SO_TIMESTAMP = 29  # asm-generic/socket.h; Python has no name for it
_TIME = struct.Struct("@ll")


def _linear(code: int) -> int:
    """One sample of A-law (ITU-T G.711) as 16 bits."""
    code ^= 0x55
    exponent, mantissa = (code & 0x70) >> 4, code & 0x0F
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


_SAMPLES = [struct.pack("<h", _linear(code)) for code in range(256)]


def levels() -> list[int]:
    """What each code of A-law stands for, as 16 bits."""
    return [_linear(code) for code in range(256)]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of RTP."""

    kind: int
    """Payload type."""
    payload: bytes
    at: float
    """When the kernel took it, in seconds since 1970."""


def open_port(port: int) -> socket.socket:
    """A port for RTP that notes when each packet came; 0 = any that is free."""
    opened = socket.socket(type=socket.SOCK_DGRAM)
    opened.bind((HOST, port))
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMP, 1)
    return opened


def packets(port: socket.socket) -> Iterator[Packet]:
    """All that has come by now."""
    while True:
        try:
            data, extra, _, _ = port.recvmsg(2048, socket.CMSG_SPACE(_TIME.size))
        except (BlockingIOError, ConnectionRefusedError):
            return
        if len(data) > _RTP_HEADER:
            seconds, micros = _TIME.unpack(extra[0][2][: _TIME.size])
            yield Packet(data[1] & 0x7F, data[_RTP_HEADER:], seconds + micros / 1e6)


class Track:
    """A sound file that grows by what arrives, each packet at its own time."""

    def __init__(self, folder: Path, name: str, now: float, side: str = "") -> None:
        """Begins a file; `now` is seconds since 1970 and stands in its name, before `side`."""
        self._began = now
        self._length = 0
        self.path = folder / f"{name}-{now:.3f}{side}.wav"
        self._file = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644)
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
        os.pwrite(self._file, b"RIFF\x24\0\0\0WAVE" + form + b"data\0\0\0\0", 0)

    def heard(self, payload: bytes, at: float) -> None:
        """Puts a packet of A-law where it belongs."""
        place = max(0, round((at - self._began) * RATE))
        if place > LONGEST:
            return
        os.pwrite(self._file, b"".join(_SAMPLES[code] for code in payload), _HEADER + 2 * place)
        self._length = max(self._length, place + len(payload))
        os.pwrite(self._file, struct.pack("<I", 36 + 2 * self._length), 4)
        os.pwrite(self._file, struct.pack("<I", 2 * self._length), 40)

    def close(self) -> None:
        """Ends the file."""
        os.close(self._file)


class Ear:
    """One telephone: its RTP port, and the call it has, if any."""

    def __init__(self, name: str, port: int, folder: Path) -> None:
        """Opens the port."""
        self.name, self.port = name, port
        self.tag = secrets.token_hex(6)
        self._folder = folder
        self._track: Track | None = None
        self._peer: tuple[str, int] | None = None
        self._number = 0
        self._source = secrets.randbits(32)
        self._socket = open_port(port)

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Takes packets as they come."""
        loop.add_reader(self._socket, self._arrived)

    def lift(self, peer: tuple[str, int]) -> None:
        """A call begins."""
        self.hang_up()
        self._peer = peer
        self._track = Track(self._folder, self.name, datetime.now(UTC).timestamp())

    def hang_up(self) -> None:
        """The call is over."""
        if self._track is not None:
            self._track.close()
        self._track, self._peer = None, None

    def breathe(self) -> None:
        """Sends a packet of silence, as a telephone does while nobody speaks into it."""
        if self._peer is None:
            return
        self._number += 1
        head = struct.pack(
            "!BBHII", 0x80, 8, self._number & 0xFFFF, self._number * 160 & 0xFFFFFFFF, self._source
        )
        try:
            self._socket.sendto(head + _SILENCE, self._peer)
        except OSError:
            return  # the other side has just closed its port: its BYE is on the way

    def _arrived(self) -> None:
        for packet in packets(self._socket):
            if self._track is not None and packet.kind == 8:
                self._track.heard(packet.payload, packet.at)


@dataclass(frozen=True, slots=True)
class Request:
    """What we need of a SIP request."""

    method: str
    user: str
    headers: tuple[str, ...]
    body: str

    @property
    def echoed(self) -> list[str]:
        """Header lines that a response repeats."""
        return [
            line for line in self.headers if _name(line) in ("via", "from", "call-id", "cseq", "record-route")
        ]

    @property
    def to(self) -> str:
        """The To line."""
        return next(line for line in self.headers if _name(line) == "to")

    @property
    def media(self) -> tuple[str, int] | None:
        """Where the caller wants its sound."""
        host = re.search(r"^c=IN IP4 (\S+)", self.body, re.M)
        port = re.search(r"^m=audio (\d+)", self.body, re.M)
        return (host[1], int(port[1])) if host and port else None


def _name(line: str) -> str:
    return line.split(":", 1)[0].strip().lower()


def parse(data: bytes) -> Request | None:
    """A request, or nothing when it is a response or noise."""
    head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    match = re.match(r"([A-Z]+) sip:([^@;\s]+)@\S+ SIP/2\.0$", first)
    complete = match and any(_name(line) == "to" for line in lines)
    return Request(match[1], match[2], tuple(lines), body) if match and complete else None


class Exchange(asyncio.DatagramProtocol):
    """The SIP side of all ears, on one port."""

    def __init__(self, ears: dict[str, Ear], port: int) -> None:
        """`ears` by the user part of their address."""
        self._ears, self._port = ears, port
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """The port is open."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers a request."""
        request = parse(data)
        if request is None or request.method == "ACK" or self._transport is None:
            return
        ear = self._ears.get(request.user)
        self._transport.sendto(self._answer(request, ear), addr)

    def _answer(self, request: Request, ear: Ear | None) -> bytes:
        if ear is None:
            return _response("404 Not Found", request, "lab")
        if request.method == "INVITE" and request.media:
            if "tag=" not in request.to:
                ear.lift(request.media)
            contact = f"Contact: <sip:{request.user}@{HOST}:{self._port}>"
            return _response("200 OK", request, ear.tag, contact, _offer(ear.port))
        if request.method == "BYE":
            ear.hang_up()
        return _response("200 OK", request, ear.tag)


def _offer(port: int) -> str:
    lines = ("v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0", f"m=audio {port} RTP/AVP 8")
    return "\r\n".join((*lines, "a=rtpmap:8 PCMA/8000", "a=ptime:20", "a=sendrecv", ""))


def _response(status: str, request: Request, tag: str, contact: str = "", body: str = "") -> bytes:
    to = request.to if "tag=" in request.to else f"{request.to};tag={tag}"
    lines = [f"SIP/2.0 {status}", *request.echoed, to]
    lines += [contact, "Content-Type: application/sdp"] if body else []
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


async def serve(sip: int, media: int, folder: Path, names: list[str]) -> None:
    """Answers until told to end; ear number n has its RTP on `media` + 2n."""
    loop = asyncio.get_running_loop()
    ears = [Ear(name, media + 2 * number, folder) for number, name in enumerate(names)]
    by_user = {ear.name: ear for ear in ears}
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await loop.create_datagram_endpoint(lambda: Exchange(by_user, sip), local_addr=(HOST, sip))
    for ear in ears:
        ear.listen(loop)
    while not stop.is_set():
        for ear in ears:
            ear.breathe()
        await asyncio.sleep(_TICK)
    for ear in ears:
        ear.hang_up()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="listening telephones of the lab")
    parser.add_argument("--sip", type=int, required=True)
    parser.add_argument("--media", type=int, required=True)
    parser.add_argument("--heard", type=Path, required=True)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    asyncio.run(serve(options.sip, options.media, options.heard, options.names))


if __name__ == "__main__":
    main()
