"""A dead number is called again: by a person, or by a file that asks for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import pytest

from portfolio.revival import BY_FILE_AGAIN, NotDead, Revived, UnknownPhone, revive_phone
from tests.eventually import eventually
from tests.integration.portfolio.conftest import CAMPAIGN, import_text

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

NOW = datetime(2026, 11, 30, 11, tzinfo=UTC)
PEOPLE = "id_cliente;nombre;telefono;tel2\nC-1;Ana Prueba;612345678;912345678\nC-2;Eva Otra;612345678;\n"
ASKED = "id_cliente;nombre;telefono;Reactivar\nC-1;Ana Prueba;612345678;sí\n"
MOBILE = "+34612345678"


@pytest.fixture
async def ana(pool: Pool, campaign_id: int) -> int:
    """A person with two numbers, on one list; she shares one with Eva."""
    await import_text(pool, campaign_id, PEOPLE)
    return int(await pool.fetchval("SELECT id FROM persons WHERE external_id = 'C-1'"))


async def dies(pool: Pool, person: int, *, lead: str = "withdrawn", held_by: str = "dead_number") -> int:
    """The network has said twice that the mobile does not exist; the number's id."""
    phone: int = await pool.fetchval(
        "UPDATE phones SET status = 'dead', refused_on = '2026-11-23', refused_trunk = 'carrier',"
        " rests_until = $2 WHERE person_id = $1 AND number = $3 RETURNING id",
        person,
        NOW + timedelta(hours=5),
        MOBILE,
    )
    await pool.execute(
        "UPDATE leads SET status = $2, held_by = $3, next_at = $4 WHERE person_id = $1",
        person,
        lead,
        held_by,
        NOW + timedelta(days=9),
    )
    return phone


async def ended(pool: Pool, person: int, outcome: str) -> None:
    """The last call to the person."""
    await pool.execute(
        "INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened,"
        " placed_at, state, ended_at, outcome)"
        " SELECT $1, l.campaign_id, l.id, l.person_id, h.id, h.number, '{}', true, $3, 'ended', $3, $4"
        " FROM leads l JOIN phones h ON h.person_id = l.person_id AND h.position = 0 WHERE l.person_id = $2",
        uuid4(),
        person,
        NOW,
        outcome,
    )


async def status(pool: Pool, person: int) -> str:
    found: str = await pool.fetchval(
        "SELECT status FROM phones WHERE person_id = $1 AND number = $2", person, MOBILE
    )
    return found


async def leads(pool: Pool, person: int) -> list[tuple[str, str]]:
    rows = await pool.fetch("SELECT status, held_by FROM leads WHERE person_id = $1 ORDER BY id", person)
    return [tuple(row) for row in rows]


async def revived(pool: Pool, person: int, phone: int) -> Revived:
    async with pool.acquire() as connection:
        return await revive_phone(connection, person, phone, "lo dice la hija", None, NOW)


# --- by a person


async def test_by_hand_nothing_is_known_of_the_number_any_more(pool: Pool, ana: int) -> None:
    phone = await dies(pool, ana)
    assert await revived(pool, ana, phone) == Revived(phones=1, leads=1)
    row = await pool.fetchrow(
        "SELECT status, rests_until, refused_on, refused_trunk, revived_at FROM phones WHERE id = $1", phone
    )
    assert row is not None
    assert tuple(row) == ("unknown", None, None, "", NOW)
    assert await leads(pool, ana) == [("open", "")]
    assert not await pool.fetchval("SELECT resting FROM leads WHERE person_id = $1", ana)
    audit = await pool.fetchrow("SELECT subject, before, reason FROM audit WHERE action = 'phone.revive'")
    assert audit is not None
    assert audit["subject"] == f"person:{ana}"
    assert audit["reason"] == "lo dice la hija"
    assert '"2026-11-23"' in audit["before"]
    assert MOBILE not in audit["before"]


async def test_only_a_dead_number_of_this_person_is_revived(pool: Pool, ana: int) -> None:
    phone = await dies(pool, ana)
    with pytest.raises(UnknownPhone):
        await revived(pool, ana + 1, phone)
    await revived(pool, ana, phone)
    with pytest.raises(NotDead):
        await revived(pool, ana, phone)


