"""Recordings become packets of A-law."""

import struct
import wave
from pathlib import Path

from sip_lab.ears import levels
from sip_lab.telephones.line import FRAME, encoded, frames


def test_every_code_of_a_law_survives() -> None:
    for code, level in enumerate(levels()):
        assert encoded([level]) == bytes([code])


def test_a_recording_loses_the_silence_at_its_end_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    samples = [0] * 400 + [8000] * 400 + [10] * 8000
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    packets = frames(path)
    assert len(packets) == 5
    assert {len(packet) for packet in packets} == {FRAME}
    assert packets[4] == encoded([8000]) * FRAME
