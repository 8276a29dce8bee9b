"""The PBX calls itself: only so is seen what it writes, plays and tells.

Local channels that lead to our own dialplan: nobody is rung, no trunk is used, and the engine takes the
channels for strangers', whom it leaves alone (ADR 0036). All end within seconds.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dialer.doctor.findings import Finding, Speaker
from dialer.doctor.floor import Floor
from dialer.doctor.manager import Manager
from dialer.doctor.stores import unasked
from dialer.exceptions import ActionFailed, Unsendable
from dialer.settings import Settings

PREFIX = "cadencia-check-"
"""Of our channels' ids: neither an attempt's nor a leg's, so that no engine takes them for its own."""
ENDINGS = ("-customer.wav", "-agent.wav")
PATIENCE = 5.0
"""Seconds until all that we look for has been seen."""
AUDIBLE = 0.5
"""Seconds that the shortest message takes at least."""
_STEP = 0.1
_BELIEF = ("CADENCIA_SCREEN=off", "CADENCIA_FALLBACK=60", "CADENCIA_BELIEF=60000")
CLASSES = {"FullyBooted": "system", "Newchannel": "call", "UserEvent": "user"}
"""An event of each class that the account must read; the first comes at the login."""


@dataclass(frozen=True, slots=True)
class Played:
    """A message that one of our channels plays."""

    channel_id: str
    path: str


async def calls(manager: Manager, floor: Floor, settings: Settings, speaker: Speaker) -> list[Finding]:
    """Whether events reach us, messages are there, and the PBX writes where we read."""
    sounds = await manager.value("CADENCIA_SOUNDS")
    token = secrets.token_hex(6)
    paths = floor.messages(sounds, settings.messages)
    played = [Played(f"{PREFIX}{token}-{number}", path) for number, path in enumerate(paths)]
    recording = settings.recordings_spool.absolute() / f".{PREFIX}{token}"
    recorded = f"{PREFIX}{token}-rec"
    files = [recording.with_name(recording.name + ending) for ending in ENDINGS]
    try:
        try:
            await _place(manager, recorded, "cadencia-customer", f"CADENCIA_REC={recording}", *_BELIEF)
            for one in played:
                await _place(manager, one.channel_id, "cadencia-safe-harbour", f"CADENCIA_MESSAGE={one.path}")
            await _until(manager, lambda now: _seen(manager, played, now) and _there(files))
        finally:
            await _end(manager, [recorded, *(one.channel_id for one in played)])
        events = _events(manager, speaker)
        heard = (
            _messages(manager, played, sounds, speaker)
            if events.ok
            else unasked(speaker, "messages", "ami_events")
        )
        return [events, heard, _recording(files, settings.recordings_spool, speaker)]
    except (ActionFailed, Unsendable):
        names = ("ami_events", "messages", "recording")
        return [unasked(speaker, name, "ami_rights") for name in names]
    finally:
        _take_away(files)


def _take_away(files: Sequence[Path]) -> None:
    """Whatever became of the check, out of time and given up included."""
    for file in files:
        with suppress(OSError):  # told by the finding
            file.unlink(missing_ok=True)


async def _place(manager: Manager, channel_id: str, context: str, *variables: str) -> None:
    await manager.ask(
        "Originate", variables, Channel="Local/s@cadencia-agent/n",
        ChannelId=channel_id, OtherChannelId=f"{channel_id}-x",
        Context=context, Exten="s", Priority="1", Timeout="3000", Async="true",
    )  # fmt: skip


async def _until(manager: Manager, done: Callable[[float], bool]) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not done(loop.time()) and loop.time() < end:
        await manager.listen(_STEP)


async def _end(manager: Manager, channel_ids: Iterable[str]) -> None:
    for channel_id in channel_ids:
        try:
            await manager.ask("Hangup", Channel=channel_id, Cause="16")
        except ActionFailed:
            continue  # it is over


# --- what was seen


def _instant(manager: Manager, channel_id: str, part: str) -> float | None:
    """When a channel began or ended its message."""
    return next(
        (at for at, one in manager.heard if one.get("Uniqueid") == channel_id and one.get("Part") == part),
        None,
    )


def _seen(manager: Manager, played: Sequence[Played], now: float) -> bool:
    """Whether each has ended its message, or has been at it for long enough to have one."""
    for one in played:
        began = _instant(manager, one.channel_id, "start")
        over = _instant(manager, one.channel_id, "end") is not None
        if began is None or not (over or now - began > AUDIBLE):
            return False
    return True


def _there(files: Sequence[Path]) -> bool:
    return all(file.exists() for file in files)


def _events(manager: Manager, speaker: Speaker) -> Finding:
    kinds = {message["Event"] for _, message in manager.heard}
    if missing := [right for event, right in CLASSES.items() if event not in kinds]:
        return speaker.ill("ami_events", "events_missing", "cure_events", missing=", ".join(missing))
    return speaker.well("ami_events", "events")


def _messages(manager: Manager, played: Sequence[Played], sounds: str, speaker: Speaker) -> Finding:
    if not sounds:
        return speaker.ill("messages", "sounds_unset", "cure_sounds")
    silent = [one.path for one in played if _silent(manager, one)]
    if silent:
        return speaker.ill("messages", "messages_missing", "cure_messages", paths=", ".join(silent))
    return speaker.well("messages", "messages", count=len(played))


def _silent(manager: Manager, one: Played) -> bool:
    began, ended = _instant(manager, one.channel_id, "start"), _instant(manager, one.channel_id, "end")
    return began is None or (ended is not None and ended - began < AUDIBLE)


def _recording(files: Sequence[Path], spool: Path, speaker: Speaker) -> Finding:
    """Whether the PBX wrote them where we see them, and we may take them away as the archive does."""
    if not spool.is_dir():
        return unasked(speaker, "recording", "spool")
    absent = [file for file in files if not file.exists()]
    try:
        for file in files:
            file.unlink(missing_ok=True)
    except OSError as error:
        return speaker.ill(
            "recording", "recording_stuck", "cure_recording", path=spool, error=error.strerror or ""
        )
    if absent:
        return speaker.ill("recording", "recording_absent", "cure_recording", path=spool)
    return speaker.well("recording", "recording", path=spool)