@pytest.mark.parametrize(
    ("lead", "held_by", "outcome", "woken"),
    [
        ("done", "", "unallocated", True),
        ("done", "", "fax", True),
        ("withdrawn", "no_number", "unallocated", True),
        ("done", "", "conversation", False),
        ("done", "attempts", "unallocated", False),
        ("withdrawn", "stop", "unallocated", False),
        ("withdrawn", "paid", "unallocated", False),
        ("withdrawn", "care", "unallocated", False),
    ],
)
async def test_a_lead_wakes_that_ended_for_want_of_a_number(
    pool: Pool, ana: int, lead: str, held_by: str, outcome: str, woken: bool
) -> None:
    await ended(pool, ana, outcome)
    phone = await dies(pool, ana, lead=lead, held_by=held_by)
    assert (await revived(pool, ana, phone)).leads == int(woken)
    assert await leads(pool, ana) == [("open", "") if woken else (lead, held_by)]


async def test_who_said_stop_stays_so(pool: Pool, ana: int) -> None:
    phone = await dies(pool, ana)
    await pool.execute("UPDATE persons SET stopped_at = $2 WHERE id = $1", ana, NOW)
    assert (await revived(pool, ana, phone)).leads == 0


# --- by a file


async def test_a_file_that_brings_a_dead_number_again_does_not_revive_it(
    pool: Pool, campaign_id: int, ana: int
) -> None:
    await dies(pool, ana)
    for text in (PEOPLE, ASKED.replace("sí", ""), ASKED.replace("sí", "no")):
        report = await import_text(pool, campaign_id, text)
        assert (report.revived, report.dead_again) == (0, 0)
    assert await status(pool, ana) == "dead"


async def test_a_file_that_asks_for_it_does(pool: Pool, campaign_id: int, ana: int) -> None:
    await dies(pool, ana)
    dry = await import_text(pool, campaign_id, ASKED, dry_run=True)
    assert (dry.revived, await status(pool, ana)) == (1, "dead")
    report = await import_text(pool, campaign_id, ASKED)
    assert (report.revived, report.dead_again) == (1, 0)
    assert await status(pool, ana) == "unknown"
    assert await leads(pool, ana) == [("open", "")]
    audit = "SELECT after FROM audit WHERE action = 'list.import' ORDER BY id DESC LIMIT 1"
    assert '"revived": 1' in await pool.fetchval(audit)


async def test_the_same_file_every_day_revives_it_once_in_ninety_days(
    pool: Pool, campaign_id: int, ana: int
) -> None:
    await dies(pool, ana)
    assert (await import_text(pool, campaign_id, ASKED)).revived == 1
    await dies(pool, ana)
    again = await import_text(pool, campaign_id, ASKED)
    assert (again.revived, again.dead_again) == (0, 1)
    assert await status(pool, ana) == "dead"
    await pool.execute("UPDATE phones SET revived_at = now() - $1::interval", BY_FILE_AGAIN)
    assert (await import_text(pool, campaign_id, ASKED)).revived == 1


async def test_only_the_numbers_of_the_row_and_of_its_person_are_revived(
    pool: Pool, campaign_id: int, ana: int
) -> None:
    second = await pool.fetchval(CAMPAIGN, "second")
    await pool.execute("UPDATE phones SET status = 'dead'")
    report = await import_text(pool, second, ASKED + "C-2;Eva Otra;612345678;no\n")
    assert report.revived == 1
    rows = await pool.fetch("SELECT number, status FROM phones WHERE status <> 'unknown' ORDER BY number")
    assert [tuple(row) for row in rows] == [(MOBILE, "dead"), ("+34912345678", "dead")]


async def test_what_is_no_yes_or_no_comes_back(pool: Pool, campaign_id: int) -> None:
    report = await import_text(pool, campaign_id, ASKED.replace("sí", "quizás"))
    assert (report.rejected, dict(report.reasons)) == (1, {"bad_yes_no": 1})


# --- side by side


@pytest.mark.parametrize("by_file", [True, False])
async def test_the_person_is_taken_before_the_number(
    pool: Pool, campaign_id: int, ana: int, by_file: bool
) -> None:
    """As by everybody who changes numbers: in the other order each would wait for the other."""
    phone = await dies(pool, ana)
    waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"
    async with asyncio.TaskGroup() as group:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE", ana)
            if by_file:
                group.create_task(import_text(pool, campaign_id, ASKED, list_name="other"), name="file")
            else:
                group.create_task(revived(pool, ana, phone), name="by hand")
            await eventually(lambda: pool.fetchval(waiting))
            await connection.execute("UPDATE phones SET rests_until = now() WHERE id = $1", phone)
    assert await status(pool, ana) == "unknown"
