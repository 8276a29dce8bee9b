"""The sound of one call: G.711 A-law over RTP, a packet each 20 ms, and a file of what is heard."""

import asyncio
import bisect
import secrets
import socket
import struct
import wave
from collections import deque
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sip_lab.ears import Track, levels, open_port, packets

FRAME = 160  # samples
TICK = 0.02
_SILENCE = b"\xd5" * FRAME
_QUIET = 200  # of 32768: what follows the last louder sample is no greeting any more
_SAMPLES = range(-32768, 32768)
_LEVELS = sorted((level, code) for code, level in enumerate(levels()))


def now() -> float:
    """Seconds since 1970."""
    return datetime.now(UTC).timestamp()


@lru_cache(maxsize=1)
def _codes() -> list[int]:
    """Of each 16-bit sample, from the lowest on, the next level that is not below it."""
    last = len(_LEVELS) - 1
    return [_LEVELS[min(last, bisect.bisect_left(_LEVELS, (sample, -1)))][1] for sample in _SAMPLES]


def encoded(samples: list[int]) -> bytes:
    """16-bit samples as A-law."""
    codes = _codes()
    return bytes([codes[sample - _SAMPLES.start] for sample in samples])


@lru_cache(maxsize=64)
def frames(path: Path) -> tuple[bytes, ...]:
    """A recording (8 kHz, mono, 16 bits) as packets, without the silence at its end."""
    with wave.open(str(path)) as sound:
        data = sound.readframes(sound.getnframes())
    samples = list(struct.unpack(f"<{len(data) // 2}h", data))
    end = next((n for n in range(len(samples), 0, -1) if abs(samples[n - 1]) > _QUIET), 0)
    code = encoded(samples[:end])
    return tuple(code[n : n + FRAME].ljust(FRAME, b"\xd5") for n in range(0, len(code), FRAME))


class Line:
    """Both directions of one call's sound."""

    def __init__(self) -> None:
        """Opens a port of its own."""
        self._ears = open_port(0)
        self._mouth = self._ears
        self._source, self._number, self._stamp = secrets.randbits(32), secrets.randbits(15), 0
        self._peer: tuple[str, int] | None = None
        self._came: Track | None = None
        self._went: Track | None = None
        self._saying: deque[bytes] = deque()
        self._said = asyncio.Event()
        self.hisses = False
        """Sends G.722 instead, of which it only knows noise."""
        self.saves = False
        """Voice activity detection: nothing is sent while nothing is said."""
        self.mute = False
        """Nothing is sent at all."""
        self.said_at = 0.0
        """When the last packet of what was said left."""
        self.heard_at = 0.0
        """When the last packet came."""

    @property
    def port(self) -> int:
        """Where we listen."""
        return int(self._ears.getsockname()[1])

    def open(self, peer: tuple[str, int], came: Track, went: Track) -> None:
        """From now on sound flows both ways, and is kept."""
        self._peer, self._came, self._went, self.heard_at = peer, came, went, now()
        asyncio.get_running_loop().add_reader(self._ears, self._arrived)

    def move(self) -> None:
        """Go on from another port as another source, without a word: a gateway that changed over."""
        if self._mouth is not self._ears:
            self._mouth.close()
        self._mouth = open_port(0)
        self._source, self._number = secrets.randbits(32), secrets.randbits(15)

    async def say(self, recording: Path) -> float:
        """Send a recording; when its last packet left."""
        self._saying.extend(frames(recording))
        self._said.clear()
        await self._said.wait()
        return self.said_at

    def tick(self) -> None:
        """Another 20 ms are over."""
        if self._peer is None:
            return
        self._stamp += FRAME
        payload = self._saying.popleft() if self._saying else None
        if not self.mute and (payload is not None or not self.saves):
            self._send(secrets.token_bytes(FRAME) if self.hisses else payload or _SILENCE, self._peer)
        if payload is not None:
            self.said_at = now()
            if self._went is not None and not self.mute:
                self._went.heard(payload, self.said_at)
        if not self._saying:
            self._said.set()

    def close(self) -> None:
        """The call is over."""
        if self._peer is not None:
            asyncio.get_running_loop().remove_reader(self._ears)
        self._peer = None
        self._said.set()
        self._ears.close()
        self._mouth.close()
        for track in (self._came, self._went):
            if track is not None:
                track.close()

    def _send(self, payload: bytes, peer: tuple[str, int]) -> None:
        self._number += 1
        head = struct.pack(
            "!BBHII",
            0x80,
            9 if self.hisses else 8,
            self._number & 0xFFFF,
            self._stamp & 0xFFFFFFFF,
            self._source,
        )
        try:
            self._mouth.sendto(head + payload, peer)
        except OSError:
            return  # the other side has just closed its port: its BYE is on the way

    def _arrived(self) -> None:
        for packet in packets(self._ears):
            self.heard_at = packet.at
            if self._came is not None and packet.kind == 8:
                self._came.heard(packet.payload, packet.at)


def spare_port() -> int:
    """A port on which nobody listens."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
