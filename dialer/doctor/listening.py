"""The detector: there, ours, quick enough, and asked by somebody."""

import asyncio
from contextlib import suppress

from dialer.call_progress import control
from dialer.call_progress.lines import said
from dialer.doctor.findings import Finding, Speaker, describe
from dialer.doctor.floor import Floor
from dialer.settings import Settings
from dialer.time_limit import time_limit

PATIENCE = 3.0
"""Seconds for the connection and for the pong."""
LAG = 0.5
"""Seconds by which it may be behind the audio."""


async def detector(settings: Settings, floor: Floor | None, speaker: Speaker) -> list[Finding]:
    """A pong on the engine's port and an open port for the PBX's audio; who is no engine displaces none."""
    asked = None if floor is None else floor.screened
    wrong = await _wrong(settings)
    if wrong and asked == []:
        return [speaker.well("detector", "detector_unneeded", error=wrong)]
    if wrong:
        values = {"error": wrong, "campaigns": ", ".join(asked or ()) or "-"}
        return [speaker.ill("detector", "detector_dead", "cure_detector", **values)]
    if asked == [] and floor is not None and floor.campaigns:
        return [speaker.well("detector", "detector_unasked")]
    return [speaker.well("detector", "detector")]


async def _wrong(settings: Settings) -> str:
    """What is wrong with it, in few words; empty when nothing is."""
    try:
        async with time_limit(PATIENCE):
            lag = await _pong(settings)
            await _opens(settings.progress_host, settings.progress_port)
    except TimeoutError:
        return f"{settings.progress_host}: no answer within {PATIENCE:g} s"
    except (OSError, ValueError) as error:
        return describe(error)
    return "" if lag <= LAG else f"{lag:.1f} s behind"


async def _pong(settings: Settings) -> float:
    reader, writer = await asyncio.open_connection(settings.progress_host, settings.progress_control_port)
    try:
        secret = settings.progress_secret.get_secret_value()
        said(writer, control.Hello(control.VERSION, secret, control.LOOKS, "check"))
        text = await reader.readline()
    finally:
        await _closed(writer)
    if not text:
        raise ValueError("it closed the link: other CADENCIA_PROGRESS_SECRET, or another version")
    word = control.answer(text)
    if not isinstance(word, control.Pong):
        raise ValueError("it answers in another way: no detector of ours")
    return word.lag


async def _opens(host: str, port: int) -> None:
    _, writer = await asyncio.open_connection(host, port)
    await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
