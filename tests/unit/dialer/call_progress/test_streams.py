"""One connection: how long it may be silent, how much it may say at once, and when it is over."""

from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

from dialer.call_progress.audiosocket import SILENCE, Refusal, audio, named
from dialer.call_progress.streams import BURST, FIRST_WORD, AudioServer, Stream


class Wire:
    """The transport's side that a stream sees."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.said.append(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.closed = True


@dataclass
class Listener:
    """Hears everything until it has heard enough."""

    heard: int = 0
    done: bool = False
    ended: bool = False

    def hear(self, frame: bytes) -> bool:
        self.heard += 1
        return not self.done

    def over(self) -> None:
        self.ended = True


@dataclass
class House:
    """A server with a clock that a test moves, and one stream."""

    now: float = 10.0
    ear: Listener = field(default_factory=Listener)
    wire: Wire = field(default_factory=Wire)

    def __post_init__(self) -> None:
        self.server = AudioServer(self._expected, most=5, clock=lambda: self.now)
        self.stream = Stream(self.server)
        self.stream.connection_made(cast("object", self.wire))  # type: ignore[arg-type]

    def _expected(self, call_id: UUID) -> Listener | Refusal:
        return self.ear

    def names(self) -> None:
        self.stream.data_received(named(uuid4()))

    def sends(self, frames: int) -> None:
        self.stream.data_received(audio(bytes(320)) * frames)

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.server.close_overdue()


def test_who_is_mute_is_not_refused_however_long() -> None:
    """A telephone that sends nothing, or a person who mutes it: the order's limits end it, not the stream."""
    house = House()
    house.names()
    house.sends(10)
    for _ in range(60):
        house.passes(0.5)
    assert not house.wire.closed
    assert house.server.refused.total() == 0
    house.sends(10)
    assert house.ear.heard == 20


def test_a_mute_call_hears_a_sign_of_life_all_the_same() -> None:
    house = House()
    house.names()
    house.passes(0.5)
    house.passes(0.5)
    assert house.wire.said == [SILENCE, SILENCE]


def test_what_has_heard_enough_is_closed_though_nothing_comes() -> None:
    house = House()
    house.names()
    house.ear.done = True
    house.passes(0.5)
    assert house.wire.closed
    assert house.server.refused.total() == 0


def test_who_does_not_say_whose_audio_it_is_is_refused() -> None:
    house = House()
    house.passes(FIRST_WORD + 0.1)
    assert house.wire.closed
    assert house.server.refused[Refusal.SILENT] == 1


def test_what_is_kept_at_the_begin_may_come_at_once_and_then_nearly_twice_real_time() -> None:
    house = House()
    house.names()
    house.sends(BURST)
    for _ in range(100):
        house.now += 0.1
        house.sends(9)
    assert not house.wire.closed


def test_a_silence_is_no_right_to_a_flood() -> None:
    house = House()
    house.names()
    house.passes(60)
    house.sends(BURST)
    assert not house.wire.closed
    house.sends(1)
    assert house.server.refused[Refusal.FLOOD] == 1
    assert house.wire.closed
