"""`cadencia check`: what is wrong with this installation, and the cure of each."""

import asyncio
from collections.abc import Container
from datetime import UTC, datetime

from dialer.doctor import jobs, machine, phones, rules, stores, telephony, web
from dialer.doctor.findings import Finding, Speaker, guarded
from dialer.doctor.floor import Floor, look
from dialer.doctor.listening import detector
from dialer.doctor.starting import Start
from dialer.doctor.stores import Unasked, unasked
from dialer.settings import Settings

__all__ = ["Finding", "examine", "examine_within"]

LIMIT = 15.0
"""Seconds one check may take altogether."""
AMI_LIMIT = 75.0
"""Of the PBX's: its start, many questions one after the other, calls. Out of time, all findings are lost."""
_AT_ASTERISK = ("ami", "websocket")
_WHILE_PEOPLE_WORK = ("database", "redis", "rules", "detector", "worker", "web")


async def examine(settings: Settings, *, locale: str = "es") -> list[Finding]:
    """All findings, in a fixed order; takes as long as the slowest check, at most AMI_LIMIT seconds."""
    return await _examine(settings, locale)


async def examine_within(settings: Settings, locale: str) -> list[Finding]:
    """What a web process may ask while people work: it only reads, rings nothing, and takes at most LIMIT
    seconds after the look at the database. The PBX, its telephones and this machine are `examine`'s."""
    return await _examine(settings, locale, _WHILE_PEOPLE_WORK)


async def _examine(settings: Settings, locale: str, asked: Container[str] | None = None) -> list[Finding]:
    speaker = Speaker(locale)
    floor = await look(settings)
    known = None if isinstance(floor, Unasked) else floor
    start = Start()
    checks = {
        "database": lambda: stores.database(settings, speaker),
        "redis": lambda: stores.redis(settings, speaker),
        "rules": lambda: _rules(floor, speaker),
        "ami": lambda: telephony.pbx(settings, floor, speaker, start),
        "websocket": lambda: _websocket(settings, start, speaker),
        "relay": lambda: phones.relay(settings, speaker),
        "detector": lambda: detector(settings, known, speaker),
        "worker": lambda: jobs.worker(settings, speaker),
        "hostname": lambda: machine.hostname(speaker),
        "folders": lambda: machine.folders(settings, speaker),
        "web": lambda: web.safety(settings, speaker),
        "front_end": lambda: machine.front_end(speaker),
        "settings": lambda: machine.env_read(speaker),
    }
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(guarded(speaker, name, AMI_LIMIT if name in _AT_ASTERISK else LIMIT, check))
            for name, check in checks.items()
            if asked is None or name in asked
        ]
    return [finding for task in tasks for finding in task.result()]


async def _websocket(settings: Settings, start: Start, speaker: Speaker) -> list[Finding]:
    await start.known.wait()
    if start.late:
        return [unasked(speaker, "websocket", "asterisk")]
    return await phones.websocket(settings, speaker)


async def _rules(floor: Floor | Unasked, speaker: Speaker) -> list[Finding]:
    if isinstance(floor, Unasked):
        return [unasked(speaker, name, floor.first) for name in ("rule_packs", "caller_ids")]
    return await rules.campaigns(floor, speaker, datetime.now(UTC))
