"""The why page tells what the claim does: permitted there, taken here, in the list's order, and no other.

People who share lines, under packs that change by the day, with lists, stops, caps, silences and callbacks.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dialer.model.campaign import Campaign, CampaignSettings
from dialer.ports import Placed
from dialer.store.contact_gate import contact_gate
from dialer.store.postgres import PostgresStore
from portfolio.contact_rules import Permitted, line_of
from portfolio.rule_packs.shelf import SHELF
from portfolio.why import why
from tests.integration.fixtures import migrated_database
from tests.integration.services import Postgres
from tests.premises import premise
from tests.unit.portfolio.packs import SOURCE, cap, every_day, pack, silence

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SPANISH = ("+34600000001", "+34600000002", "+34600000003")
NUMBERS = (*SPANISH, "+5491123456789", "+541123456789", "+5215512345678", "+525512345678")
OPEN = {"windows": {day: [{"start": "00:00", "end": "24:00"}] for day in every_day("0", "0")}, **SOURCE}
PACKS = {
    "drawn-open": pack(caps=[cap(2, 24)], silences=[silence("conversation", 48)]),
    "drawn-narrow": pack(
        windows=every_day("10:00", "13:00"),
        caps=[cap(1, None, per="calendar_day", unit="number")],
        silences=[silence("abandoned", 72, unit="person"), silence("machine", 6, unless_invited=True)],
    ),
    "drawn-dated": pack(
        windows=every_day("08:00", "09:00"),
        caps=[cap(0, 24)],
        changes=[{"effective_from": date(2026, 11, 24), "zone": "UTC", "hours": OPEN, "caps": [cap(3, 24)]}],
    ),
}
hours = st.integers(-50, 30).map(lambda h: timedelta(hours=h))
seldom = st.sampled_from([False, False, False, False, True])


@dataclass(frozen=True, slots=True)
class Drawn:
    """Somebody, and what is known of them."""

    numbers: tuple[str, ...]
    zone: str | None
    language: str
    flag: str | None
    stopped: bool
    refused: bool
    status: str
    rests: timedelta | None
    ledger: tuple[tuple[str, timedelta], ...]
    owes: str
    lead: str
    next_at: timedelta | None
    urgent: bool
    callback: timedelta | None
    priority: int
    in_call: bool


anybody = st.builds(
    Drawn,
    numbers=st.lists(st.sampled_from(NUMBERS), min_size=0, max_size=2, unique_by=line_of).map(tuple),
    zone=st.sampled_from(["Europe/Madrid", "Europe/Madrid", "America/Mexico_City", None]),
    language=st.sampled_from(["es", "es", "es", "en"]),
    flag=st.sampled_from([None] * 6 + ["dispute", "lawyer", "paid"]),
    stopped=seldom,
    refused=seldom,
    status=st.sampled_from(["unknown"] * 4 + ["right_party", "dead"]),
    rests=st.none() | st.none() | hours,
    ledger=st.lists(
        st.tuples(
            st.sampled_from(["attempt", "attempt", "conversation", "abandoned", "machine"]),
            st.integers(-90, 0).map(lambda h: timedelta(hours=h)),
        ),
        max_size=2,
    ).map(tuple),
    owes=st.sampled_from(["nothing", "open", "open", "paid"]),
    lead=st.sampled_from(["open"] * 6 + ["done", "withdrawn"]),
    next_at=st.none() | st.none() | hours,
    urgent=st.booleans(),
    callback=st.none() | st.none() | hours,
    priority=st.integers(0, 2),
    in_call=seldom,
)
plain = st.builds(
    lambda one, number: replace(
        one, numbers=(number,), zone="Europe/Madrid", language="es", flag=None, stopped=False, refused=False,
        status="unknown", rests=None, ledger=one.ledger[:1], owes="open", lead="open", next_at=None,
        in_call=False,
    ),
    anybody,
    st.sampled_from(SPANISH),
)  # fmt: skip
"""Of whom little is known that could stand against a call."""
people = st.lists(st.one_of(plain, plain, anybody), min_size=2, max_size=5)
campaigns = st.fixed_dictionaries(
    {
        "rule_pack": st.sampled_from(["drawn-open", "drawn-open", "drawn-narrow", "drawn-dated"]),
        "match_language": st.booleans(),
        "creditor_licence": seldom,
        "creditor": st.sampled_from(["", "Banco Uno"]),
        "rotate_numbers": st.booleans(),
    }
)
lists = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["active"] * 11 + ["paused"]),
        "daily_attempts": st.sampled_from([None] * 8 + [0, 2, 2, 3]),
    }
)
suppressions = st.dictionaries(st.sampled_from(NUMBERS), st.none() | hours, max_size=1)


class Books:
    """A database that is filled anew with each draw."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", store: PostgresStore) -> None:
        self.pool, self.store = pool, store

    async def fill(
        self,
        drawn: list[Drawn],
        how: Mapping[str, Any],
        of: Mapping[str, Any],
        suppressed: Mapping[str, timedelta | None],
    ) -> Campaign:
        await self.pool.execute("TRUNCATE campaigns, persons, attempts, contacts, suppression_lists CASCADE")
        campaign = await self.pool.fetchval(
            "INSERT INTO campaigns (code, name, trunk, caller_id, status, settings)"
            " VALUES ('alfa', 'Alfa', 'carrier', '+34910000000', 'running', $1) RETURNING id",
            CampaignSettings(**how).model_dump_json(),
        )
        shelf = await self.pool.fetchval(
            "INSERT INTO lists (campaign_id, name, status, daily_attempts)"
            " VALUES ($1, 'all', $2, $3) RETURNING id",
            campaign, of["status"], of["daily_attempts"],
        )  # fmt: skip
        rung: set[str] = set()
        for one in drawn:
            await self._person(one, campaign, shelf, rung)
        for number, until in suppressed.items():
            await self._suppress(number, until)
        return next(iter(await self.store.campaigns()))

    async def _suppress(self, number: str, until: timedelta | None) -> None:
        made = await self.pool.fetchval(
            "INSERT INTO suppression_lists (name) VALUES ('Robinson') RETURNING id"
        )
        await self.pool.execute(
            "INSERT INTO suppressed_numbers (number, list_id, ends_at)"
            " VALUES ($1, $2, coalesce($3::timestamptz, 'infinity'))",
            number, made, None if until is None else NOON + until,
        )  # fmt: skip

    async def _person(self, one: Drawn, campaign: int, shelf: int, rung: set[str]) -> None:
        person = await self.pool.fetchval(
            "INSERT INTO persons (name, language, zone, country, flags, stopped_at, refused)"
            " VALUES ('P', $1, $2, 'ES', $3, $4, $5) RETURNING id",
            one.language, one.zone, [one.flag] if one.flag else [], NOON if one.stopped else None,
            ["voice"] if one.refused else [],
        )  # fmt: skip
        phone = 0
        for place, number in enumerate(one.numbers):
            phone = await self.pool.fetchval(
                "INSERT INTO phones (person_id, number, position, zones, status, rests_until)"
                " VALUES ($1, $2, $3, '{Europe/Madrid}', $4, $5) RETURNING id",
                person, number, place, one.status if place == 0 else "unknown",
                NOON + one.rests if one.rests is not None and place == 0 else None,
            )  # fmt: skip
        for kind, ago in one.ledger:
            await self.pool.execute(
                "INSERT INTO contacts (person_id, number, kind, at) VALUES ($1, $2, $3, $4)",
                person, one.numbers[0] if one.numbers else None, kind, NOON + ago,
            )  # fmt: skip
        if one.owes != "nothing":
            await self.pool.execute(
                "INSERT INTO debts (person_id, creditor, reference, currency, balance_minor, status)"
                " VALUES ($1, 'Banco Uno', 'R', 'EUR', 5, $2)", person, one.owes,
            )  # fmt: skip
        lead = await self.pool.fetchval(
            "INSERT INTO leads (list_id, campaign_id, person_id, priority, status, urgent, next_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, '-infinity')) RETURNING id",
            shelf, campaign, person, one.priority, one.lead, one.urgent,
            None if one.next_at is None else NOON + one.next_at,
        )  # fmt: skip
        if one.callback is not None:
            at = NOON + one.callback
            await self.pool.execute(
                "INSERT INTO callbacks (lead_id, campaign_id, person_id, at, open_at, made_at)"
                " VALUES ($1, $2, $3, $4, $4, $4)", lead, campaign, person, at,
            )  # fmt: skip
        if one.in_call and phone and (line := line_of(one.numbers[-1])) not in rung:
            rung.add(line)
            await self.pool.execute(
                "INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits,"
                " screened, placed_at, deadline_at) VALUES ($1, $2, $3, $4, $5, $6, '{}', true, $7, $7)",
                uuid4(), campaign, lead, person, phone, one.numbers[-1], NOON,
            )  # fmt: skip

    async def permitted(self) -> list[int]:
        """Leads of whom the page says that they may be called now, in the order of the list."""
        rows = await self.pool.fetch(
            "SELECT id, person_id FROM leads ORDER BY urgent DESC, priority DESC, sort,"
            " greatest(next_at, 'epoch'), id"
        )
        found = []
        async with self.pool.acquire() as connection:
            for row in rows:
                answer = await why(connection, row["person_id"], NOON)
                (lead,) = (one for one in answer.leads if one.lead_id == row["id"])
                may = any(isinstance(phone.verdict, Permitted) for phone in lead.phones)
                assert (lead.next_call_at == NOON) == (may and not lead.holds)
                found += [row["id"]] if may and not lead.holds else []
        return found

    async def _claimed(self, campaign: Campaign) -> tuple[Placed, ...]:
        """As the engine asks: again, until it gets one or is told that there is nobody."""
        while True:
            result = await self.store.place(campaign, 1, now=NOON, fence=1)
            if result.placed or result.dry:
                return result.placed

    async def agrees(self, campaign: Campaign) -> tuple[int, int]:
        """Claim one at a time until nobody is left; how many were taken, and how many were not."""
        total, taken = await self.pool.fetchval("SELECT count(*) FROM leads"), 0
        while True:
            may = await self.permitted()
            placed = await self._claimed(campaign)
            assert [one.call.lead_id for one in placed] == may[:1]
            if not placed:
                break
            taken += 1
        lines = await self.pool.fetch("SELECT line FROM attempts WHERE ended_at IS NULL")
        assert len({row["line"] for row in lines}) == len(lines)
        return taken, total - taken


