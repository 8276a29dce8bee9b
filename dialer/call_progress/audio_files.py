"""The first seconds of calls, kept as FLAC for QA and for training. A full disk disturbs nobody."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
import soundfile
import structlog

log = structlog.get_logger("detector")

RATE = 8000
_WAITING = 500
"""Clips that wait for the disk; what comes beyond is not kept."""


class AudioFiles:
    """Writes in a task of its own, below one folder, a folder for each day."""

    def __init__(self, folder: Path, *, today: Callable[[], date]) -> None:
        self.folder, self._today = folder, today
        self.written = self.failed = 0
        self._queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_WAITING)

    def place(self, call_id: UUID) -> str:
        """Where the clip of a call will be, relative to the folder."""
        return f"{self._today().isoformat()}/{call_id}.flac"

    def keep(self, place: str, samples: bytes) -> None:
        """Write a clip by and by (signed linear, 8 kHz)."""
        try:
            self._queue.put_nowait((place, samples))
        except asyncio.QueueFull:
            self.failed += 1

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            place, samples = await self._queue.get()
            try:
                await asyncio.to_thread(self._write, place, samples)
                self.written += 1
            except (OSError, soundfile.SoundFileError) as error:
                self.failed += 1
                log.warning("detector.audio_not_kept", place=place, error=str(error))

    def _write(self, place: str, samples: bytes) -> None:
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        data = np.frombuffer(samples, dtype="<i2")
        soundfile.write(part, data, RATE, format="FLAC", subtype="PCM_16")
        part.rename(path)
