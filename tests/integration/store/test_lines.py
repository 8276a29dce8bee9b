"""One line, one call: races of engines on a real Postgres, and what the database itself refuses."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from dialer.model.call import Call, CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign
from dialer.ports import EngineCommit, Transition
from dialer.store.gate import basic_gate
from dialer.store.migrate import migrate, rollback
from dialer.store.postgres import PostgresStore
from portfolio.contact_rules import line_of
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.fixtures import Database
from tests.integration.store.test_postgres import NOON, ONE

SPELLED = [
    ("+5491123456789", "+541123456789"),
    ("+5215512345678", "+525512345678"),
    ("+551187654321", "+5511987654321"),
]
REST = timedelta(seconds=90)
OPEN = "SELECT id, number, direction, clock_timestamp() FROM attempts WHERE ended_at IS NULL"


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """An empty world with a fence, and connections for as many as act at once."""
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=8) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


async def households(world: PostgresWorld, campaigns: Sequence[Campaign], count: int) -> None:
    """Four persons to a line, spelled in two ways, with a creditor each."""
    for number in range(count):
        line = f"112345{number:04}"
        for place, spelled in enumerate((f"+549{line}", f"+54{line}") * 2):
            person = await world.person(f"P{number}.{place}", spelled, f"+3491{number:04}{place:03}")
            for campaign in campaigns:
                await world.lead(campaign, person)


async def ends(world: PostgresWorld, call: Call) -> None:
    event = CallEvent(CallEventKind.REFUSED, cause=17)
    moved = step(call, event, now=NOON)[0]
    await world.store.commit(EngineCommit((Transition(call.state, moved, event, NOON),)), fence=1)


def twice(rows: Sequence[asyncpg.Record]) -> list[str]:
    """Lines with two open calls of ours."""
    lines = [line_of(row["number"]) for row in rows if row["direction"] == "outbound"]
    return sorted({line for line in lines if lines.count(line) > 1})


class Race:
    """Two engines, agents by hand and callers on the same lines, and somebody who counts the open calls."""

    def __init__(self, world: PostgresWorld, campaigns: list[Campaign], seed: int) -> None:
        self.world, self.campaigns, self.chance = world, campaigns, random.Random(seed)
        self.doubles: list[str] = []
        self.over = asyncio.Event()

    async def dials(self, store: PostgresStore, campaign: Campaign) -> None:
        for minute in range(12):
            at = NOON + timedelta(minutes=2 * minute)
            result = await store.place(campaign, self.chance.randint(1, 5), now=at, fence=1)
            await asyncio.gather(*(ends(self.world, one.call) for one in result.placed))

    async def by_hand(self, store: PostgresStore, campaign: Campaign, agent: int) -> None:
        for minute in range(8):
            at = NOON + timedelta(minutes=3 * minute)
            shown = (await store.preview(campaign, until=at + REST, now=at, fence=1)).lead
            if shown is not None:
                phone = shown.numbers[0].phone_id
                asked = (campaign, shown.lead_id, phone, agent)
                result = await store.place_previewed(*asked, now=at, fence=1)
                await asyncio.gather(*(ends(self.world, one.call) for one in result.placed))

    async def calls_in(self, store: PostgresStore) -> None:
        for number in range(8):
            caller = f"+54112345{number:04}"
            taken = await store.take_in(uuid4(), caller, self.campaigns, now=NOON, fence=1)
            event = CallEvent(CallEventKind.HUNG_UP, cause=16)
            moved = step(taken.call, event, now=NOON)[0]
            await store.commit(EngineCommit((Transition(taken.call.state, moved, event, NOON),)), fence=1)

    async def watches(self) -> None:
        while not self.over.is_set():
            self.doubles += twice(await self.world.pool.fetch(OPEN))

    async def runs(self, stores: Sequence[PostgresStore], agent: int) -> None:
        pairs = list(zip(stores, self.campaigns, strict=True))
        await asyncio.gather(
            *(self.dials(store, campaign) for store in stores for campaign in self.campaigns),
            *(self.by_hand(store, campaign, agent) for store, campaign in pairs),
            self.calls_in(stores[1]),
        )
        self.over.set()


@pytest.mark.parametrize("seed", range(3))
async def test_two_engines_never_have_two_calls_of_one_line(
    world: PostgresWorld, database: Database, seed: int
) -> None:
    """Over two pools, and no cap of a pack holds them apart: only that the line is busy."""
    campaigns = [await world.campaign(code) for code in ("alfa", "beta")]
    agent = (await world.agent()).id
    await households(world, campaigns, 8)
    race = Race(world, campaigns, seed)
    async with (
        PostgresStore.open(database.dsn, gate=basic_gate) as one,
        PostgresStore.open(database.dsn, gate=basic_gate) as other,
    ):
        await asyncio.gather(race.runs((one, other), agent), race.watches())
    assert race.doubles == []
    rung = await world.pool.fetch("SELECT line FROM attempts WHERE direction = 'outbound'")
    lines = [row["line"] for row in rung]
    assert len(set(lines)) >= 8
    assert len(lines) > len(set(lines))


async def test_each_of_two_engines_has_the_line_or_not(world: PostgresWorld, database: Database) -> None:
    """Fifteen couples, two creditors: fifteen calls, whoever comes first."""
    alfa, beta = await world.campaign("alfa"), await world.campaign("beta")
    for number in range(15):
        for campaign, spelled in ((alfa, f"+549112345{number:04}"), (beta, f"+54112345{number:04}")):
            await world.lead(campaign, await world.person(f"{campaign.code}{number}", spelled))
    async with (
        PostgresStore.open(database.dsn, gate=basic_gate) as one,
        PostgresStore.open(database.dsn, gate=basic_gate) as other,
    ):
        results = await asyncio.gather(
            one.place(alfa, 15, now=NOON, fence=1), other.place(beta, 15, now=NOON, fence=1)
        )
    placed = [call for result in results for call in result.placed]
    assert twice(await world.pool.fetch(OPEN)) == []
    assert 1 <= len(placed) <= 15


INSERT = (
    "INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened,"
    " placed_at, deadline_at, direction)"
    " SELECT $1, $2, l.id, l.person_id, f.id, f.number, '{}', false, now(), now(), $4"
    " FROM leads l JOIN phones f USING (person_id) WHERE l.id = $3"
)


@pytest.mark.parametrize("numbers", [(ONE, ONE), *SPELLED])
async def test_the_database_refuses_a_second_open_call(
    world: PostgresWorld, numbers: tuple[str, str]
) -> None:
    campaign = await world.campaign()
    leads = [await world.lead(campaign, await world.person(number, number)) for number in numbers]
    await world.pool.execute(INSERT, uuid4(), campaign.id, leads[0], "outbound")
    with pytest.raises(asyncpg.UniqueViolationError, match="attempts_one_open_per_line"):
        await world.pool.execute(INSERT, uuid4(), campaign.id, leads[1], "outbound")
    # Who calls in while we ring them is let in: then our call is the one that ends.
    await world.pool.execute(INSERT, uuid4(), campaign.id, leads[1], "inbound")


async def test_the_database_has_the_same_lines(world: PostgresWorld) -> None:
    chance = random.Random(13)
    numbers = [number for pair in SPELLED for number in pair]
    for prefix in ("+549", "+54", "+521", "+52", "+55", "+551", "+34", "+1", "+5511"):
        numbers += [
            prefix + "".join(chance.choices("0123456789", k=k)) for k in range(6, 12) for _ in range(40)
        ]
    rows = await world.pool.fetch(
        "SELECT number, line_of(number) AS line FROM unnest($1::text[]) AS number", numbers
    )
    assert {row["number"]: row["line"] for row in rows} == {number: line_of(number) for number in numbers}
    assert len({row["line"] for row in rows}) < len(set(numbers))


async def test_the_rows_of_today_go_forward_and_back(empty_database: Database) -> None:
    """Two calls that a crash left open on one line do not stop the upgrade; going back loses no spelling."""
    dsn = empty_database.dsn
    await migrate(dsn, target="0016")
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool, PostgresStore.open(dsn) as store:
        world = PostgresWorld(store, pool, 1)
        campaign = await world.campaign()
        spelled = SPELLED[0]
        leads = [await world.lead(campaign, await world.person(number, number)) for number in spelled]
        ids: list[UUID] = [uuid4(), uuid4()]
        for call, lead in zip(ids, leads, strict=True):
            await pool.execute(INSERT, call, campaign.id, lead, "outbound")
        await world.suppress(spelled[0])
        asked = "SELECT is_suppressed($1, now())"
        assert [await pool.fetchval(asked, number) for number in spelled] == [True, False]
        await migrate(dsn)
        assert [await pool.fetchval(asked, number) for number in spelled] == [True, True]
        lines = [row["line"] for row in await pool.fetch("SELECT line FROM attempts ORDER BY placed_at")]
        assert sorted(lines, key=str) == [spelled[1], None]
        while "0017" not in await rollback(dsn, force=True):
            pass
        assert [await pool.fetchval(asked, number) for number in spelled] == [True, False]
        numbers = await pool.fetch("SELECT number FROM phones ORDER BY id")
        assert tuple(row["number"] for row in numbers) == spelled
