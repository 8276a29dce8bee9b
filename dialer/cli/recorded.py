"""Reads a recorded day of pacing from Postgres, row by row."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialer.cli.database import statements
from dialer.cli.twin import Recording, Shadow
from dialer.cli.verify import Beside, Stored, Verification
from dialer.model.campaign import CampaignSettings
from dialer.store.pool import close_pool, open_pool, session
from pacing import Model

if TYPE_CHECKING:
    from dialer.store.pool import Connection

_AHEAD = 200
"""Rows fetched at a time."""
_MODELS = 8
"""Models kept at hand: decisions come in the order of time, so one or two are in use."""
_PATIENCE = 600.0
"""Seconds a fetch may take."""
TOLD_EVERY = 500


class NothingRecorded(Exception):
    """The campaign is not known or has no decisions then; the message is one line."""


@dataclass(slots=True)
class Recorded:
    """What reading a day has found."""

    recording: Recording
    verification: Verification = field(default_factory=Verification)
    beside: Beside = field(default_factory=Beside)
    settings: CampaignSettings = field(default_factory=CampaignSettings)
    verified: int = 0


async def last_decision(dsn: str, campaign: str) -> datetime:
    """When the campaign last stored a decision; raises NothingRecorded."""
    pool = await open_pool(dsn, 1)
    try:
        async with session(pool) as connection:
            found = await connection.fetchval(
                statements()["last_decision_at"], await _campaign_id(connection, campaign)
            )
    finally:
        await close_pool(pool)
    if found is None:
        raise NothingRecorded(f"the campaign {campaign} has no stored decisions")
    at: datetime = found
    return at


async def read_day(
    dsn: str, campaign: str, since: datetime, until: datetime, shadow: Shadow, told: Callable[[int], None]
) -> Recorded:
    """Every decision decided again, every attempt counted; raises NothingRecorded."""
    pool = await open_pool(dsn, 1)
    try:
        async with session(pool) as connection:
            campaign_id = await _campaign_id(connection, campaign)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                found = await _decisions(connection, campaign_id, (since, until), shadow, told)
                if found is None:
                    raise NothingRecorded(f"the campaign {campaign} has no decisions stored then")
                span = (campaign_id, found.recording.start, until)
                async for row in _rows(connection, "recorded_attempts", *span):
                    found.recording.attempt(row)
                return found
    finally:
        await close_pool(pool)


async def _campaign_id(connection: "Connection", code: str) -> int:
    found = await connection.fetchval(statements()["campaign_id"], code)
    if found is None:
        raise NothingRecorded(f"there is no campaign {code}")
    return int(found)


async def _decisions(
    connection: "Connection",
    campaign_id: int,
    span: tuple[datetime, datetime],
    shadow: Shadow,
    told: Callable[[int], None],
) -> Recorded | None:
    found: Recorded | None = None
    models = _Models(connection, campaign_id)
    async for row in _rows(connection, "recorded_decisions", campaign_id, *span):
        if found is None:
            found = Recorded(Recording(row["at"]))
        stored = Stored.of(row)
        model = await models.of(stored.key) if stored is not None else None
        if stored is None or model is None:
            found.verification.unknown += 1
            continue
        if found.recording.first is None:
            found.settings = await _settings(connection, campaign_id, stored.settings_version)
        found.verification.again(stored, model)
        found.recording.floor(stored.at, stored.floor, stored.pace, model)
        if shadow.differs and (shadow.policy is None or shadow.policy.ours):
            found.beside.see(stored, model, shadow)
        found.verified += 1
        if found.verified % TOLD_EVERY == 0:
            told(found.verified)
    return found


async def _rows(connection: "Connection", name: str, *arguments: object) -> AsyncIterator[dict[str, Any]]:
    """By a cursor of the server: a million rows take no more memory than a few hundred."""
    async for row in connection.cursor(statements()[name], *arguments, prefetch=_AHEAD, timeout=_PATIENCE):
        yield dict(row)


async def _settings(connection: "Connection", campaign_id: int, version: int) -> CampaignSettings:
    """The campaign's settings of that version; the usual ones where it is not known any more."""
    found = await connection.fetchval(statements()["recorded_settings"], campaign_id, version)
    return CampaignSettings.model_validate(found) if found is not None else CampaignSettings()


class _Models:
    """The models of the decisions, the last few at hand."""

    def __init__(self, connection: "Connection", campaign_id: int) -> None:
        self._connection, self._campaign_id = connection, campaign_id
        self._kept: OrderedDict[tuple[int, int], Model | None] = OrderedDict()

    async def of(self, key: tuple[int, int]) -> Model | None:
        """The model of an epoch and version; None when it is not stored."""
        if key not in self._kept:
            content = await self._connection.fetchval(statements()["recorded_model"], self._campaign_id, *key)
            self._kept[key] = Model.from_record(content) if content is not None else None
            while len(self._kept) > _MODELS:
                self._kept.popitem(last=False)
        return self._kept[key]
