"""The same small world put into the store in memory and into Postgres."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import numpy as np
import orjson

from dialer.model.agent import Agent
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.model.number import Unallocated
from dialer.ports import MinuteCount, ModelRecord, PacingRecord, Store, TrunkLimits
from dialer.store.fakes import MemoryStore
from dialer.store.postgres import PostgresStore
from pacing.lead_training import train
from pacing.leads import LeadFeatures, LeadModel
from portfolio.payments import PaymentEvent, apply_payment
from portfolio.rule_packs import load_pack

SETTINGS = CampaignSettings(screening="amd", screening_errors=0.0, rule_pack="lab-open")


async def counts_of(
    store: Store, campaign_id: int, *, since: datetime, until: datetime
) -> tuple[MinuteCount, ...]:
    """What a store counts of one campaign."""
    return (await store.counts([campaign_id], since=since, until=until)).get(campaign_id, ())


class World(Protocol):
    """A store, what a test puts into its world, and what it looks at."""

    store: Store
    fence: int

    async def campaign(self, code: str = "alfa", settings: CampaignSettings = SETTINGS) -> Campaign:
        """A running campaign."""
        ...

    async def agent(self, login: str = "ana") -> Agent:
        """An agent without campaigns."""
        ...

    async def dismiss(self, agent: Agent) -> None:
        """The account is not active any more."""
        ...

    async def pay(self, person: int) -> None:
        """A part of a debt is paid."""
        ...

    async def suppress(self, number: str, until: datetime | None = None) -> None:
        """A number is not to be called, for good or until an instant."""
        ...

    async def person(self, name: str, *numbers: str, flags: Sequence[str] = ()) -> int:
        """A person with numbers, in their order; returns its id."""
        ...

    async def lead(
        self, campaign: Campaign, person: int, *, priority: int = 0, next_at: datetime | None = None
    ) -> int:
        """The person in the campaign's list; returns the lead's id."""
        ...

    async def set_status(self, campaign: Campaign, status: CampaignStatus) -> None:
        """Start, pause or stop a campaign."""
        ...

    async def change(self, campaign: Campaign, settings: CampaignSettings) -> None:
        """Other settings, by the console."""
        ...

    async def known(self, campaign: Campaign) -> Campaign:
        """The campaign as the engine reads it."""
        ...

    async def unstop(self, person: int) -> None:
        """The stop is lifted."""
        ...

    async def unflag(self, person: int, flag: str) -> None:
        """It holds no more."""
        ...

    async def allow(self, number: str) -> None:
        """A number leaves the do-not-call list."""
        ...

    async def move_end(self, number: str, end: datetime) -> None:
        """The list that a number is on ends at another time."""
        ...

    async def stop(self, person: int) -> None:
        """The person asked for no more calls."""
        ...

    async def forbid(self, number: str) -> None:
        """Put a number on the do-not-call list."""
        ...

    async def take_over(self) -> None:
        """Another engine takes the lease."""
        ...

    async def lead_row(self, lead: int) -> tuple[str, datetime, str]:
        """Status, next_at and held_by of a lead."""
        ...

    async def ledger(self, person: int) -> list[str]:
        """Kinds of the person's contacts, oldest first."""
        ...

    async def spoken_at(self, person: int) -> datetime | None:
        """When the ledger says that somebody spoke to the person last."""
        ...

    async def tries(self, lead: int) -> int:
        """Calls to a lead that count."""
        ...

    async def rests(self, person: int) -> list[datetime | None]:
        """Until when each of the person's numbers rests, in order."""
        ...

    async def phones(self, person: int) -> list[str]:
        """Statuses of the person's numbers, in order."""
        ...

    async def first_refusals(self, person: int) -> list[Unallocated | None]:
        """What is remembered of each of the person's numbers, in order."""
        ...

    async def add_number(self, person: int, number: str) -> None:
        """The person has another number, after the others."""
        ...

    async def trunk(self, limits: TrunkLimits) -> None:
        """Limit a trunk."""
        ...

    async def pacing(self) -> list[PacingRecord]:
        """The stored decisions, oldest first."""
        ...

    async def models(self) -> list[ModelRecord]:
        """The stored models, oldest first."""

    async def set_country(self, person: int, country: str) -> None:
        """Where a person lives."""
        ...

    async def flag(self, person: int, flag: str) -> None:
        """Something is known of a person from now on."""
        ...

    async def set_kind(self, person: int, kind: str) -> None:
        """What kind of telephones the person has."""
        ...

    def learn(self, model: LeadModel) -> None:
        """Put an answer model into use."""
        ...

    def learned(self) -> LeadModel:
        """The answer model in use."""
        ...

    async def chances(self) -> dict[UUID, float | None]:
        """The predicted chance that each attempt was stored with."""
        ...

    async def rows(self, table: str) -> int:
        """How many rows a log has: transitions, agent_log, dispositions, pacing, alarms, marks."""
        ...

    async def alarm_count(self, kind: str, subject: str) -> int:
        """How often an alarm was raised."""
        ...


