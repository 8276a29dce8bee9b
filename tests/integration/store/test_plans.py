"""What is asked more than once a minute is found by an index, with ten million leads, persons and calls.

The statements of a turn, a claim, a call, a look at a page or a round of a watch. Some thousand rows are
analysed, then said to be ten million: the planner scales by it what it knows. Each statement is planned as
its role plans it.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
import pytest

from consoles.sql import SQL
from dialer.store.pool import open_pool
from dialer.store.sql import queries
from journal.sql import statements as of_package
from portfolio.sql import statements
from tests.integration import services
from tests.integration.fixtures import migrated_database

BIG = (
    *("leads", "attempts", "contacts", "persons", "phones", "debts", "attempt_events", "callbacks", "timers"),
    *("journal_letters", *(f"journal_{day}" for day in range(8))),
)
SIZE = 10_000_000

FREQUENT = {
    # Rounds of the engine: news 1 s, callbacks 2 s, settings 15 s.
    "engine": """
        live_news person_news stopped callbacks_due campaigns agents leads_left audits open_alarms
        alarms_of_settings trunks clock fence_now wake_leads wake_held waiting lists_at_work
        claim_leads claim_callback claim_held hold_preview return_lead candidate_phones
        candidate_ledger candidate_history on_the_line reserve hold_leads fence_hold rules_change
        write_turn written_already alarms_over answer_late keep_places dispose_persons dispose
        withdraw_callbacks spare_leads settle_leads open_calls shown_calls marked handed_over cards
        counts inbound_known inbound_caller inbound_stranger inbound_number inbound_lead
        inbound_taken inbound_candidate inbound_phones
    """,
    "consoles": """
        session touch_session insert_ticket use_ticket campaigns decisions newest_model
        agents_logged_in pacing_minutes open_alarms count_open_alarms engine_silent engine_back
        settings_of_campaigns campaign_settings inbound_service looser_wishes complaint_alarms_over
        share_alarms_over agent_history agents_last_person agents_call_with attempt_of_person
        find_persons recordings recording_call attempt_events attempt_dispositions
    """,
    "portfolio": """
        person_by_id person_phones person_debts person_ledger person_reserved person_leads lists_of
        campaign_held held_persons agreed_in callback_to_move suppressed_ringing person_lock
    """,
    "recordings": "pending known facts write",
    # Its followers look 20 times a second.
    "journal": "read cursor_take cursor_move letters_due timer_due present cursor_see slot_filled",
}
ALL = [(room, name) for room, names in FREQUENT.items() for name in names.split()]

SMALL = {
    "attempts_open",
    "attempts_open_of_line",
    "attempts_open_of_person",
    "attempts_one_open_per_person",
    "callbacks_due",
    "callbacks_one_per_lead",
    "callbacks_person",
}
"""Indexes of calls that go on and callbacks that are to be made: one read wholly is a floor, not a house."""

ROWS = """
    INSERT INTO engine_fence (name, fence) VALUES ('engine', 1);
    INSERT INTO campaigns (code, name, trunk, caller_id)
    SELECT 'c' || n, 'c' || n, 't', '+34910000000' FROM generate_series(1, 20) AS n;
    INSERT INTO lists (campaign_id, name) SELECT c.id, 'l' || n FROM campaigns c, generate_series(1, 3) AS n;
    INSERT INTO users (login, name, role, password_hash)
    SELECT 'u' || n, 'u', 'agent', 'x' FROM generate_series(1, 50) AS n;
    INSERT INTO agents (id, endpoint, sip_user, sip_password) SELECT id, 'e' || id, 'e' || id, 'x' FROM users;
    INSERT INTO persons (external_id, name) SELECT n::text, 'Ana' FROM generate_series(1, 6000) AS n;
    INSERT INTO phones (person_id, number)
    SELECT id, '+346' || lpad((2 * id + n)::text, 8, '0') FROM persons, generate_series(0, 1) AS n;
    INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)
    SELECT id, 'D', 'Banco', 'EUR', 1 FROM persons;
    INSERT INTO leads (list_id, campaign_id, person_id, status, attempts, next_at, resting, held_by,
                       held_rules)
    SELECT i.id, i.campaign_id, p.id, (ARRAY['open', 'open', 'done', 'withdrawn'])[1 + p.id % 4], p.id % 3,
        CASE WHEN p.id % 12 = 0 THEN now() + p.id * interval '1 s' ELSE '-infinity' END, p.id % 12 = 0,
        CASE WHEN p.id % 12 IN (0, 3) THEN 'calling_hours' ELSE '' END,
        CASE WHEN p.id % 12 IN (0, 3) THEN p.id END
    FROM persons p JOIN lists i ON i.id = 1 + p.id % 60;
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, placed_at,
                          agent_id, answered_at, waiting_at, connected_at, ended_at, state, outcome,
                          direction)
    SELECT gen_random_uuid(), l.campaign_id, l.id, l.person_id, f.id, f.number, '{}', true, t.at,
        1 + l.id % 50, t.at, t.at, t.at, CASE WHEN l.id % 600 > 0 THEN t.at + interval '1 min' END,
        CASE WHEN l.id % 600 > 0 THEN 'ended' ELSE 'connected' END,
        CASE WHEN l.id % 600 > 0 THEN 'conversation' END,
        CASE WHEN l.id % 20 = 1 THEN 'inbound' ELSE 'outbound' END
    FROM leads l, LATERAL (SELECT id, number FROM phones WHERE person_id = l.person_id LIMIT 1) AS f,
        LATERAL (SELECT now() - l.id * interval '10 min' AS at) AS t;
    INSERT INTO attempt_events (attempt_id, version, at, event, to_state)
    SELECT id, 1, placed_at, 'placed', 'dialing' FROM attempts;
    INSERT INTO contacts (person_id, attempt_id, number, kind, at)
    SELECT person_id, id, number, 'attempt', placed_at FROM attempts;
    INSERT INTO journal (slot, kind) SELECT n % 8, 'person.changed' FROM generate_series(1, 6000) AS n;
    INSERT INTO timers (kind, key, due_at) SELECT 'reminder', n::text, now() + n * interval '1 min'
    FROM generate_series(1, 6000) AS n;
    INSERT INTO journal_letters (follower, fact_id, at, kind, version, data, error, next_at)
    SELECT 'leads', n, now(), 'x', 1, '{}', 'x', now() + n * interval '1 min'
    FROM generate_series(1, 6000) AS n;
    INSERT INTO callbacks (lead_id, campaign_id, person_id, agent_id, at, open_at, made_at, status, done_at)
    SELECT id, campaign_id, person_id, 1 + id % 50, now(), now(), now(),
        CASE WHEN id % 1000 > 0 THEN 'called' ELSE 'scheduled' END,
        CASE WHEN id % 1000 > 0 THEN now() END
    FROM leads;
