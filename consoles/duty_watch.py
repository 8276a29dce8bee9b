"""What the law asks beside the dialling: complaints answered in time, calls that come in likewise."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import asyncpg
import structlog

from consoles import inbound
from consoles.complaints import date_undated
from consoles.inbound import InboundService
from consoles.sql import SQL
from consoles.web_deps import DATABASE_WAIT, Connection, Web
from portfolio.complaints import Pressing, numbers, pressing, spoken
from portfolio.complaints.case_number import SPACE

AGAIN = timedelta(days=1)
"""After which a share that is still missed is told again."""
EVERY = 30.0
"""Seconds between two looks."""

Alarm = tuple[str, str, str]
"""Kind, subject, detail."""
_log = structlog.get_logger(__name__)


async def watch_duties(web: Web) -> None:
    """Until cancelled; several web processes raise one alarm."""
    while True:
        try:
            async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
                await look(database, web.now())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("duty_watch_failed", error=repr(error))
        await asyncio.sleep(EVERY)


async def look(database: Connection, now: datetime) -> None:
    """Raise what is due, once for each complaint and kind, 200 at a look; end what was answered or is met."""
    for late in await date_undated(database, now):
        said = ("complaint_undated", spoken(late.case_number), late.due_on.isoformat())
        await database.execute(SQL["complaint_alarm"], now, *said)
    for alarm in of_complaints(await pressing(database, now)):
        await database.execute(SQL["complaint_alarm"], now, *alarm)
    await database.execute(SQL["complaint_alarms_over"], now)
    for alarm in of_case_numbers(await numbers.used(database)):
        await database.execute(SQL["complaint_alarm"], now, *alarm)
    codes = {row["id"]: row["code"] for row in await database.fetch(SQL["campaign_codes"])}
    missed = list(of_inbound(await inbound.service(database, now), codes))
    subjects = [subject for _, subject, _ in missed]
    await database.execute(SQL["share_alarms_over"], now, subjects)
    await database.execute(SQL["share_alarms_last"], subjects, now - AGAIN)
    for alarm in missed:
        await database.execute(SQL["share_alarm"], now, *alarm, now - AGAIN)


def of_complaints(found: Iterable[Pressing]) -> Iterator[Alarm]:
    """An alarm for each: overdue, or near its deadline."""
    for one in found:
        kind = "complaint_overdue" if one.overdue else "complaint_due"
        yield kind, spoken(one.case_number), one.due_on.isoformat()


def of_case_numbers(used: int) -> Iterator[Alarm]:
    """One for each share that is reached, ever: numbers are given once, so it only grows."""
    share = numbers.crowded(used)
    if share is not None:
        yield "case_numbers_short", f"{share:.0%}", f"about {used} of {SPACE} are given"


def of_inbound(found: Iterable[InboundService], codes: dict[int, str]) -> Iterator[Alarm]:
    """An alarm for each campaign and window in which the law's share was missed."""
    for one in found:
        for name, window in (("day", one.day), ("month", one.month)):
            if inbound.breached(one, window):
                share = window.in_time / window.calls
                detail = (
                    f"{share:.1%} ({window.in_time}/{window.calls}; {window.low:.1%}-{window.high:.1%})"
                    f" < {one.share:.0%} / {one.within_seconds:.0f} s, {name}"
                )
                yield "inbound_share_low", f"{codes.get(one.campaign_id, '')} {name}", detail