class MemoryWorld:
    """The world in dictionaries."""

    def __init__(self, store: MemoryStore) -> None:
        self.memory = store
        self.store: Store = store
        self.fence = store.fence

    async def campaign(self, code: str = "alfa", settings: CampaignSettings = SETTINGS) -> Campaign:
        number = len(self.memory.campaign_rows) + 1
        campaign = campaign_of(number, code, settings)
        self.memory.add_campaign(campaign)
        return campaign

    async def agent(self, login: str = "ana") -> Agent:
        agent = Agent(len(self.memory.agent_rows) + 1, login.title(), login, {}, frozenset())
        self.memory.add_agent(agent)
        return agent

    async def dismiss(self, agent: Agent) -> None:
        self.memory.gone.add(agent.id)

    async def pay(self, person: int) -> None:
        self.memory.pay(person, {"creditor": "Banco", "balance_minor": 9_000})

    async def suppress(self, number: str, until: datetime | None = None) -> None:
        if until is None:
            self.memory.do_not_call.add(number)
        else:
            self.memory.suppressed[number] = until

    async def person(self, name: str, *numbers: str, flags: Sequence[str] = ()) -> int:
        return self.memory.add_person(name, numbers, zone="Europe/Madrid", flags=tuple(flags)).id

    async def lead(
        self, campaign: Campaign, person: int, *, priority: int = 0, next_at: datetime | None = None
    ) -> int:
        more: dict[str, Any] = {} if next_at is None else {"next_at": next_at}
        return self.memory.add_lead(campaign.id, person, priority=priority, **more).id

    async def set_status(self, campaign: Campaign, status: CampaignStatus) -> None:
        self.memory.add_campaign(campaign.model_copy(update={"status": status}))

    async def change(self, campaign: Campaign, settings: CampaignSettings) -> None:
        row = self.memory.campaign_rows[campaign.id]
        self.memory.add_campaign(row.model_copy(update={"settings": settings}))

    async def known(self, campaign: Campaign) -> Campaign:
        return next(one for one in await self.store.campaigns() if one.id == campaign.id)

    async def unstop(self, person: int) -> None:
        self.memory.unstop_person(person)

    async def allow(self, number: str) -> None:
        self.memory.allow(number)

    async def move_end(self, number: str, end: datetime) -> None:
        self.memory.move_end(number, end)

    async def stop(self, person: int) -> None:
        self.memory.stop_person(person)

    async def forbid(self, number: str) -> None:
        self.memory.do_not_call.add(number)

    async def take_over(self) -> None:
        self.memory.fence += 1

    async def lead_row(self, lead: int) -> tuple[str, datetime, str]:
        row = self.memory.leads[lead]
        return row.status, row.next_at, row.held_by

    async def ledger(self, person: int) -> list[str]:
        return [row.kind for row in self.memory.persons[person].ledger]

    async def spoken_at(self, person: int) -> datetime | None:
        ledger = self.memory.persons[person].ledger
        return max((row.at for row in ledger if row.kind == "conversation"), default=None)

    async def tries(self, lead: int) -> int:
        return self.memory.leads[lead].attempts

    async def rests(self, person: int) -> list[datetime | None]:
        return [phone.rests_until for phone in self.memory.persons[person].phones]

    async def phones(self, person: int) -> list[str]:
        return [phone.status for phone in self.memory.persons[person].phones]

    async def first_refusals(self, person: int) -> list[Unallocated | None]:
        return [self.memory.unallocated.get(phone.number) for phone in self.memory.persons[person].phones]

    async def add_number(self, person: int, number: str) -> None:
        self.memory.add_number(person, number)

    async def trunk(self, limits: TrunkLimits) -> None:
        self.memory.trunk_rows[limits.name] = limits

    async def pacing(self) -> list[PacingRecord]:
        return list(self.memory.pacing)

    async def models(self) -> list[ModelRecord]:
        return list(self.memory.models)

    async def flag(self, person: int, flag: str) -> None:
        self.memory.flag_person(person, flag)

    async def unflag(self, person: int, flag: str) -> None:
        self.memory.unflag_person(person, flag)

    async def set_country(self, person: int, country: str) -> None:
        self.memory.persons[person].country = country

    async def set_kind(self, person: int, kind: str) -> None:
        phones = self.memory.persons[person].phones
        phones[:] = [replace(phone, kind=kind) for phone in phones]

    def learn(self, model: LeadModel) -> None:
        self.memory.lead_chances.model = model

    def learned(self) -> LeadModel:
        return self.memory.lead_chances.model

    async def chances(self) -> dict[UUID, float | None]:
        return dict(self.memory.chances)

    async def rows(self, table: str) -> int:
        return len(getattr(self.memory, table))

    async def alarm_count(self, kind: str, subject: str) -> int:
        return self.memory.alarm_counts[kind, subject]


