"""Stopping a person, and answering 'why?'."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import pytest

from portfolio.contact_rules import LedgerEntry, Permitted, Refused
from portfolio.persons import UnknownPerson, get_person, ledger_of, stop_person
from portfolio.why import why
from tests.eventually import eventually
from tests.integration.portfolio.conftest import CAMPAIGN, import_text

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

TUESDAY = datetime(2026, 11, 24, 11, tzinfo=UTC)
PEOPLE = (
    "external_id,name,phone,phone_2,zone,country,region,balance,currency\n"
    "C-1,Ana,612345678,912345678,Europe/Madrid,ES,MD,100,EUR\n"
    "C-2,Eva,612345678,,Europe/Madrid,ES,MD,100,EUR\n"
)


@pytest.fixture
async def ana(pool: Pool, campaign_id: int) -> int:
    """A person with two numbers, on one list; she shares one number with Eva."""
    await import_text(pool, campaign_id, PEOPLE)
    # As the strictest rules have it: who consented, from a number that is registered.
    await pool.execute("UPDATE persons SET granted = '{voice}'")
    await pool.execute("INSERT INTO caller_ids (number) VALUES ('+34910000000')")
    return int(await pool.fetchval("SELECT id FROM persons WHERE external_id = 'C-1'"))


async def contact(pool: Pool, person_id: int, kind: str, at: datetime, number: str | None = None) -> None:
    """A line of the ledger."""
    await pool.execute(
        "INSERT INTO contacts (person_id, kind, at, number) VALUES ($1, $2, $3, $4)",
        person_id,
        kind,
        at,
        number,
    )


async def reserve(pool: Pool, person_id: int, at: datetime) -> None:
    """An open attempt that the ledger does not have yet."""
    await pool.execute(
        "INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened,"
        " placed_at, gate) SELECT $1, l.campaign_id, l.id, l.person_id, h.id, h.number, '{}', true, $3,"
        " '{\"pack\": \"p\"}' FROM leads l JOIN phones h ON h.person_id = l.person_id AND h.position = 0"
        " WHERE l.person_id = $2",
        uuid4(), person_id, at,
    )  # fmt: skip


async def test_a_stop(pool: Pool, ana: int, campaign_id: int) -> None:
    """The person, the ledger, the lists of every campaign and the audit say so; nobody else is touched."""
    other = await pool.fetchval(CAMPAIGN, "second")
    await import_text(pool, other, PEOPLE)
    async with pool.acquire() as connection:
        assert await stop_person(connection, ana, "asked for it", None, TUESDAY)
        person = await get_person(connection, ana, TUESDAY)
    assert (person.stopped_at, person.stop_reason, person.facts.stopped) == (TUESDAY, "asked for it", True)
    leads = await pool.fetch("SELECT person_id = $1 AS hers, status, held_by FROM leads", ana)
    assert sorted(tuple(lead) for lead in leads) == [
        (False, "open", ""), (False, "open", ""), (True, "withdrawn", "stop"), (True, "withdrawn", "stop"),
    ]  # fmt: skip
    assert [tuple(row) for row in await pool.fetch("SELECT person_id, kind, at FROM contacts")] == [
        (ana, "stop", TUESDAY)
    ]
    audit = await pool.fetchrow(
        "SELECT subject, reason, after::text AS after FROM audit WHERE action = 'person.stop'"
    )
    assert audit is not None
    assert (audit["subject"], audit["reason"]) == (f"person:{ana}", "asked for it")
    assert json.loads(audit["after"])["leads_withdrawn"] == 2


async def test_a_second_stop_changes_nothing_but_lists_made_since(pool: Pool, ana: int) -> None:
    """The first instant and reason stay; one ledger line, one audit line."""
    async with pool.acquire() as connection:
        assert await stop_person(connection, ana, "first", None, TUESDAY)
        await connection.execute("UPDATE leads SET status = 'open'")
        assert not await stop_person(connection, ana, "second", None, TUESDAY + timedelta(days=1))
        assert (await get_person(connection, ana, TUESDAY)).stop_reason == "first"
    assert await pool.fetchval("SELECT count(*) FROM contacts") == 1
    assert await pool.fetchval("SELECT count(*) FROM audit WHERE action = 'person.stop'") == 1
    assert await pool.fetchval("SELECT status FROM leads WHERE person_id = $1", ana) == "withdrawn"


async def test_two_stops_at_once(pool: Pool, ana: int) -> None:
    """One of them is the stop."""

    async def stop(reason: str) -> bool:
        async with pool.acquire() as connection:
            return await stop_person(connection, ana, reason, None, TUESDAY)

    assert sorted(await asyncio.gather(*(stop(f"stop {n}") for n in range(4)))) == [False, False, False, True]
    assert await pool.fetchval("SELECT count(*) FROM contacts") == 1


async def test_a_stop_waits_for_a_reservation_of_the_same_person(pool: Pool, ana: int) -> None:
    """The row is the lock: a stop that comes second sees the lead in a call, and leaves it to the engine."""
    async with pool.acquire() as reserving, pool.acquire() as stopping, asyncio.TaskGroup() as group:
        async with reserving.transaction():
            await reserving.execute("SELECT 1 FROM persons WHERE id = $1 FOR UPDATE", ana)
            stop = group.create_task(stop_person(stopping, ana, "stop", None, TUESDAY), name="stop")
            await _until_somebody_waits(pool)
            assert not stop.done()
            await reserving.execute("UPDATE leads SET status = 'in_call' WHERE person_id = $1", ana)
    assert stop.result()
    assert await pool.fetchval("SELECT status FROM leads WHERE person_id = $1", ana) == "in_call"


async def _until_somebody_waits(pool: Pool) -> None:
    await eventually(lambda: pool.fetchval("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"))


async def test_somebody_who_is_not_there(pool: Pool) -> None:
    """Each function says so."""
    async with pool.acquire() as connection:
        with pytest.raises(UnknownPerson):
            await stop_person(connection, 999, "x", None, TUESDAY)
        with pytest.raises(UnknownPerson):
            await get_person(connection, 999, TUESDAY)
        with pytest.raises(UnknownPerson):
            await why(connection, 999, TUESDAY)


async def test_the_ledger_has_reserved_calls_and_those_of_others_on_the_same_number(
    pool: Pool, ana: int
) -> None:
    """Nothing older than asked for, but for a stop."""
    eva = await pool.fetchval("SELECT id FROM persons WHERE external_id = 'C-2'")
    old = TUESDAY - timedelta(days=30)
    await contact(pool, ana, "machine", TUESDAY - timedelta(days=1), "+34912345678")
    await contact(pool, ana, "attempt", old, "+34912345678")
    await contact(pool, ana, "stop", old)
    await contact(pool, eva, "abandoned", TUESDAY - timedelta(days=2), "+34612345678")
    await contact(pool, eva, "conversation", TUESDAY - timedelta(days=2), "+34600000000")
    await reserve(pool, ana, TUESDAY)
    async with pool.acquire() as connection:
        ledger = await ledger_of(connection, ana, TUESDAY - timedelta(days=7))
    assert sorted(ledger, key=lambda entry: entry.kind) == [
        LedgerEntry("abandoned", TUESDAY - timedelta(days=2), number="+34612345678", same_person=False),
        LedgerEntry("machine", TUESDAY - timedelta(days=1), number="+34912345678"),
        LedgerEntry("reserved", TUESDAY, number="+34612345678"),
        LedgerEntry("stop", old),
    ]


async def test_a_reserved_call_that_is_in_the_ledger_counts_once(pool: Pool, ana: int) -> None:
    """The store may write the ledger line with the reservation."""
    await reserve(pool, ana, TUESDAY)
    await pool.execute(
        "INSERT INTO contacts (person_id, attempt_id, kind, at, number)"
        " SELECT person_id, id, 'attempt', placed_at, number FROM attempts"
    )
    async with pool.acquire() as connection:
        ledger = await ledger_of(connection, ana, TUESDAY - timedelta(days=7))
    assert [entry.kind for entry in ledger] == ["attempt"]


async def test_why(pool: Pool, ana: int) -> None:
    """For every list and number: what refuses now, and the first instant at which nothing does."""
    await contact(pool, ana, "machine", TUESDAY - timedelta(hours=2), "+34912345678")
    async with pool.acquire() as connection:
        answer = await why(connection, ana, TUESDAY)
    (lead,) = answer.leads
    mobile, fixed = lead.phones
    assert (lead.status, lead.rule_pack, lead.next_at) == ("open", "default-strict", None)
    assert isinstance(mobile.verdict, Permitted)
    assert mobile.next_at == TUESDAY
    assert isinstance(fixed.verdict, Refused)
    assert (fixed.verdict.rule, fixed.next_at) == ("after_machine", TUESDAY + timedelta(hours=22))
    assert mobile.masked_number == "+346•••••678"
    assert "612345678" not in repr(lead)


async def test_why_of_a_number_that_may_never_be_called(pool: Pool, ana: int) -> None:
    """Do-not-call has no next time, whatever else holds; the last attempts tell what the gate said then."""
    await pool.execute("INSERT INTO do_not_call (number) VALUES ('+34612345678')")
    await reserve(pool, ana, TUESDAY)
    async with pool.acquire() as connection:
        answer = await why(connection, ana, TUESDAY)
    mobile = answer.leads[0].phones[0]
    assert isinstance(mobile.verdict, Refused)
    rules = [refusal.rule for refusal in mobile.verdict.detail]
    assert rules == ["do_not_call", "attempts_per_week", "line_busy"]
    assert mobile.next_at is None
    (attempt,) = answer.attempts
    assert (attempt.gate, attempt.state, attempt.masked_number) == ({"pack": "p"}, "dialing", "+346•••••678")


async def test_the_rules_are_those_of_the_campaign(pool: Pool, ana: int) -> None:
    """A campaign of the lab is open at night."""
    await pool.execute('UPDATE campaigns SET settings = \'{"rule_pack": "lab-open"}\'')
    async with pool.acquire() as connection:
        answer = await why(connection, ana, TUESDAY.replace(hour=2))
    assert answer.leads[0].rule_pack == "lab-open"
    assert isinstance(answer.leads[0].phones[0].verdict, Permitted)