@pytest.fixture
def shelf() -> None:
    """The packs of these draws, as the firm's own."""
    for name, one in PACKS.items():
        data = one.model_copy(update={"name": name}).model_dump(mode="json")
        SHELF.put(name, 1, yaml.safe_dump(data))


async def _opened(postgres: Postgres) -> tuple[AsyncExitStack, Books]:
    stack = AsyncExitStack()
    database = await stack.enter_async_context(migrated_database(postgres))
    store = await stack.enter_async_context(PostgresStore.open(database.dsn, gate=contact_gate))
    pool = await stack.enter_async_context(asyncpg.create_pool(database.dsn, min_size=1, max_size=2))
    await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
    return stack, Books(pool, store)


def test_permitted_on_the_page_is_taken_by_the_claim_and_nobody_else(postgres: Postgres, shelf: None) -> None:
    runner = asyncio.Runner()
    stack, books = runner.run(_opened(postgres))

    @settings(
        max_examples=60,
        phases=[Phase.reuse, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(people, campaigns, lists, suppressions)
    def drawn(
        who: list[Drawn],
        how: dict[str, Any],
        of: dict[str, Any],
        suppressed: dict[str, timedelta | None],
    ) -> None:
        campaign = runner.run(books.fill(who, how, of, suppressed))
        taken, left = runner.run(books.agrees(campaign))
        premise(taken)
        premise(left)

    try:
        drawn()
    finally:
        runner.run(stack.aclose())
        runner.close()