TABLES = {
    "transitions": "SELECT count(*) FROM attempt_events WHERE event <> 'placed'",
    "agent_log": "SELECT count(*) FROM agent_log",
    "dispositions": "SELECT count(*) FROM call_dispositions",
    "pacing": "SELECT count(*) FROM pacing_decisions",
    "alarms": "SELECT count(*) FROM alarms",
    "marks": "SELECT count(*) FROM recording_marks",
    "quarantine": "SELECT count(*) FROM quarantine",
}


class PostgresWorld:
    """The world in a database of its own."""

    def __init__(self, store: PostgresStore, pool: "asyncpg.Pool[asyncpg.Record]", fence: int) -> None:
        self.store: Store = store
        self.postgres = store
        self.pool = pool
        self.fence = fence

    async def campaign(self, code: str = "alfa", settings: CampaignSettings = SETTINGS) -> Campaign:
        number = await self.pool.fetchval(
            "INSERT INTO campaigns (code, name, trunk, caller_id, status, settings)"
            " VALUES ($1, $1, 'carrier', '+34910000000', 'running', $2) RETURNING id",
            code,
            settings.model_dump_json(),
        )
        return campaign_of(number, code, settings)

    async def agent(self, login: str = "ana") -> Agent:
        number = await self.pool.fetchval(
            "INSERT INTO users (login, name, role, password_hash) VALUES ($1, $2, 'agent', '') RETURNING id",
            login,
            login.title(),
        )
        await self.pool.execute("INSERT INTO agents (id, endpoint) VALUES ($1, $2)", number, login)
        return Agent(number, login.title(), login, {}, frozenset())

    async def dismiss(self, agent: Agent) -> None:
        await self.pool.execute("UPDATE users SET active = false WHERE id = $1", agent.id)

    async def pay(self, person: int) -> None:
        await self.pool.execute(
            "INSERT INTO debts (person_id, creditor, reference, currency, balance_minor)"
            " VALUES ($1, 'Banco', 'R-1', 'EUR', 10000)",
            person,
        )
        event = PaymentEvent("evt-1", "payment.received", "R-1", None, None, 1_000, "EUR")
        async with self.pool.acquire() as connection:
            await apply_payment(connection, event, datetime.now(UTC))

    async def suppress(self, number: str, until: datetime | None = None) -> None:
        if until is None:
            await self.pool.execute("INSERT INTO do_not_call (number) VALUES ($1)", number)
            return
        made = await self.pool.fetchval(
            "INSERT INTO suppression_lists (name) VALUES ($1) RETURNING id", f"until {until} for {number}"
        )
        await self.pool.execute(
            "INSERT INTO suppressed_numbers (number, list_id, starts_at, ends_at)"
            " VALUES ($1, $2, 'epoch', $3)",
            number,
            made,
            until,
        )

    async def person(self, name: str, *numbers: str, flags: Sequence[str] = ()) -> int:
        person = await self.pool.fetchval(
            "INSERT INTO persons (name, zone, flags) VALUES ($1, 'Europe/Madrid', $2) RETURNING id",
            name,
            list(flags),
        )
        for position, number in enumerate(numbers):
            await self.pool.execute(
                "INSERT INTO phones (person_id, number, position, known_at) VALUES ($1, $2, $3, NULL)",
                person,
                number,
                position,
            )
        return int(person)

    async def lead(
        self, campaign: Campaign, person: int, *, priority: int = 0, next_at: datetime | None = None
    ) -> int:
        await self.pool.execute(
            "INSERT INTO lists (campaign_id, name) VALUES ($1, 'all') ON CONFLICT DO NOTHING", campaign.id
        )
        return int(
            await self.pool.fetchval(
                "INSERT INTO leads (list_id, campaign_id, person_id, priority, next_at)"
                " SELECT id, $1, $2, $3, coalesce($4::timestamptz, '-infinity') FROM lists"
                " WHERE campaign_id = $1 RETURNING id",
                campaign.id,
                person,
                priority,
                next_at,
            )
        )

    async def set_status(self, campaign: Campaign, status: CampaignStatus) -> None:
        await self.pool.execute("UPDATE campaigns SET status = $2 WHERE id = $1", campaign.id, status)

    async def change(self, campaign: Campaign, settings: CampaignSettings) -> None:
        await self.pool.execute(
            "UPDATE campaigns SET settings = $2 WHERE id = $1", campaign.id, settings.model_dump_json()
        )

    async def known(self, campaign: Campaign) -> Campaign:
        return next(one for one in await self.store.campaigns() if one.id == campaign.id)

    async def unstop(self, person: int) -> None:
        await self.pool.execute("UPDATE persons SET stopped_at = NULL WHERE id = $1", person)

    async def allow(self, number: str) -> None:
        await self.pool.execute("DELETE FROM do_not_call WHERE number = $1", number)

    async def move_end(self, number: str, end: datetime) -> None:
        await self.pool.execute("UPDATE suppressed_numbers SET ends_at = $2 WHERE number = $1", number, end)

    async def stop(self, person: int) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("UPDATE persons SET stopped_at = now() WHERE id = $1", person)
            await connection.execute(
                "UPDATE leads SET status = 'withdrawn', held_by = 'stop'"
                " WHERE person_id = $1 AND status = 'open'",
                person,
            )

    async def forbid(self, number: str) -> None:
        await self.pool.execute("INSERT INTO do_not_call (number) VALUES ($1)", number)

    async def take_over(self) -> None:
        await self.pool.execute("UPDATE engine_fence SET fence = fence + 1")

    async def lead_row(self, lead: int) -> tuple[str, datetime, str]:
        row = await self.pool.fetchrow(
            "SELECT status, greatest(next_at, 'epoch') AS next_at, held_by FROM leads WHERE id = $1", lead
        )
        assert row is not None
        return row["status"], row["next_at"], row["held_by"]

    async def ledger(self, person: int) -> list[str]:
        rows = await self.pool.fetch("SELECT kind FROM contacts WHERE person_id = $1 ORDER BY id", person)
        return [row["kind"] for row in rows]

    async def spoken_at(self, person: int) -> datetime | None:
        found: datetime | None = await self.pool.fetchval(
            "SELECT max(at) FROM contacts WHERE person_id = $1 AND kind = 'conversation'", person
        )
        return found

    async def tries(self, lead: int) -> int:
        found: int = await self.pool.fetchval("SELECT attempts FROM leads WHERE id = $1", lead)
        return found

    async def rests(self, person: int) -> list[datetime | None]:
        rows = await self.pool.fetch(
            "SELECT rests_until FROM phones WHERE person_id = $1 ORDER BY position", person
        )
        return [row["rests_until"] for row in rows]

    async def phones(self, person: int) -> list[str]:
        rows = await self.pool.fetch(
            "SELECT status FROM phones WHERE person_id = $1 ORDER BY position", person
        )
        return [row["status"] for row in rows]

    async def first_refusals(self, person: int) -> list[Unallocated | None]:
        rows = await self.pool.fetch(
            "SELECT refused_on, refused_trunk FROM phones WHERE person_id = $1 ORDER BY position", person
        )
        assert all((row["refused_on"] is None) == (row["refused_trunk"] == "") for row in rows)
        return [Unallocated(*row) if row["refused_on"] is not None else None for row in rows]

    async def add_number(self, person: int, number: str) -> None:
        await self.pool.execute(
            "INSERT INTO phones (person_id, number, position)"
            " SELECT $1, $2, coalesce(max(position) + 1, 0) FROM phones WHERE person_id = $1",
            person,
            number,
        )

    async def trunk(self, limits: TrunkLimits) -> None:
        await self.pool.execute(
            "INSERT INTO trunks (name, max_lines, max_cps, plus, strip, prefix)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *astuple(limits),
        )

    async def pacing(self) -> list[PacingRecord]:
        rows = await self.pool.fetch(
            "SELECT campaign_id, at, inputs, calls, reason, cancel, forecast, epoch, model, why"
            " FROM pacing_decisions ORDER BY id"
        )
        return [PacingRecord(**{**_read(row), "cancel": tuple(row["cancel"])}) for row in rows]

    async def models(self) -> list[ModelRecord]:
        rows = await self.pool.fetch("SELECT * FROM pacing_models ORDER BY epoch, version")
        return [ModelRecord(**_read(row)) for row in rows]

    async def flag(self, person: int, flag: str) -> None:
        await self.pool.execute("UPDATE persons SET flags = flags || $2::text WHERE id = $1", person, flag)

    async def unflag(self, person: int, flag: str) -> None:
        await self.pool.execute(
            "UPDATE persons SET flags = array_remove(flags, $2) WHERE id = $1", person, flag
        )

    async def set_country(self, person: int, country: str) -> None:
        await self.pool.execute("UPDATE persons SET country = $2 WHERE id = $1", person, country)

    async def set_kind(self, person: int, kind: str) -> None:
        await self.pool.execute("UPDATE phones SET kind = $2 WHERE person_id = $1", person, kind)

    def learn(self, model: LeadModel) -> None:
        self.postgres.lead_chances.model = model

    def learned(self) -> LeadModel:
        return self.postgres.lead_chances.model

    async def chances(self) -> dict[UUID, float | None]:
        return {row["id"]: row["chance"] for row in await self.pool.fetch("SELECT id, chance FROM attempts")}

    async def alarm_count(self, kind: str, subject: str) -> int:
        return int(
            await self.pool.fetchval(
                "SELECT count FROM alarms WHERE kind = $1 AND subject = $2", kind, subject
            )
        )

    async def rows(self, table: str) -> int:
        return int(await self.pool.fetchval(TABLES[table]))


