"""Encoding measured: sides, duration, level, other rates, and how much faster than the call it is."""

import sys
import time
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import soundfile

from recordings.captured import Condition, examine, list_spool, look, samples
from recordings.encode import encode, publish
from recordings.measure import LEFT, RIGHT, active_seconds, levels, onset
from tests.integration.recordings.sounds import RATE, level, record, spool_files, tone, wav


def _dominant(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency."""
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


@pytest.mark.parametrize("seconds", [0.51, 3.0, 61.37])
def test_sides_duration_and_level_survive(tmp_path: Path, seconds: float) -> None:
    attempt, target = uuid4(), tmp_path / "archive" / "x.opus"
    customer, agent = tone(440, seconds, level=0.3), tone(1500, seconds, level=0.1)
    record(tmp_path, attempt, customer, agent)
    started = time.perf_counter()
    made = encode(look(tmp_path, attempt), target, lambda: None)
    publish(made, target)
    spent = time.perf_counter() - started
    sys.stdout.write(f"{seconds:.1f} s encoded at {seconds / spent:.0f} × real time, {made.size} bytes\n")
    sound, rate = soundfile.read(target)
    assert sound.shape[1] == 2
    assert abs(len(sound) / rate - seconds) < 0.06
    assert abs(_dominant(sound[:, LEFT], rate) - 440) < 5
    assert abs(_dominant(sound[:, RIGHT], rate) - 1500) < 5
    for side, source in ((LEFT, customer), (RIGHT, agent)):
        assert abs(level(sound[:, side]) - level(source / 32768)) < 1.0
    assert not made.temporary.exists()


@pytest.mark.parametrize("rates", [(16_000, 16_000), (11_025, 11_025), (8_000, 16_000)])
def test_other_rates_are_resampled_only_if_needed(tmp_path: Path, rates: tuple[int, int]) -> None:
    attempt, target = uuid4(), tmp_path / "archive" / "x.opus"
    for path, rate, pitch in zip(spool_files(tmp_path, attempt), rates, (400.0, 900.0), strict=True):
        wave = 0.3 * 32767 * np.sin(2 * np.pi * pitch * np.arange(2 * rate) / rate)
        path.write_bytes(wav(wave.astype(np.int16), rate=rate))
    made = encode(look(tmp_path, attempt), target, lambda: None)
    publish(made, target)
    sound, rate = soundfile.read(target)
    assert rate == (16_000 if rates == (16_000, 16_000) else 48_000)
    assert abs(len(sound) / rate - 2.0) < 0.06
    assert abs(_dominant(sound[:, LEFT], rate) - 400) < 5
    assert abs(_dominant(sound[:, RIGHT], rate) - 900) < 5


def test_activity_and_onset_are_measured_on_the_archived_file(tmp_path: Path) -> None:
    attempt, target = uuid4(), tmp_path / "archive" / "x.opus"
    record(tmp_path, attempt, tone(440, 4.0, silence=1.5), tone(800, 4.0, silence=3.0, level=0.05))
    publish(encode(look(tmp_path, attempt), target, lambda: None), target)
    assert abs(active_seconds(target, LEFT) - 2.5) < 0.1
    assert abs(active_seconds(target, RIGHT) - 1.0) < 0.1
    assert abs((onset(target, LEFT) or 0) - 1.5) < 0.03
    assert abs((onset(target, RIGHT) or 0) - 3.0) < 0.03
    assert onset(target, LEFT, threshold=0.0) is None
    assert abs(levels(target, LEFT).mean() - level(tone(440, 4.0, silence=1.5) / 32768)) < 1.0


@pytest.mark.parametrize(
    ("content", "condition", "seconds"),
    [
        (wav(tone(440, 1.0)), Condition.CLOSED, 1.0),
        (wav(tone(440, 1.0)) + b"LIST\x04\x00\x00\x00abcd", Condition.CLOSED, 1.0),
        (wav(tone(440, 1.0), declared=0), Condition.OPEN, 1.0),
        (wav(tone(440, 1.0), declared=0)[:-1], Condition.OPEN, 1.0 - 1 / RATE),
        (wav(tone(440, 1.0))[:8044], Condition.TRUNCATED, 0.5),
        (wav(tone(440, 1.0))[:44], Condition.EMPTY, 0.0),
        (wav(tone(440, 0.0)), Condition.EMPTY, 0.0),
        (b"", Condition.EMPTY, 0.0),
        (wav(tone(440, 1.0))[:30], Condition.UNREADABLE, 0.0),
        (wav(tone(440, 1.0)).replace(b"RIFF", b"RIFX"), Condition.UNREADABLE, 0.0),
        (wav(tone(440, 1.0), rate=1), Condition.UNREADABLE, 0.0),
        (wav(tone(440, 1.0), rate=400_000), Condition.UNREADABLE, 0.0),
    ],
)
def test_a_file_is_judged_by_header_and_size(
    tmp_path: Path, content: bytes, condition: Condition, seconds: float
) -> None:
    path = tmp_path / "side.wav"
    path.write_bytes(content)
    side = examine(path)
    assert (side.condition, round(side.seconds, 4)) == (condition, round(seconds, 4))
    assert sum(len(block) for block in samples(side, 1000)) == side.samples


def test_the_spool_is_listed_within_bounds(tmp_path: Path) -> None:
    for _ in range(20):
        record(tmp_path, uuid4(), tone(440, 0.1), tone(440, 0.1))
    (tmp_path / "damaged").mkdir()
    (tmp_path / ".cadencia-check-0a1b-customer.wav").touch()
    assert 5 <= len(list_spool(tmp_path, older_than=0.0, limit=5).attempts) <= 6
    everything = list_spool(tmp_path, older_than=4e9, limit=100)
    assert (len(everything.attempts), len(everything.stale)) == (20, 40)
