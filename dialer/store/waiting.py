"""What the leads of a campaign wait for that has none to call: looked up now and then, not within a claim."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dialer.exceptions import StoreUnavailable
from dialer.model.campaign import Campaign
from dialer.ports import Waiting, waiting_of
from dialer.store.pool import session
from dialer.store.sql import queries

if TYPE_CHECKING:
    from dialer.store.pool import Pool

SEEN = 10_000
"""Leads that rest, the next first, of which it is counted what holds them."""
FRESH = timedelta(minutes=1)
"""How long an answer is good enough, while the rules stay the same."""


class WaitingNow:
    """The last answer of each campaign."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._known: dict[int, tuple[datetime, int, Waiting | None]] = {}

    async def of(self, campaign: Campaign, now: datetime) -> Waiting | None:
        """At most a minute old. None without a database: calls placed before are told all the same.

        That there was no answer holds for a minute as well: who waits for it holds up every other order.
        """
        if last := self._known.get(campaign.id):
            at, rules, known = last
            if at <= now < at + FRESH and rules == campaign.rules:
                return known
        zone = ZoneInfo(campaign.settings.zone)
        day = now.astimezone(zone).date()
        tomorrow = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        waiting: Waiting | None = None
        with suppress(StoreUnavailable):
            async with session(self._pool) as connection:
                rows = await connection.fetch(queries()["waiting"], campaign.id, now, day, SEEN, tomorrow)
            waiting = waiting_of((row["rule"], row["leads"], row["until"]) for row in rows)
        self._known[campaign.id] = (now, campaign.rules, waiting)
        return waiting
