"""Silence in a file of what somebody heard is silence, wherever the file ends."""

import wave
from pathlib import Path

import numpy as np

from sip_lab.truth import CallTruth
from tests.lab.faults.books import HEADER, RATE, first_voice, rung


def heard(path: Path, *parts: tuple[float, float]) -> Path:
    """A file of noise with these seconds and loudnesses one after the other."""
    noise = np.random.default_rng(1)
    sound = np.concatenate([noise.normal(0, level, int(seconds * RATE)) for seconds, level in parts])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.astype(np.int16).tobytes())
    return path


def call(heard: Path, **changes: object) -> CallTruth:
    """A person who greeted us a second after their file began."""
    told = {"answered": 101.0, "greeted": 102.0, "heard_from": 101.0, "heard": str(heard), "ended": 120.0}
    return CallTruth("c", "+34610100001", "person", "c@x", 100.0, **(told | changes))  # type: ignore[arg-type]


def test_the_first_voice_after_a_greeting(tmp_path: Path) -> None:
    file = heard(tmp_path / "call-in.wav", (4.0, 10), (1.0, 3_000))
    assert abs((first_voice(file, 1.0) or 0) - 4.0) <= 0.1
    assert abs((rung(call(file), []).voice or 0) - 105.0) <= 0.1


def test_what_was_heard_before_the_greeting_ended_does_not_count(tmp_path: Path) -> None:
    file = heard(tmp_path / "call-in.wav", (0.5, 3_000), (4.0, 10))
    assert first_voice(file, 1.0) is None


def test_the_greeting_ends_with_what_was_said(tmp_path: Path) -> None:
    ears = heard(tmp_path / "call-in.wav", (5.0, 10), (1.0, 3_000))
    heard(tmp_path / "call-out.wav", (0.5, 10), (0.7, 3_000), (4.8, 10))
    told = rung(call(ears), [])
    assert abs((told.greeted or 0) - 102.2) <= 0.05
    assert abs((told.voice or 0) - 106.0) <= 0.1


def test_a_file_that_its_writer_never_closed(tmp_path: Path) -> None:
    """Its header tells no length."""
    ears = heard(tmp_path / "call-in.wav", (4.0, 10), (1.0, 3_000))
    whole = ears.read_bytes()
    ears.write_bytes(bytes(HEADER) + whole[HEADER:])
    (tmp_path / "call-out.wav").write_bytes(bytes(HEADER))
    assert abs((rung(call(ears), []).voice or 0) - 105.0) <= 0.1


def test_an_empty_file_is_silence(tmp_path: Path) -> None:
    (tmp_path / "call-in.wav").write_bytes(b"")
    assert first_voice(tmp_path / "call-in.wav", 0.0) is None


def test_a_file_that_is_not_there_was_not_kept(tmp_path: Path) -> None:
    assert not rung(call(tmp_path / "gone.wav"), []).kept
    assert rung(call(heard(tmp_path / "call-in.wav", (1.0, 10))), []).kept


def test_a_call_ends_with_its_carrier(tmp_path: Path) -> None:
    gone = rung(call(tmp_path / "x", ended=None), [(110.0, 112.0)])
    assert (gone.ended, gone.hung_up_by) == (110.0, "network")
    assert rung(call(tmp_path / "x", ended=None), [(90.0, 95.0)]).ended is None
