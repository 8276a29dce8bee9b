"""What a bot agent hears of a call, and whom it takes the other side for: only sound counts.

A person takes turns or talks on and on; a machine says its piece, beeps and is quiet; a fax whistles. A
machine never hangs up before its beep, so who has spoken and hung up without one was a person.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sip_lab.ami import Ami
from sip_lab.errors import LabError

Samples = NDArray[np.int16]
RATE = 8_000
_FRAME = 160
_LOUD = 150.0
"""Root mean square of 32 768 above which a frame is heard."""
_WINDOW, _HOP = 800, 400
_PURE = 0.93
"""Share of a window's power within 30 Hz of its peak that no voice has."""
_TONE_WINDOWS = 5
"""Windows on end at one pitch: 0.3 s."""
_PITCHES = (350.0, 2600.0)
_TURN = 0.9
"""Seconds of quiet after which speech is a new turn; no recorded greeting rests so long."""
_WORD = 0.2
LONG_SPEECH = 10.0
"""Seconds of speech that no greeting lasts."""
NOBODY_AFTER, QUIET_AFTER = 8.0, 7.0
"""Seconds without a word from the beginning, and after the last word, when nobody is there (any more)."""


class Who(StrEnum):
    """Whom one has on the line."""

    PERSON = "person"
    MACHINE = "machine"
    NOBODY = "nobody"
    """Not a word."""
    UNCLEAR = "unclear"
    """Words, and no telling whose."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """What was heard so far, in seconds."""

    length: float = 0.0
    speech: float = 0.0
    tone: bool = False
    turns: int = 0
    """Stretches of speech with a real pause between them."""
    quiet: float = 0.0
    """Since the last word."""


def sounds(heard: Samples) -> Sounds:
    """Speech, turns and tones in 16-bit samples at 8 kHz."""
    frames = heard[: len(heard) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    loud = np.sqrt(np.mean(frames**2, axis=1)) > _LOUD if len(frames) else np.zeros(0, dtype=bool)
    spoken = np.flatnonzero(loud)
    seconds = len(frames) * _FRAME / RATE
    if not len(spoken):
        return Sounds(seconds, quiet=seconds)
    pauses = np.diff(spoken) * _FRAME / RATE
    stretches = np.split(spoken, np.flatnonzero(pauses >= _TURN) + 1)
    turns = sum(len(one) * _FRAME / RATE >= _WORD for one in stretches)
    quiet = float(seconds - (spoken[-1] + 1) * _FRAME / RATE)
    return Sounds(seconds, len(spoken) * _FRAME / RATE, _has_tone(heard), turns, quiet)


def _has_tone(heard: Samples) -> bool:
    """Whether one pure pitch was held for 0.3 s."""
    if len(heard) < _WINDOW:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(heard, _WINDOW)[::_HOP].astype(np.float64)
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2
    peaks = power[:, 3:-3].argmax(axis=1) + 3
    near = np.take_along_axis(power, peaks[:, None] + np.arange(-3, 4), axis=1).sum(axis=1)
    pitch = peaks * RATE / _WINDOW
    loud = np.sqrt(np.mean(windows**2, axis=1)) > _LOUD
    pure = (near > _PURE * power.sum(axis=1)) & loud & (pitch > _PITCHES[0]) & (pitch < _PITCHES[1])
    held = 0
    for place, is_pure in enumerate(pure):
        same = held == 0 or abs(pitch[place] - pitch[place - 1]) <= 20
        held = (held + 1 if same else 1) if is_pure else 0
        if held >= _TONE_WINDOWS:
            return True
    return False


def so_far(heard: Sounds) -> Who | None:
    """Whom one has while the call goes on; None = listen on."""
    if heard.tone:
        return Who.MACHINE
    if heard.turns >= 2 or heard.speech >= LONG_SPEECH:
        return Who.PERSON
    if heard.turns == 0:
        return Who.NOBODY if heard.length >= NOBODY_AFTER else None
    return Who.UNCLEAR if heard.quiet >= QUIET_AFTER else None


def in_the_end(heard: Sounds, *, they_hung_up: bool) -> Who:
    """Whom one had, once the call is over."""
    who = so_far(heard)
    if who is not None and who is not Who.UNCLEAR:
        return who
    if heard.turns == 0:
        return Who.NOBODY
    return Who.PERSON if they_hung_up else Who.UNCLEAR


class Ear:
    """A bot's telephone at the carrier, listened to one call at a time. For the lab's own bots."""

    def __init__(self, carrier: dict[str, Any], phone: str) -> None:
        """`carrier` as lab.json tells it; `phone`: the endpoint, as bot-0001."""
        self._carrier, self._phone = carrier, phone.replace("-", "")
        self._channel = ""
        self._file: Path | None = None

    async def open(self, call_id: str) -> None:
        """Begin to listen to a call; a carrier that is away is not heard."""
        self.close()
        file = Path(self._carrier["heard_dir"]) / f"agent-{self._phone}-{call_id}.sln"
        try:
            await asyncio.to_thread(self._start, file)
        except (OSError, LabError):
            return
        self._file = file

    def heard(self) -> Sounds:
        """All of the call that has been written down; a second or two behind."""
        try:
            raw = self._file.read_bytes() if self._file is not None else b""
        except OSError:
            raw = b""
        return sounds(np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2"))

    async def finished(self) -> Sounds:
        """Stop listening; everything that was heard."""
        if self._file is None:
            return Sounds()
        try:
            await asyncio.to_thread(self._act, "StopMixMonitor", Channel=self._channel)
        except (OSError, LabError):
            pass  # the leg has ended, and its file with it
        await asyncio.sleep(_WRITTEN)
        heard = self.heard()
        self.close()
        return heard

    def close(self) -> None:
        """Forget the call."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
        self._file = None

    def _start(self, file: Path) -> None:
        order = {"File": "", "options": f"r({file})S"}
        try:
            if self._channel:
                self._act("MixMonitor", Channel=self._channel, **order)
                return
        except LabError:
            pass  # another leg by now
        with self._manager() as ami:
            rows = ami.listing("CoreShowChannels")
            mine = [row["Channel"] for row in rows if row.get("AccountCode") == self._phone]
            if not mine:
                raise LabError(f"no leg of {self._phone}")
            self._channel = mine[-1]
            ami.action("MixMonitor", Channel=self._channel, **order)

    def _act(self, name: str, **headers: str) -> None:
        with self._manager() as ami:
            ami.action(name, **headers)

    def _manager(self) -> Ami:
        at = self._carrier
        return Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"], timeout=3.0)


_WRITTEN = 0.3
"""Seconds until a recorder that was told to stop has written all."""
