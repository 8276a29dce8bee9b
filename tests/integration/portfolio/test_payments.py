"""A payment in the books: the event, the audit, who is called when, and two of them at once."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from portfolio.payments import (
    PaymentConflict,
    PaymentEvent,
    PaymentResult,
    UnknownDebt,
    apply_payment,
)
from tests.eventually import eventually
from tests.integration.portfolio.conftest import CAMPAIGN

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAID = PaymentEvent("evt-1", "payment.received", "D-1", None, None, 12050, "EUR")
BACK = replace(PAID, id="evt-back", kind="payment.reversed")


@pytest.fixture
async def marta(pool: "Pool") -> int:
    """She owes two banks; each of their campaigns has a lead, one wants to call now and one in a month."""
    person = await pool.fetchval(
        "INSERT INTO persons (external_id, name) VALUES ('C-1', 'Marta Muñoz') RETURNING id"
    )
    await pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'D-1', 'Banco Uno', 'EUR', 12050), ($1, 'D-2', 'Banco Dos', 'EUR', 5000)",
        person,
    )
    for code, creditor, at in (("uno", "Banco Uno", NOW), ("dos", "Banco Dos", NOW + timedelta(days=30))):
        campaign = await pool.fetchval(CAMPAIGN, code)
        settings = json.dumps({"creditor": creditor})
        await pool.execute(
            "UPDATE campaigns SET settings = $2::text::jsonb WHERE id = $1", campaign, settings
        )
        of_list = await pool.fetchval(
            "INSERT INTO lists (campaign_id, name) VALUES ($1, 'one') RETURNING id", campaign
        )
        await pool.execute(
            "INSERT INTO leads (list_id, campaign_id, person_id, next_at) VALUES ($1, $2, $3, $4)",
            of_list, campaign, person, at,
        )  # fmt: skip
    return int(person)


async def take(pool: "Pool", event: PaymentEvent, now: datetime = NOW) -> PaymentResult:
    """Take an event in."""
    async with pool.acquire() as connection:
        return await apply_payment(connection, event, now)


async def leads(pool: "Pool") -> dict[str, tuple[str, str, datetime]]:
    """Campaign → how its lead stands."""
    rows = await pool.fetch(
        "SELECT c.code, l.status, l.held_by, l.next_at FROM leads l JOIN campaigns c ON c.id = l.campaign_id"
    )
    return {row["code"]: (row["status"], row["held_by"], row["next_at"]) for row in rows}


async def debt(pool: "Pool", reference: str) -> int:
    """Its id."""
    return int(await pool.fetchval("SELECT id FROM debts WHERE reference = $1", reference))


async def test_the_campaign_of_the_paid_debt_lets_go_and_the_other_waits_a_day(
    pool: "Pool", marta: int
) -> None:
    result = await take(pool, PAID)
    assert result == PaymentResult(marta, await debt(pool, "D-1"), True, False, 1, False)
    month = NOW + timedelta(days=30)
    assert await leads(pool) == {"uno": ("withdrawn", "paid", NOW), "dos": ("open", "partly_paid", month)}


async def test_who_paid_a_part_is_called_about_the_rest_a_day_later(pool: "Pool", marta: int) -> None:
    result = await take(pool, replace(PAID, amount_minor=50))
    assert result == PaymentResult(marta, await debt(pool, "D-1"), False, False, 0, False)
    assert (await leads(pool))["uno"] == ("open", "partly_paid", NOW + timedelta(hours=24))


async def test_a_part_that_the_creditor_takes_for_all_settles_the_debt(pool: "Pool", marta: int) -> None:
    """Agreed with the creditor: less than was owed, and nothing more is asked for."""
    result = await take(pool, replace(PAID, amount_minor=50, settles=True))
    assert result == PaymentResult(marta, await debt(pool, "D-1"), True, False, 1, False)
    assert await pool.fetchval("SELECT balance_minor FROM debts WHERE reference = 'D-1'") == 0


async def test_who_owes_nothing_is_marked_as_paid_until_a_payment_is_taken_back(
    pool: "Pool", marta: int
) -> None:
    async def flags() -> list[str]:
        found: list[str] = await pool.fetchval("SELECT flags FROM persons WHERE id = $1", marta)
        return found

    await pool.execute("UPDATE persons SET flags = '{vulnerable}' WHERE id = $1", marta)
    await take(pool, PAID)
    assert await flags() == ["vulnerable"]
    await take(pool, replace(PAID, id="evt-2", reference="D-2", amount_minor=5000))
    assert await flags() == ["vulnerable", "paid"]
    await take(pool, BACK)
    assert await flags() == ["vulnerable"]


async def test_the_event_is_kept_as_it_was_told(pool: "Pool", marta: int) -> None:
    await take(pool, PAID)
    await take(pool, replace(BACK, amount_minor=50), NOW + timedelta(hours=1))
    rows = await pool.fetch(
        "SELECT id, kind, person_id, debt_id, amount_minor, currency, settled, received_at"
        " FROM payment_events ORDER BY id"
    )
    of = (marta, await debt(pool, "D-1"))
    assert [tuple(row) for row in rows] == [
        ("evt-1", "payment.received", *of, 12050, "EUR", True, NOW),
        ("evt-back", "payment.reversed", *of, 50, "EUR", False, NOW + timedelta(hours=1)),
    ]


async def test_the_audit_says_which_event_left_what_balance(pool: "Pool", marta: int) -> None:
    long_id = "e" * 200
    await take(pool, PAID)
    await take(pool, replace(BACK, id=long_id, amount_minor=50))
    rows = await pool.fetch("SELECT actor_id, action, subject, before, after, reason FROM audit ORDER BY id")
    paid = await debt(pool, "D-1")
    assert [(*row[:4], json.loads(row["after"]), row["reason"]) for row in rows] == [
        (None, "payment.received", f"person:{marta}", None,
         {"debt": paid, "balance_minor": 0, "leads_withdrawn": 1}, "evt-1"),
        (None, "payment.reversed", f"person:{marta}", None,
         {"debt": paid, "balance_minor": 50, "leads_withdrawn": 0}, long_id),
    ]  # fmt: skip


async def test_a_repeated_event_tells_the_same_and_does_nothing(pool: "Pool", marta: int) -> None:
    paid = await debt(pool, "D-1")
    await take(pool, PAID)
    assert await take(pool, PAID) == PaymentResult(marta, paid, True, False, 0, True)
    rest = replace(PAID, id="evt-2", reference="D-2", amount_minor=5000)
    assert (await take(pool, rest)).all_settled
    assert await take(pool, PAID) == PaymentResult(marta, paid, True, True, 0, True)


async def test_an_event_about_a_debt_that_was_deleted_since_is_still_known(pool: "Pool", marta: int) -> None:
    """The debt came again with the next file, under a new id: the money is not counted twice."""
    await take(pool, replace(PAID, amount_minor=50))
    await pool.execute("DELETE FROM debts WHERE reference = 'D-1'")
    await pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'D-1', 'Banco Uno', 'EUR', 12000)",
        marta,
    )
    assert await take(pool, replace(PAID, amount_minor=50)) == PaymentResult(marta, 0, False, False, 0, True)


async def test_an_event_of_a_known_id_that_says_something_else(pool: "Pool", marta: int) -> None:
    await take(pool, PAID)
    with pytest.raises(PaymentConflict, match=r"^an event of this id said something else$"):
        await take(pool, replace(PAID, amount_minor=12051))


async def test_which_debt_is_meant_must_be_clear(pool: "Pool", marta: int) -> None:
    other = await pool.fetchval("INSERT INTO persons (external_id, name) VALUES ('C-2', 'Otra') RETURNING id")
    await pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'D-1', 'Banco Uno', 'EUR', 100)",
        other,
    )
    with pytest.raises(UnknownDebt, match=r"^more than one debt fits: name creditor and person$"):
        await take(pool, PAID)
    with pytest.raises(UnknownDebt, match=r"^no such debt$"):
        await take(pool, replace(PAID, reference="D-9"))
    with pytest.raises(PaymentConflict, match=r"^the debt is in EUR$"):
        await take(pool, replace(PAID, reference="D-2", currency="USD"))
    named = await take(pool, replace(PAID, external_id="C-2", creditor="Banco Uno"))
    assert (named.person_id, named.settled, named.all_settled) == (other, True, True)


async def test_a_payment_taken_back_reopens_what_it_had_withdrawn_after_three_days(
    pool: "Pool", marta: int
) -> None:
    await take(pool, PAID)
    result = await take(pool, BACK)
    assert result == PaymentResult(marta, await debt(pool, "D-1"), False, False, 0, False)
    assert (await leads(pool))["uno"] == ("open", "", NOW + timedelta(hours=72))


async def test_taken_back_it_reopens_no_campaign_of_a_creditor_who_is_still_paid(
    pool: "Pool", marta: int
) -> None:
    await take(pool, PAID)
    await take(pool, replace(PAID, id="evt-2", reference="D-2", amount_minor=5000))
    await take(pool, BACK)
    month = NOW + timedelta(days=30)
    assert await leads(pool) == {
        "uno": ("open", "", NOW + timedelta(hours=72)),
        "dos": ("withdrawn", "paid", month),
    }


async def test_a_callback_about_what_is_paid_is_taken_back_at_that_instant(pool: "Pool", marta: int) -> None:
    await pool.execute(
        "INSERT INTO callbacks (lead_id, campaign_id, person_id, at, open_at, made_at)"
        " SELECT id, campaign_id, person_id, $1, $1, $1 FROM leads",
        NOW,
    )
    await take(pool, PAID)
    rows = await pool.fetch(
        "SELECT c.code, b.status, b.done_at FROM callbacks b JOIN campaigns c ON c.id = b.campaign_id"
        " ORDER BY c.code"
    )
    assert [tuple(row) for row in rows] == [("dos", "scheduled", None), ("uno", "withdrawn", NOW)]


async def test_the_same_event_twice_at_once_is_taken_once(pool: "Pool", marta: int) -> None:
    """The second waits for the first at the person's row, and then knows the event."""
    part = replace(PAID, amount_minor=2050)
    async with pool.acquire() as first, asyncio.TaskGroup() as tasks:
        transaction = first.transaction()
        await transaction.start()
        assert not (await apply_payment(first, part, NOW)).repeated
        second = tasks.create_task(take(pool, part))
        await eventually(lambda: _somebody_waits(pool))
        await transaction.commit()
    assert second.result().repeated
    assert await pool.fetchval("SELECT balance_minor FROM debts WHERE reference = 'D-1'") == 10_000


async def _somebody_waits(pool: "Pool") -> bool:
    return bool(
        await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
    )


async def test_an_event_that_cannot_be_kept_leaves_no_trace(pool: "Pool", marta: int) -> None:
    """All or nothing: here the audit refuses."""
    with pytest.raises(asyncpg.PostgresError):
        await take(pool, replace(PAID, kind="payment.imagined"))  # type: ignore[arg-type]
    assert await pool.fetchval("SELECT balance_minor FROM debts WHERE reference = 'D-1'") == 12050
    assert (await leads(pool))["uno"] == ("open", "", NOW)