def _read(row: asyncpg.Record) -> dict[str, Any]:
    """A row with its JSON as Python values."""
    json = {"inputs", "forecast", "content"}
    return {key: orjson.loads(value) if key in json and value else value for key, value in row.items()}


def campaign_of(number: int, code: str, settings: CampaignSettings) -> Campaign:
    """A running campaign."""
    return Campaign(
        windows=load_pack(SETTINGS.rule_pack).conduct.abandonment_windows,
        id=number,
        code=code,
        name=code,
        trunk="carrier",
        caller_id="+34910000000",
        status=CampaignStatus.RUNNING,
        settings=settings,
        settings_version=1,
    )


def answer_model() -> LeadModel:
    """Mobiles are answered in 40 % of the calls, others in 10 %; whoever let it ring, half as often."""
    count = 4_000
    chance, mobile, rang = np.random.default_rng(1), np.arange(count) % 2 == 0, np.arange(count) % 4 >= 2
    ones = np.ones(count, dtype=np.int64)
    leads = LeadFeatures(
        hour=np.full(count, 12.0),
        weekday=ones,
        attempt=ones + rang,
        lead_attempt=ones + rang,
        kind=np.where(mobile, "mobile", "unknown"),
        last_outcome=np.where(rang, "no_answer", ""),
        known_days=np.full(count, np.nan),
        answered_days=np.full(count, np.nan),
        list_id=-ones,
        campaign_id=ones,
    )
    shares = np.where(mobile, 0.4, 0.1) * np.where(rang, 0.5, 1.0)
    return train(leads, chance.random(count) < shares, age_days=np.zeros(count))
