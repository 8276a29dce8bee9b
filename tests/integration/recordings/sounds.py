"""Spool files as Asterisk writes them, made from numbers."""

import struct
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

RATE = 8000


def tone(frequency: float, seconds: float, *, level: float = 0.3, silence: float = 0.0) -> NDArray[np.int16]:
    """A sine after some silence; `level` is the peak, full scale = 1."""
    lead = np.zeros(round(silence * RATE), dtype=np.int16)
    at = np.arange(round((seconds - silence) * RATE)) / RATE
    wave = np.round(level * 32767 * np.sin(2 * np.pi * frequency * at)).astype(np.int16)
    return np.concatenate((lead, wave))


def wav(samples: NDArray[np.int16], *, rate: int = RATE, declared: int | None = None) -> bytes:
    """A mono 16-bit WAV; `declared` overrides the length in the header (0: the writer was killed)."""
    body = samples.astype("<i2").tobytes()
    length = len(body) if declared is None else declared
    riff = 36 + length if length else 0
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", riff)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + (b"data" + struct.pack("<I", length) + body)
    )


def spool_files(spool: Path, attempt: UUID) -> tuple[Path, Path]:
    """Where the PBX writes the customer's and the agent's side."""
    return spool / f"{attempt}-customer.wav", spool / f"{attempt}-agent.wav"


def record(
    spool: Path, attempt: UUID, customer: NDArray[np.int16], agent: NDArray[np.int16], *, mix: bool = False
) -> None:
    """A whole captured call."""
    spool.mkdir(exist_ok=True)
    for path, samples in zip(spool_files(spool, attempt), (customer, agent), strict=True):
        path.write_bytes(wav(samples))
    if mix:
        (spool / f"{attempt}.wav").write_bytes(wav(customer))


def level(samples: NDArray[np.floating]) -> float:
    """RMS in dBFS."""
    return float(10 * np.log10(np.mean(np.square(samples.astype(np.float64))) + 1e-12))
