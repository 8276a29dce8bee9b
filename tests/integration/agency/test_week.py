"""A week of an agency: a list a day, three campaigns that share twelve agents, a trunk that fails.

The engine's own turns, a real Postgres and the gate under the Spanish pack; only the telephone network and
the clock are made up.
"""

import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest
import pytest_asyncio

from dialer.store.postgres import PostgresStore
from portfolio.contact_rules import line_of
from portfolio.why import why
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.agency.books import AGENTS, SIZES, Books
from tests.integration.agency.exchange import Exchange
from tests.integration.agency.floor import Floor
from tests.integration.fixtures import migrated_database
from tests.integration.services import Postgres

pytestmark = pytest.mark.asyncio(loop_scope="module")

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = date(2026, 11, 23)
SHIFT, LONG_SHIFT, LAST_SHIFT = timedelta(minutes=15), timedelta(minutes=80), timedelta(minutes=40)
FAILS_AFTER, FAILS_FOR = timedelta(minutes=6), timedelta(hours=1)
WEDNESDAY = MONDAY + timedelta(days=2)
DRAWN = 200
LEADS = """
SELECT l.id, l.list_id, l.held_by, min(a.placed_at) AS first FROM leads l
LEFT JOIN attempts a ON a.lead_id = l.id GROUP BY l.id ORDER BY first, l.id
"""


def begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, 0, tzinfo=MADRID)


def fails(now: datetime) -> bool:
    """An hour of Wednesday in which the carrier refuses everything."""
    return begins(WEDNESDAY) + FAILS_AFTER <= now < begins(WEDNESDAY) + FAILS_AFTER + FAILS_FOR


@dataclass(frozen=True, slots=True)
class Week:
    """What was loaded, what the floor did, and the books afterwards."""

    books: Books
    floor: Floor
    pool: "asyncpg.Pool[asyncpg.Record]"
    leads: list[asyncpg.Record]
    """As Friday ended, in the order in which they were first called."""
    ended: datetime
    """On Friday."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def week(postgres: Postgres) -> AsyncIterator[Week]:
    """Monday to Friday, and a Saturday on which the agents come in vain."""
    async with (
        migrated_database(postgres) as database,
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=3) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        books = await Books(PostgresWorld(store, pool, 1)).open()
        exchange = Exchange(endpoints=[f"agent{number:02}" for number in range(AGENTS)], fails=fails)
        floor = Floor(store, exchange, fence=1)
        for ahead, lasts in enumerate((SHIFT, SHIFT, LONG_SHIFT, SHIFT, LAST_SHIFT)):
            await books.day(MONDAY + timedelta(days=ahead))
            ended = await floor.shift(begins(MONDAY + timedelta(days=ahead)), lasts)
        leads = await pool.fetch(LEADS)
        await floor.shift(begins(MONDAY + timedelta(days=5)), timedelta(minutes=1))
        yield Week(books, floor, pool, leads, ended)


async def test_every_callable_person_is_called_in_the_order_of_the_lists(week: Week) -> None:
    rows = week.leads
    called = {row["id"] for row in rows if row["first"] is not None}
    assert not called & week.books.never
    # Of the others only who shares a line with somebody that was spoken to, or tried twice, on Friday.
    waits = {row["id"]: row["held_by"] for row in rows if row["id"] not in called | week.books.never}
    assert not waits.keys() & week.books.plain
    assert set(waits.values()) <= {"after_conversation", "after_machine", "attempts_per_day"}, waits
    assert len(waits) <= len(rows) // 50
    order = defaultdict(list)
    for row in rows:
        if row["id"] in week.books.plain:
            order[row["list_id"]].append(row["id"])
    assert len(order) == 5 * len(SIZES)
    for leads in order.values():
        assert leads == sorted(leads)


async def test_the_weights_are_kept_while_everybody_has_somebody_to_call(week: Week) -> None:
    """Until the first campaign finds less than it asked for; the trunk's hour aside."""
    for day in range(5):
        of_day = [one for one in week.floor.orders if one.at.date() == MONDAY + timedelta(days=day)]
        until = min((one.at for one in of_day if one.placed < one.asked), default=week.ended)
        placed = Counter[int]()
        for one in of_day:
            if one.at < until:
                placed[one.campaign_id] += one.placed
        assert sum(placed.values()) >= 100
        for code, (weight, _, _) in SIZES.items():
            share = placed[week.books.campaigns[code]] / sum(placed.values())
            assert share == pytest.approx(weight / 4, rel=0.1)


