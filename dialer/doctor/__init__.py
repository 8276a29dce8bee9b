"""`cadencia check`: what is wrong with this installation, and the cure of each."""

import asyncio

from dialer.doctor import machine, stores, telephony
from dialer.doctor.findings import Finding, Speaker, guarded
from dialer.settings import Settings

__all__ = ["Finding", "examine"]

LIMIT = 15.0
"""Seconds one check may take altogether."""


async def examine(settings: Settings, *, locale: str = "es") -> list[Finding]:
    """All findings, in a fixed order; takes as long as the slowest check, at most LIMIT seconds."""
    speaker = Speaker(locale)
    checks = {
        "database": lambda: stores.database(settings, speaker),
        "redis": lambda: stores.redis(settings, speaker),
        "ami": lambda: telephony.pbx(settings, speaker),
        "hostname": lambda: machine.hostname(speaker),
        "folders": lambda: machine.folders(settings, speaker),
        "front_end": lambda: machine.front_end(speaker),
    }
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(guarded(speaker, name, LIMIT, check)) for name, check in checks.items()]
    return [finding for task in tasks for finding in task.result()]
