"""Asterisk's AudioSocket protocol, without input or output: a byte of kind, two of length, the payload."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID

HEADER = 3
LONGEST = 3200
"""Bytes of one payload: 200 ms of audio; Asterisk sends 320."""
FRAME = 320
"""Bytes of 20 ms of signed linear audio, 8 kHz, little endian."""


class Kind(IntEnum):
    """What a message is."""

    HANGUP = 0x00
    UUID = 0x01
    DTMF = 0x03
    AUDIO = 0x10
    ERROR = 0xFF


class Refusal(StrEnum):
    """Why a connection is closed."""

    UNKNOWN_KIND = "unknown_kind"
    TOO_LONG = "too_long"
    NO_ID = "no_id"
    """Something else came before the id."""
    BAD_ID = "bad_id"
    SECOND_ID = "second_id"
    ODD_AUDIO = "odd_audio"
    UNEXPECTED = "unexpected"
    """Nobody told us of this call."""
    TAKEN = "taken"
    """The call is heard already."""
    FLOOD = "flood"
    """More audio than time."""
    SILENT = "silent"
    """No id for too long."""
    TOO_MANY = "too_many"


class Malformed(ValueError):
    """The other side does not speak AudioSocket; `refusal` tells how."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Message:
    """One message; of the kinds that carry nothing we need only the kind."""

    kind: Kind
    payload: bytes = b""

    @property
    def call_id(self) -> UUID:
        """With UUID: the call."""
        return UUID(bytes=self.payload)


class Parser:
    """Bytes in, messages out; raises Malformed at the first byte without sense. Keeps one message at most."""

    def __init__(self) -> None:
        self._rest = b""
        self._named = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now."""
        data, found, at = self._rest + data, [], 0
        while len(data) - at >= HEADER:
            size = int.from_bytes(data[at + 1 : at + HEADER], "big")
            kind = self._checked(data[at], size)
            if len(data) - at - HEADER < size:
                break
            found.append(self._message(kind, data[at + HEADER : at + HEADER + size]))
            at += HEADER + size
        self._rest = data[at:]
        return found

    def _checked(self, number: int, size: int) -> Kind:
        """Refused by its header already, before a byte of it is kept."""
        try:
            kind = Kind(number)
        except ValueError:
            raise Malformed(Refusal.UNKNOWN_KIND) from None
        if size > LONGEST:
            raise Malformed(Refusal.TOO_LONG)
        if kind is Kind.AUDIO and size % 2:
            raise Malformed(Refusal.ODD_AUDIO)
        if kind is Kind.UUID and size != 16:
            raise Malformed(Refusal.BAD_ID)
        if kind not in (Kind.UUID, Kind.HANGUP, Kind.ERROR) and not self._named:
            raise Malformed(Refusal.NO_ID)
        return kind

    def _message(self, kind: Kind, payload: bytes) -> Message:
        if kind is Kind.UUID:
            if self._named:
                raise Malformed(Refusal.SECOND_ID)
            self._named = True
        return Message(kind, payload)


def audio(samples: bytes) -> bytes:
    """Audio as a message."""
    return bytes((Kind.AUDIO,)) + len(samples).to_bytes(2, "big") + samples


def named(call_id: UUID) -> bytes:
    """The message that opens a stream."""
    return bytes((Kind.UUID, 0, 16)) + call_id.bytes


SILENCE = audio(bytes(FRAME))
"""Sent back for each frame heard: without traffic Asterisk ends the stream after two seconds."""


class Blocks:
    """Audio of any length in, frames of 20 ms out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, samples: bytes) -> list[bytes]:
        """The frames that are whole now."""
        if not self._rest and len(samples) == FRAME:
            return [samples]
        samples = self._rest + samples
        whole = len(samples) - len(samples) % FRAME
        self._rest = samples[whole:]
        return [samples[at : at + FRAME] for at in range(0, whole, FRAME)]
