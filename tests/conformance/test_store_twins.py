"""The same random day in both stores ends the same: leads, ledgers, numbers, logs."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg
import numpy as np
import pytest

from dialer.model.call import TRANSITIONS, Call, CallEvent, CallEventKind, CallState, step
from dialer.model.campaign import Campaign
from dialer.ports import DispositionMade, EngineCommit, Transition
from dialer.store.contact_gate import contact_gate
from dialer.store.fake_rows import CODES
from dialer.store.fakes import MemoryStore
from dialer.store.postgres import PostgresStore
from tests.conformance.store_worlds import MemoryWorld, PostgresWorld, World, answer_model, counts_of
from tests.integration.fixtures import migrated_database
from tests.integration.services import Postgres

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
PERSONS = 12
CAUSES = (1, 17, 19, 21, 34, 38, 127, None)


@pytest.fixture
async def twins(postgres: Postgres) -> AsyncIterator[tuple[World, World]]:
    """An empty world in each store."""
    async with (
        migrated_database(postgres) as database,
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield MemoryWorld(MemoryStore(gate=contact_gate)), PostgresWorld(store, pool, 1)


@dataclass(slots=True)
class Day:
    """One world living through a day drawn from a seed."""

    world: World
    chance: random.Random
    now: datetime = START
    campaigns: list[Campaign] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    agent: int = 0
    calls: list[Call] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """What the store answered on the way."""

    async def begin(self) -> None:
        """Two campaigns, persons with one to three numbers, most of them in both lists."""
        self.campaigns = [await self.world.campaign("alfa"), await self.world.campaign("beta")]
        self.agent = (await self.world.agent()).id
        for person in range(PERSONS):
            numbers = [f"+34910{person:03}{n:03}" for n in range(self.chance.randint(1, 3))]
            self.persons.append(await self.world.person(f"P{person}", *numbers))
            await self.world.set_kind(self.persons[-1], self.chance.choice(("mobile", "fixed", "unknown")))
            for campaign in self.campaigns:
                if self.chance.random() < 0.8:
                    self.leads.append(await self.world.lead(campaign, self.persons[-1]))

    async def live(self, turns: int) -> None:
        """So many things happen."""
        for _ in range(turns):
            self.now += timedelta(minutes=self.chance.choice((1, 5, 60, 400)))
            happening = self.chance.choices(
                (self.place, self.preview, self.step, self.dispose, self.stop), (4, 3, 14, 4, 0.3)
            )[0]
            await happening()

    async def preview(self) -> None:
        """A lead is held for the agent, who calls one of its numbers or lets it be."""
        campaign, store = self.chance.choice(self.campaigns), self.world.store
        until = self.now + timedelta(seconds=self.chance.choice((30, 3600)))
        result = await store.preview(campaign, until=until, now=self.now, fence=1)
        self.told.append(f"{sorted(refusal.rule for refusal in result.refused)}")
        if result.lead is None:
            return
        lead, number = result.lead.lead_id, self.chance.choice(result.lead.numbers)
        self.told.append(
            f"{result.lead.card.name} {[(n.masked_number, n.rule) for n in result.lead.numbers]}"
        )
        if self.chance.random() < 0.3:
            return await store.return_lead(lead, next_at=self.now, fence=1)
        made = await store.place_previewed(campaign, lead, number.phone_id, self.agent, now=self.now, fence=1)
        self.calls += [placed.call for placed in made.placed]
        self.told.append(f"{len(made.placed)} {[refusal.rule for refusal in made.refused]}")

    async def place(self) -> None:
        """Some calls of one campaign."""
        campaign, count = self.chance.choice(self.campaigns), self.chance.randint(1, 4)
        wanted = self.chance.choice((None, 0.3, 1.0))
        result = await self.world.store.place(campaign, count, now=self.now, fence=1, wanted=wanted)
        self.calls += [placed.call for placed in result.placed]
        self.told.append(
            f"{[(p.call.number, p.odds) for p in result.placed]} {sorted(r.rule for r in result.refused)}"
            f" {result.dry} {result.next_odds}"
        )

    async def step(self) -> None:
        """One event for one live call."""
        live = [index for index, call in enumerate(self.calls) if call.state is not CallState.ENDED]
        if not live:
            return
        index = self.chance.choice(live)
        before = self.calls[index]
        kind = self.chance.choice([event for state, event in TRANSITIONS if state is before.state])
        agent = self.agent if kind is CallEventKind.BRIDGED else None
        event = CallEvent(kind, cause=self.chance.choice(CAUSES), agent_id=agent)
        self.calls[index], _ = step(before, event, now=self.now)
        transition = Transition(before.state, self.calls[index], event, self.now)
        await self.world.store.commit(EngineCommit((transition,)), fence=1)

    async def dispose(self) -> None:
        """The agent says something of the newest call that was bridged."""
        bridged = [call for call in self.calls if call.connected_at is not None]
        if not bridged:
            return
        code = self.chance.choice(sorted(CODES))
        callback = self.now + timedelta(hours=5) if code == "callback" else None
        made = DispositionMade(bridged[-1].id, self.agent, self.now, code, callback_at=callback)
        await self.world.store.commit(EngineCommit(dispositions=(made,)), fence=1)

    async def stop(self) -> None:
        """A person asks for no more calls."""
        await self.world.stop(self.chance.choice(self.persons))

    async def sum(self) -> list[object]:
        """All that a test can see."""
        store = self.world.store
        found: list[object] = [*self.told]
        found += [await self.world.lead_row(lead) for lead in self.leads]
        found += [(await self.world.ledger(p), await self.world.phones(p)) for p in self.persons]
        found.append(
            sorted(
                round(float(np.float32(chance or 0.0)), 6) for chance in (await self.world.chances()).values()
            )
        )
        found += [await self.world.rows(table) for table in ("transitions", "dispositions")]
        until = self.now + timedelta(minutes=1)
        found += [await counts_of(store, c.id, since=START, until=until) for c in self.campaigns]
        for campaign in self.campaigns:
            found += sorted(map(repr, await store.past_calls(campaign.id, limit=1000)))
        found += [await store.leads_left(c.id, self.now) for c in self.campaigns]
        found += [await store.calls_today(since=START), await store.stopped(self.persons)]
        shown = await store.shown_calls([call.id for call in self.calls])
        assert [one.call for one in shown] == self.calls
        return [
            *found,
            [
                (one.card.masked_number, one.card.last_contacts and len(one.card.last_contacts))
                for one in shown
            ],
        ]


@pytest.mark.parametrize("seed", range(6))
async def test_a_random_day_ends_the_same_in_both(twins: tuple[World, World], seed: int) -> None:
    days = [Day(world, random.Random(seed)) for world in twins]
    for day in days:
        if seed % 2:
            day.world.learn(answer_model())
        await day.begin()
        await day.live(150)
    first, second = [await day.sum() for day in days]
    assert first == second
