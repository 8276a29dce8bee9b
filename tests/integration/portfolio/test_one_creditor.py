"""One creditor is one, however written: for its customers, its debts, its payments and its campaigns."""

import json
import random
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg
import pytest

from dialer.store.migrate import migrate, rollback
from portfolio.contact_rules import Refused
from portfolio.creditors import creditor_key
from portfolio.payments import PaymentEvent, apply_payment
from portfolio.why import why
from tests.integration.fixtures import Database
from tests.integration.portfolio.conftest import CAMPAIGN, import_text

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEAD = "id_cliente;nombre;telefono;referencia;saldo;acreedor\n"
NAMES = [
    "CAJA ÁVILA", "Caja A\u0301vila", " Banco\t Uno ", "BANCO\u00a0ÑANDÚ", "\uff22\uff41nco", "Großbank",
    "GRO\u1e9eBANK", "Çelik İŞ", "\u03a4\u03a1\u0386\u03a0\u0395\u0396\u0391\u03a3",
    "\u0421\u0411\u0415\u0420", "\ufb01nanzas", "Æon Øst Łódź", "", "   ", "a\u2028b", "\u1680x",
    "\u01c4", "\u1fb3",
]  # fmt: skip


def invented(count: int) -> list[str]:
    """Names of letters that come in names, marks and blanks among them."""
    draw = random.Random(7)
    of = [chr(code) for code in (*range(1, 0x530), *range(0x1E00, 0x2070), 0x3000, *range(0xFF01, 0xFF5F))]
    return ["".join(draw.choices(of, k=draw.randint(1, 12))) for _ in range(count)]


async def test_the_database_and_the_importer_write_one_key(pool: Pool) -> None:
    """Whatever the locale: our own cluster has C, in which lower() leaves accented capitals as they are."""
    letters = [chr(code) for code in range(1, 0x3100)]
    names = NAMES + letters + invented(1000)
    rows = await pool.fetch("SELECT said, creditor_key(said) FROM unnest($1::text[]) AS said", names)
    assert [(said, key) for said, key in rows if key != creditor_key(said)] == []
    assert creditor_key(" CAJA  ÁVILA") == creditor_key("Caja A\u0301vila") == "caja ávila"


async def test_whom_we_had_before_the_upgrade_is_known_after_it(empty_database: Database) -> None:
    dsn = empty_database.dsn
    await migrate(dsn, target="0017")
    async with asyncpg.create_pool(dsn, min_size=1, max_size=6) as pool:
        campaign = await pool.fetchval(CAMPAIGN, "first")
        await pool.execute(
            "WITH ana AS (INSERT INTO persons (external_id, name) VALUES ('7', 'Ana Gil') RETURNING id),"
            " phone AS (INSERT INTO phones (person_id, number) SELECT id, '+34612005001' FROM ana)"
            " INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
            " SELECT id, 'r9', 'CAJA ÁVILA', 'EUR', 1000 FROM ana"
        )
        await migrate(dsn)
        assert await pool.fetchval("SELECT creditor FROM persons") == "caja ávila"
        text = HEAD + "7;Ana Gil;612005001;r9;10,00;Caja  Ávila\n"
        report = await import_text(pool, campaign, text)
        assert (report.imported, report.updated) == (0, 1)
        assert await pool.fetchval("SELECT count(*) FROM persons") == 1
        debts = await pool.fetch("SELECT creditor, reference, balance_minor FROM debts")
        assert [tuple(row) for row in debts] == [("CAJA ÁVILA", "r9", 1000)]
        await rollback(dsn, force=True)
        assert await pool.fetchval("SELECT creditor FROM debts") == "CAJA ÁVILA"


@pytest.mark.parametrize("again", ["Banco  Ávila", "BANCO ÁVILA", "banco a\u0301vila"])
async def test_a_debt_is_one_and_keeps_the_name_that_came_first(
    pool: Pool, campaign_id: int, again: str
) -> None:
    await import_text(pool, campaign_id, HEAD + "7;Ana Gil;612005001;r9;10,00;Banco Ávila\n")
    await import_text(pool, campaign_id, HEAD + f"7;Ana Gil;612005001;r9;12,00;{again}\n")
    debts = await pool.fetch("SELECT creditor, reference, balance_minor FROM debts")
    assert [tuple(row) for row in debts] == [("Banco Ávila", "r9", 1200)]


async def test_who_paid_is_let_go_whatever_the_file_the_campaign_and_the_payment_write(
    pool: Pool, campaign_id: int
) -> None:
    settings = json.dumps({"creditor": "Banco Ávila"})
    await pool.execute("UPDATE campaigns SET settings = $1::text::jsonb", settings)
    await import_text(pool, campaign_id, HEAD + "7;Ana Gil;612005001;r9;10,00;BANCO  ÁVILA\n")
    person = await pool.fetchval("SELECT id FROM persons WHERE external_id = '7'")
    await pool.execute(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor)"
        " VALUES ($1, 'other', 'Otro', 'EUR', 1)",
        person,
    )
    event = PaymentEvent("e1", "payment.received", "r9", "banco ávila", None, 1000, "EUR")
    async with pool.acquire() as connection:
        result = await apply_payment(connection, event, NOW)
        assert (result.settled, result.leads_withdrawn) == (True, 1)
        (lead,) = (await why(connection, person, NOW)).leads
        (verdict,) = [phone.verdict for phone in lead.phones]
        assert isinstance(verdict, Refused)
        assert verdict.rule == "paid"
        back = PaymentEvent("e2", "payment.reversed", "r9", "BANCO ÁVILA", None, 500, "EUR")
        await apply_payment(connection, back, NOW)
    assert await pool.fetchval("SELECT status FROM leads WHERE person_id = $1", person) == "open"
