"""How fast the calls that come in are answered by a person: what the law asks for, and what was done."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from asyncpg import Record
from pydantic import BaseModel, computed_field

from consoles.campaign_law import laws, own_pack, understood
from consoles.sql import SQL
from consoles.web_deps import Connection
from dialer.model.campaign import CampaignSettings
from pacing.guard import wilson_upper
from portfolio.contact_rules import RulePack
from portfolio.rule_packs.shelf import SHELF

HOUSE_SECONDS = 180.0
"""Where the pack says nothing, calls are measured by the strictest law we know (Spain, Ley 10/2025)."""
_NOTHING: tuple[float, None, None] = (HOUSE_SECONDS, None, None)
SECONDARY = "secondary sources only"
"""The mark in the source of a rule that nobody has read in the law itself."""
_MONTH = timedelta(days=30)
_ROUNDING = 1e-9
"""20 calls times 5 % are one, whatever the machine makes of it."""


class InboundWindow(BaseModel):
    """The calls of one stretch of time that came in; one that still waits in time is not counted yet."""

    calls: int
    in_time: int
    """Answered by a person within the seconds."""
    gave_up: int
    """Hung up within the seconds; they count as not answered."""
    callbacks: int
    """Chose to be called back; they count as not answered on the line."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own
    @property
    def low(self) -> float | None:
        """Lower end of the share's interval (Wilson, one-sided 95 %); None without a call."""
        return 1.0 - wilson_upper(self.calls - self.in_time, self.calls) if self.calls else None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own
    @property
    def high(self) -> float | None:
        """Its upper end."""
        return wilson_upper(self.in_time, self.calls) if self.calls else None


class InboundService(BaseModel):
    """One campaign: what is asked, and what was done today and in 30 days."""

    campaign_id: int
    within_seconds: float
    share: float | None
    """Of all calls, 0-1, by law; None = the campaign's pack asks for none."""
    starts: date | None
    """The day on which that law begins to hold; None = it holds, or there is none."""
    secondary: bool
    """Whether that law was read in secondary sources only."""
    day: InboundWindow
    month: InboundWindow


def breached(found: InboundService, window: InboundWindow) -> bool:
    """Whether the law's share was missed, beyond chance and beyond a single call.

    The whole interval lies below the share. With fewer than 1 / (1 - share) calls, 20 for 95 %, one call
    that nobody answered is a breach by arithmetic alone: such a denominator says nothing. A law that does
    not hold yet is not missed.
    """
    if found.share is None or found.starts is not None or window.high is None:
        return False
    enough = window.calls * (1.0 - found.share) >= 1.0 - _ROUNDING
    return enough and window.high < found.share


async def service(database: Connection, now: datetime) -> list[InboundService]:
    """Every campaign that takes calls."""
    await SHELF.refresh(database)
    known = understood(await database.fetch(SQL["settings_of_campaigns"]))
    taking = [(one, settings) for one, settings in known.items() if settings.inbound]
    # Out of the loop: the first look at a pack takes most of a second.
    said = await asyncio.to_thread(lambda: [asked_of(settings, now) for _, settings in taking])
    asked = [(one, settings, *law) for (one, settings), law in zip(taking, said, strict=True)]
    counts = {row["campaign_id"]: row for row in await _counts(database, asked, now)}
    return [
        InboundService(
            campaign_id=one,
            within_seconds=seconds,
            share=share,
            starts=starts,
            secondary=_secondary(settings),
            day=_window(counts[one], "day"),
            month=_window(counts[one], "month"),
        )
        for one, settings, seconds, share, starts in asked
    ]


Asked = tuple[int, CampaignSettings, float, float | None, date | None]


async def _counts(database: Connection, asked: Sequence[Asked], now: datetime) -> Sequence[Record]:
    days = [_midnight(now, ZoneInfo(settings.zone)) for _, settings, *_ in asked]
    seconds = [within for _, _, within, *_ in asked]
    ids = [one for one, *_ in asked]
    return await database.fetch(SQL["inbound_service"], ids, days, seconds, now - _MONTH, now)


def asked_of(settings: CampaignSettings, now: datetime) -> tuple[float, float | None, date | None]:
    """Seconds, share, and the day from which on, of the law that holds or is about to.

    Where the campaign's pack cannot be read, the strictest of its country: one that asks for a share.
    """
    own = own_pack(settings)
    if own is not None:
        return law_of(own, now)
    asked = [law_of(pack, now) for pack in laws(settings)]
    return max(asked, key=lambda one: (one[1] is not None and one[2] is None, one[1] or 0), default=_NOTHING)


def _secondary(settings: CampaignSettings) -> bool:
    """Whether what those packs ask of calls that come in was read in secondary sources only."""
    own = own_pack(settings)
    packs = laws(settings) if own is None else (own,)
    rules = [part for pack in packs for part in (pack.inbound, *(change.inbound for change in pack.changes))]
    return any(rule is not None and SECONDARY in rule.source for rule in rules)


def law_of(pack: RulePack, now: datetime) -> tuple[float, float | None, date | None]:
    """What a pack asks of calls that come in, so that a law can be prepared for before it holds."""
    rule = pack.at(now).inbound
    if rule is not None:
        return rule.answered_within_seconds, rule.answered_share, None
    coming = next((change for change in pack.changes if change.inbound is not None), None)
    if coming is None or coming.inbound is None:
        return _NOTHING
    return coming.inbound.answered_within_seconds, coming.inbound.answered_share, coming.effective_from


def _window(row: Record, name: str) -> InboundWindow:
    return InboundWindow(**{part: row[f"{name}_{part}"] for part in InboundWindow.model_fields})


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date(), time(), zone)