async def test_caps_hold_by_person_and_by_line_and_no_line_is_called_twice_at_once(week: Week) -> None:
    rows = await week.pool.fetch(
        "SELECT a.person_id, a.number, a.placed_at, a.ended_at,"
        " NOT EXISTS (SELECT FROM contacts c WHERE c.attempt_id = a.id AND c.kind = 'failed') AS counts"
        " FROM attempts a ORDER BY a.placed_at"
    )
    by_person, by_line = Counter[tuple[int, date]](), Counter[tuple[str, date]]()
    until: dict[str, datetime] = {}
    for row in rows:
        line, day = line_of(row["number"]), row["placed_at"].astimezone(MADRID).date()
        by_person[row["person_id"], day] += row["counts"]
        by_line[line, day] += row["counts"]
        assert until.get(line, row["placed_at"]) <= row["placed_at"]
        until[line] = row["ended_at"]
    assert max(by_person.values()) == max(by_line.values()) == 2
    assert {day.weekday() for _, day in by_person} == {0, 1, 2, 3, 4}


async def test_an_hour_without_a_trunk_costs_nobody_a_call(week: Week) -> None:
    hour = (begins(WEDNESDAY) + FAILS_AFTER, begins(WEDNESDAY) + FAILS_AFTER + FAILS_FOR)
    rows = await week.pool.fetch(
        "SELECT a.outcome,"
        " EXISTS (SELECT FROM contacts c WHERE c.attempt_id = a.id AND c.kind = 'failed') AS spared,"
        " EXISTS (SELECT FROM attempts b WHERE b.lead_id = a.lead_id AND b.placed_at >= $2) AS again"
        " FROM attempts a WHERE a.placed_at BETWEEN $1 AND $2 AND a.outcome = 'congestion'",
        *hour,
    )
    assert 5 <= len(rows) <= 60
    assert all(row["spared"] for row in rows)
    assert all(row["again"] for row in rows)
    spent = await week.pool.fetch(
        "SELECT l.attempts, count(a.id) FILTER (WHERE a.outcome <> 'congestion') AS tries"
        " FROM leads l JOIN attempts a ON a.lead_id = l.id GROUP BY l.id"
    )
    assert all(row["attempts"] == row["tries"] for row in spent)
    back = await week.pool.fetchval(
        "SELECT min(placed_at) FROM attempts WHERE placed_at >= $1 AND outcome <> 'congestion'", hour[1]
    )
    assert back - hour[1] <= timedelta(minutes=10)
    assert [kind for kind, _, _ in week.floor.alarms].count("trunk_open") >= 1


async def test_the_why_page_says_what_a_claim_then_does(week: Week) -> None:
    """Two hundred people drawn as Friday's shift ends, within the hours: permitted if and only if called."""
    people = [row["id"] for row in await week.pool.fetch("SELECT id FROM persons ORDER BY id")]
    drawn, seen = random.Random(4).sample(people, DRAWN), Counter[bool]()
    campaigns = {one.id: one for one in await week.floor.store.campaigns()}
    for campaign in campaigns.values():
        said = await callable_now(week, drawn, campaign.id)
        placed: set[int] = set()
        lines: Counter[str] = Counter()
        while more := (await week.floor.store.place(campaign, 500, now=week.ended, fence=1)).placed:
            placed |= {one.call.lead_id for one in more}
            lines.update(line_of(one.call.number) for one in more)
        for lead, (may, line) in said.items():
            seen[may] += 1
            assert (lead in placed) == may or (may and lines[line] == 1), (lead, may)
    assert min(seen.values()) >= DRAWN // 10


async def callable_now(week: Week, people: list[int], campaign: int) -> dict[int, tuple[bool, str]]:
    """Lead → whether its person's page says that a call may go out now, and the line."""
    said = {}
    async with week.pool.acquire() as connection:
        for person in people:
            answer = await why(connection, person, week.ended)
            number = await connection.fetchval("SELECT number FROM phones WHERE person_id = $1", person)
            for lead in answer.leads:
                if lead.campaign_id == campaign:
                    may = lead.next_call_at is not None and lead.next_call_at <= week.ended
                    said[lead.lead_id] = may, line_of(number)
    return said
