"""Whether Asterisk has started: its manager answers before its first module is there."""

import asyncio
from datetime import datetime, timedelta

from dialer.doctor.manager import Manager
from dialer.exceptions import ActionFailed

PATIENCE = 15.0
"""Seconds to wait for a start to end."""
LONG_AGO = timedelta(minutes=2)
"""No start takes so long."""
_STEP = 0.5


class Start:
    """Whether Asterisk is starting: told by who asks its manager, awaited by who knocks at another door."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.known = asyncio.Event()
        self.late = False


async def over(manager: Manager) -> bool:
    """Whether all is loaded; waits for it. The session must have asked for events."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not _told(manager):
        age, late = await _age(manager), loop.time() >= end
        if age is not None and (late or age > LONG_AGO):
            return True  # nearly all is there, or this account is told nothing
        if late:
            return False
        await manager.listen(_STEP)
    return True


def _told(manager: Manager) -> bool:
    """It says so when it has started, and then to each that logs in and may read events of the system."""
    return any(message["Event"] == "FullyBooted" for _, message in manager.heard)


async def _age(manager: Manager) -> timedelta | None:
    """Since it began to start; None while the module that tells the time, of the last ones, is not there."""
    try:
        began = (await manager.ask("CoreStatus"))[0]
    except ActionFailed:
        return timedelta.max  # told as a right that is missing
    now = await manager.value("STRFTIME(,,%Y-%m-%d %H:%M:%S)")
    try:
        since = datetime.fromisoformat(f"{began['CoreStartupDate']} {began['CoreStartupTime']}")
        return datetime.fromisoformat(now) - since  # both by the PBX's own clock, in whatever zone it is
    except (KeyError, ValueError):
        return None