"""


def asked_of(room: str) -> Mapping[str, str]:
    """The statements of a room."""
    if room == "consoles":
        return SQL
    if room == "journal":
        return of_package(room)
    return queries() if room == "engine" else statements(room)


@pytest.fixture(scope="module")
def plans(postgres: services.Postgres) -> Iterator[dict[tuple[str, str], Any]]:
    """The plan of each statement."""
    with asyncio.Runner() as runner:
        yield runner.run(planned(postgres))


async def planned(postgres: services.Postgres) -> dict[tuple[str, str], Any]:
    """A house of ten million leads, and how each role would find there what it asks."""
    async with migrated_database(postgres) as database:
        connection = await asyncpg.connect(database.dsn)
        await connection.execute(ROWS)
        await connection.execute("ANALYZE")
        await connection.execute(
            "UPDATE pg_class SET reltuples = $1 WHERE relname = ANY ($2::text[]) AND relkind = 'r'", SIZE, BIG
        )
        pool = await open_pool(database.dsn, 1)
        try:
            async with pool.acquire() as engine:
                return {
                    one: await plan_of(engine if one[0] == "engine" else connection, asked_of(one[0])[one[1]])
                    for one in ALL
                }
        finally:
            await pool.close()
            await connection.close()


async def plan_of(connection: Any, statement: str) -> Any:
    """How it is found, whatever its arguments."""
    asked = max((int(number) for number in re.findall(r"\$(\d+)", statement)), default=0)
    nulls = f"({', '.join(['NULL'] * asked)})" if asked else ""
    async with connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE asked AS {statement}")
        (row,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked{nulls}")
        await connection.execute("DEALLOCATE asked")
    return json.loads(row[0]) if isinstance(row[0], str) else row[0]


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    if isinstance(plan, list):
        for one in plan:
            yield from nodes(one)
    elif isinstance(plan, dict):
        if "Node Type" in plan:
            yield plan
        for value in plan.values():
            if isinstance(value, list | dict):
                yield from nodes(value)


def read_wholly(plan: Any) -> list[str]:
    """Big tables of which every row is read, and indexes of theirs of which every entry is."""
    tables = [
        n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan" and n["Relation Name"] in BIG
    ]
    whole = [
        n for n in nodes(plan) if "Index Name" in n and "Index Cond" not in n and n["Index Name"] not in SMALL
    ]
    return tables + [n["Index Name"] for n in whole if re.match("|".join(BIG), n["Index Name"])]


@pytest.mark.parametrize(("room", "name"), ALL, ids=[name for _, name in ALL])
def test_is_found_by_an_index(plans: dict[tuple[str, str], Any], room: str, name: str) -> None:
    assert read_wholly(plans[room, name]) == []
