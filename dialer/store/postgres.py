"""The truth in Postgres."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dialer.exceptions import FenceLost
from dialer.model.agent import Agent
from dialer.model.alarm import OF_SETTINGS
from dialer.model.audit import Audits
from dialer.model.call import CallLimits
from dialer.model.campaign import Campaign
from dialer.model.outcomes import SPARED_UNRUNG
from dialer.ports import (
    WAKES,
    CallbackDue,
    Codes,
    EngineCommit,
    LeadsLeft,
    MinuteCount,
    OpenCall,
    PastCall,
    PersonNews,
    PlaceResult,
    Presence,
    PreviewResult,
    SetAside,
    TakenIn,
    TrunkLimits,
)
from dialer.store import inbound, turn
from dialer.store.claims import wake
from dialer.store.contact_gate import contact_gate, held_to_pack, read_pack
from dialer.store.gate import Gate
from dialer.store.ids import NewId, uuid7
from dialer.store.lead_chances import LeadChances
from dialer.store.pool import close_pool, open_pool, session, transaction
from dialer.store.preview import Preview
from dialer.store.reservation import Reservation
from dialer.store.rows import Row, agent_of, call_of, campaign_of, open_call, person_news
from dialer.store.rules_digest import rules_digest
from dialer.store.sql import queries
from dialer.store.waiting import WaitingNow
from portfolio.rule_packs.shelf import SHELF

if TYPE_CHECKING:
    from dialer.store.pool import Pool


class PostgresStore:
    """ports.Store over asyncpg. Without a database every method raises StoreUnavailable."""

    def __init__(self, pool: "Pool", *, gate: Gate = contact_gate, new_id: NewId = uuid7) -> None:
        self._pool = pool
        self._gate = gate
        self._new_id = new_id
        self._waiting = WaitingNow(pool)
        self.lead_chances = LeadChances()
        """The answer model in use; dialer.store.lead_learning renews it."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, dsn: str, *, size: int = 8, gate: Gate = contact_gate, new_id: NewId = uuid7
    ) -> AsyncIterator["PostgresStore"]:
        """A store with a pool of its own, closed at the end."""
        pool = await open_pool(dsn, size)
        try:
            yield cls(pool, gate=gate, new_id=new_id)
        finally:
            await close_pool(pool)

    async def campaigns(self) -> tuple[Campaign, ...]:
        """All campaigns with their current settings, held to the conduct that their rule packs demand."""
        async with session(self._pool) as connection:
            await SHELF.refresh(connection)
        rows = await self._fetch("campaigns")
        (clock,) = await self._fetch("clock")
        return tuple([await self._judged(campaign_of(row), row["digest"], clock["at"]) for row in rows])

    async def _judged(self, campaign: Campaign, digest: str, now: datetime) -> Campaign:
        """The campaign held to its pack. What it is judged by is written down before it is judged by it:
        should we die in between, whom the rules before refused are asked again all the same."""
        pack = await read_pack(campaign.settings.rule_pack)
        other = rules_digest(campaign, pack, now)
        if other != digest:
            ((rules,),) = await self._fetch("rules_change", campaign.id, other)
            campaign = campaign.model_copy(update={"rules": rules})
        return held_to_pack(campaign, now)

    async def agents(self) -> tuple[Agent, ...]:
        """See ports.Store."""
        return tuple(agent_of(row) for row in await self._fetch("agents"))

    async def place(
        self, campaign: Campaign, count: int, *, now: datetime, fence: int, wanted: float | None = None
    ) -> PlaceResult:
        """Claim leads, ask the gate, reserve: attempts are committed as DIALING when this returns."""
        if count <= 0:
            return PlaceResult()
        chances = self.lead_chances
        reservation = Reservation(campaign, count, now, self._gate, self._new_id, chances, wanted)
        await self._wake(campaign, now)
        async with transaction(self._pool) as connection:
            result = await reservation.run(connection, fence)
        return replace(result, waiting=await self._waiting.of(campaign, now)) if result.dry else result

    async def _wake(self, campaign: Campaign, now: datetime) -> None:
        async with session(self._pool) as connection:
            await wake(connection, campaign, now)

    async def preview(
        self,
        campaign: Campaign,
        *,
        until: datetime,
        now: datetime,
        fence: int,
        callback_of: int | None = None,
        place: int | None = None,
    ) -> PreviewResult:
        """Hold the next lead that may be called, for an agent to look at; at `until` it is free by itself."""
        wish = Preview(campaign, 1, now, self._gate, self._new_id)
        if callback_of is None:
            await self._wake(campaign, now)
        async with transaction(self._pool) as connection:
            return await wish.hold_next(connection, until, fence, callback_of, place)

    async def place_previewed(
        self, campaign: Campaign, lead_id: int, phone_id: int, agent_id: int, *, now: datetime, fence: int
    ) -> PlaceResult:
        """Ask the gate again and reserve a held lead on this number for this agent."""
        wish = Preview(campaign, 1, now, self._gate, self._new_id)
        async with transaction(self._pool) as connection:
            return await wish.call_held(connection, lead_id, phone_id, agent_id, fence)

    async def return_lead(self, lead_id: int, *, next_at: datetime, fence: int) -> None:
        """Give a held lead back to its list; where the fence is not ours it is free by itself."""
        async with session(self._pool) as connection:
            await connection.execute(queries()["return_lead"], lead_id, next_at, fence)

    async def take_in(
        self, call_id: UUID, caller: str, campaigns: Sequence[Campaign], *, now: datetime, fence: int
    ) -> TakenIn:
        """Commit a call that came in as an attempt of the person whose number it is; once for each id."""
        async with transaction(self._pool) as connection:
            return await inbound.take_in(
                connection, call_id, caller, campaigns, now=now, fence=fence, gate=self._gate
            )

    async def commit(self, commit: EngineCommit, *, fence: int) -> None:
        """Write one turn, all or nothing, once."""
        if not commit.empty:
            await turn.write(self._pool, commit, fence)
            self.lead_chances.written(commit)

    async def set_aside(self, records: Sequence[SetAside], *, at: datetime, fence: int) -> None:
        """Put what commit() refused into quarantine, each with an alarm; once for each instant."""
        found = await self._fetch("set_aside", fence, [asdict(record) for record in records], at)
        if not found[0]["ours"]:
            raise FenceLost(f"ours is {fence}")

    async def open_calls(self) -> tuple[OpenCall, ...]:
        """Attempts that have not ended, for reconciliation."""
        return await self._with_cards(await self._fetch("open_calls"))

    async def shown_calls(self, call_ids: Sequence[UUID]) -> tuple[OpenCall, ...]:
        """These attempts with their cards, ended or not, in this order."""
        return await self._with_cards(await self._fetch("shown_calls", list(call_ids)))

    async def counts(
        self, campaign_ids: Sequence[int], *, since: datetime, until: datetime
    ) -> dict[int, tuple[MinuteCount, ...]]:
        """See ports.Store."""
        unknown = CallLimits().machine_error
        rows = await self._fetch("counts", campaign_ids, since, until, SPARED_UNRUNG, unknown)
        found: dict[int, list[MinuteCount]] = {}
        for row in map(dict, rows):
            found.setdefault(row.pop("campaign_id"), []).append(MinuteCount(**row))
        return {campaign_id: tuple(counts) for campaign_id, counts in found.items()}

    async def past_calls(self, campaign_id: int, *, limit: int) -> tuple[PastCall, ...]:
        """The newest ended attempts that nobody lost, broke, or started by hand, oldest first."""
        rows = await self._fetch("past_calls", campaign_id, limit, SPARED_UNRUNG)
        return tuple(PastCall(**row) for row in reversed(rows))

    async def audits(self, campaign_id: int, *, since: datetime) -> Audits:
        """What the blind audits of machine verdicts have found since an instant."""
        (row,) = await self._fetch("audits", campaign_id, since)
        return Audits(**row)

    async def learners(self) -> dict[int, dict[str, Any]]:
        """Campaign → the learner that was saved last."""
        return {row["campaign_id"]: row["content"] for row in await self._fetch("learners")}

    async def trunks(self) -> tuple[TrunkLimits, ...]:
        """Trunks that have limits."""
        return tuple(TrunkLimits(**row) for row in await self._fetch("trunks"))

    async def stopped(self, person_ids: Sequence[int]) -> frozenset[int]:
        """Which of these persons may not be called any more, as of now."""
        return frozenset(row["id"] for row in await self._fetch("stopped", list(person_ids)))

    async def live_news(self, told: Mapping[UUID, int]) -> tuple[PersonNews, ...]:
        """See ports.Store."""
        rows = await self._fetch("live_news", list(told), list(told.values()))
        return tuple(person_news(row) for row in rows)

    async def person_news(self, person_ids: Sequence[int]) -> tuple[PersonNews, ...]:
        """See ports.Store."""
        return tuple(person_news(row) for row in await self._fetch("person_news", list(person_ids)))

    async def callbacks_due(self, *, until: datetime) -> tuple[CallbackDue, ...]:
        """Callbacks of agents that are due until an instant, the earliest of each agent and campaign."""
        return tuple(CallbackDue(**row) for row in await self._fetch("callbacks_due", until))

    async def agent_results(self, *, since: datetime) -> dict[int, tuple[int, int]]:
        """Agent → conversations with the right person, and those that ended well."""
        rows = await self._fetch("agent_results", since)
        return {row["agent_id"]: (row["spoken"], row["good"]) for row in rows}

    async def clock(self) -> datetime:
        """What the database's clock shows."""
        at: datetime = (await self._fetch("clock"))[0]["at"]
        return at

    async def open_alarms(self) -> int:
        """Alarms that nobody has acknowledged."""
        return int((await self._fetch("open_alarms"))[0]["count"])

    async def alarms_of_settings(self) -> tuple[tuple[str, str], ...]:
        """See ports.Store."""
        rows = await self._fetch("alarms_of_settings", OF_SETTINGS)
        return tuple((row["kind"], row["subject"]) for row in rows)

    async def leads_left(self, campaign_id: int, now: datetime) -> LeadsLeft:
        """Open leads of a campaign, and how many of them rest."""
        (row,) = await self._fetch("leads_left", campaign_id, now, WAKES)
        return LeadsLeft(row["open"], row["resting"], tuple(zip(row["at"], row["leads"], strict=True)))

    async def calls_today(self, *, since: datetime) -> dict[int, int]:
        """Agent → persons spoken to since an instant."""
        return {row["agent_id"]: row["calls"] for row in await self._fetch("calls_today", since)}

    async def presences(self, *, since: datetime) -> tuple[Presence, ...]:
        """The newest change of each agent since an instant."""
        return tuple(Presence(**row) for row in await self._fetch("presences", since))

    async def codes(self) -> Codes:
        """Disposition and pause codes."""
        requires = {row["code"]: row["requires"] for row in await self._fetch("disposition_codes")}
        return Codes(requires, frozenset(row["code"] for row in await self._fetch("pause_codes")))

    async def take_fence(self) -> int:
        """A new fence number: every older holder is refused from now on."""
        return int((await self._fetch("fence_take"))[0]["fence"])

    async def fence_now(self) -> int:
        """The newest fence number; 0 before the first."""
        rows = await self._fetch("fence_now")
        return int(rows[0]["fence"]) if rows else 0

    async def _with_cards(self, rows: Sequence[Row]) -> tuple[OpenCall, ...]:
        calls = [call_of(row) for row in rows]
        cards = {row["id"]: row for row in await self._fetch("cards", [call.person_id for call in calls])}
        ids = [call.id for call in calls]
        marks = {row["attempt_id"]: row for row in await self._fetch("marked", ids)}
        over = {row["attempt_id"]: row for row in await self._fetch("handed_over", ids)}
        return tuple(
            open_call(call, row["trunk"], cards[call.person_id], marks.get(call.id), over.get(call.id))
            for call, row in zip(calls, rows, strict=True)
        )

    async def _fetch(self, name: str, *arguments: Any) -> Sequence[Row]:
        async with session(self._pool) as connection:
            return await connection.fetch(queries()[name], *arguments)
