"""How fast people come in, are judged, are claimed and are left alone: import, gate, claims, payments.

`python -m bench.portfolio [--rows 1000000] [--leads 100000,1000000,10000000]`, some fifteen minutes with ten
million leads (and ten gigabytes of disk for as long). One table; each figure beside its aim.
"""

import argparse
import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from bench.figures import table
from bench.floor import laboratory
from bench.payments import payments
from bench.sql import statements
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.store.claims import claim, wake
from dialer.store.migrate import migrate
from dialer.store.pool import close_pool, open_pool, session, transaction
from dialer.store.postgres import PostgresStore
from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    may_contact,
)
from portfolio.importer import import_file
from portfolio.rule_packs import load_pack
from portfolio.rule_packs.shelf import SHELF

NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
SHELF.laboratory = True
SETTINGS = CampaignSettings(rule_pack="lab-open", screening="off")
CLAIMED = 200
"""Leads of one claim; the engine never takes more."""
CLAIMS = 40
RESERVED = 50
RESERVATIONS = 40
DECISIONS = 200_000
FAT = (
    "external_id;nombre;apellidos;telefono;telefono_2;acreedor;referencia;saldo;moneda;dias_mora;zona;pais\n"
)
THIN = "external_id;nombre;telefono;pais\n"

Row = tuple[str, str, str]


async def _csv(rows: int, fat: bool) -> AsyncIterator[bytes]:
    """A file that is made while it is read."""
    yield (FAT if fat else THIN).encode()
    for start in range(0, rows, 5000):
        yield "".join(_line(n, fat) for n in range(start, min(rows, start + 5000))).encode()


def _line(n: int, fat: bool) -> str:
    if not fat:
        return f"T-{n};Lucía Muñoz {n};6{n:08d};ES\n"
    debt = f"Banco {n % 7};D-{n};{n % 9000 + 10},50;EUR;{n % 200}"
    return f"F-{n};Lucía;Muñoz {n};6{n:08d};91{n % 10_000_000:07d};{debt};Europe/Madrid;ES\n"


async def imports(pool: "asyncpg.Pool[asyncpg.Record]", campaign: int, rows: int) -> list[Row]:
    """Rows a second of a fat and a thin file."""
    found = []
    for fat, what in (
        (True, "two telephones, a debt, twelve columns"),
        (False, "one telephone, four columns"),
    ):
        began = time.perf_counter()
        report = await import_file(
            pool,
            _csv(rows, fat),
            campaign_id=campaign,
            list_name=f"fat {fat}",
            default_region="ES",
            creditor="Banco",
        )
        assert report.imported == rows, report.reasons
        found.append((f"import, {what}", f"{rows / (time.perf_counter() - began):,.0f} rows/s", "≥ 20,000"))
    return found


def gate() -> list[Row]:
    """Decisions a second of one core, over people as they come: four in ten may be called."""
    pack, chance = load_pack("default-strict"), random.Random(1)
    cases = list(_cases(2000, chance))
    called, began = 0, time.perf_counter()
    for turn in range(DECISIONS // len(cases)):
        now = NOON + timedelta(seconds=7 * turn)
        for person, address, ledger in cases:
            verdict = may_contact(person, Channel.VOICE, address, pack, ledger, now, APPROACH)
            called += isinstance(verdict, Permitted)
    speed = DECISIONS / (time.perf_counter() - began)
    return [(f"contact gate, {called / DECISIONS:.0%} permitted", f"{speed:,.0f} decisions/s", "≥ 100,000")]


APPROACH = Approach(caller_id="+34910000000")


def _cases(
    count: int, chance: random.Random
) -> Iterator[tuple[PersonFacts, AddressFacts, list[LedgerEntry]]]:
    zones = ("Europe/Madrid", "America/Mexico_City", "America/Bogota", None)
    kinds = ("attempt", "attempt", "conversation", "machine")
    for n in range(count):
        flags = frozenset({"paid"}) if chance.random() < 0.03 else frozenset[str]()
        person = PersonFacts(n, zone=chance.choice(zones), country="ES", region="MD", flags=flags)
        address = AddressFacts(f"+3460000{n:04d}", zones=("Europe/Madrid", "Atlantic/Canary"))
        hours = [chance.randrange(1, 400) for _ in range(chance.choice((0, 0, 1, 2, 3)))]
        ledger = [
            LedgerEntry(chance.choice(kinds), NOON - timedelta(hours=h), number=address.number) for h in hours
        ]
        yield person, address, ledger


async def claims(dsn: str, leads: int) -> list[Row]:
    """Leads a second that are claimed, and that are claimed, judged, reserved and committed."""
    admin = await asyncpg.connect(dsn)
    campaign = await _filled(admin, leads)
    await admin.close()
    pool = await open_pool(dsn, 4)
    store = PostgresStore(pool)
    fence = await store.take_fence()
    now = datetime.now(UTC)
    taken, began = 0, time.perf_counter()
    for _ in range(CLAIMS):
        # Rolled back: the same leads again, as a busy engine finds them in the cache.
        async with session(pool) as connection:
            await wake(connection, campaign, now)
        async with transaction(pool) as connection:
            taken += len(await claim(connection, campaign, now, CLAIMED))
    claimed = taken / (time.perf_counter() - began)
    placed, began = 0, time.perf_counter()
    for _ in range(RESERVATIONS):
        placed += len((await store.place(campaign, RESERVED, now=datetime.now(UTC), fence=fence)).placed)
    reserved = placed / (time.perf_counter() - began)
    await close_pool(pool)
    assert placed == RESERVED * RESERVATIONS, placed
    return [
        (f"claims, {leads:,} leads in the database", f"{claimed:,.0f} leads/s", "≥ 5,000, flat"),
        (f"claimed, judged, committed, {leads:,} leads", f"{reserved:,.0f} calls/s", "–"),
    ]


async def _filled(admin: "asyncpg.Connection[asyncpg.Record]", leads: int) -> Campaign:
    """A campaign with four lists that share so many leads, a third of them resting."""
    began = time.perf_counter()
    made = await admin.fetchval(statements()["portfolio_campaign"], SETTINGS.model_dump_json())
    for name in ("portfolio_persons", "portfolio_phones", "portfolio_lists", "portfolio_leads"):
        await admin.execute(
            statements()[name].replace("{leads}", str(leads)).replace("{campaign}", str(made))
        )
    await admin.execute("ANALYZE persons, phones, leads")
    print(f"{leads:,} leads after {time.perf_counter() - began:.0f} s", flush=True)
    return Campaign(
        id=made,
        code="bench",
        name="bench",
        trunk="t",
        caller_id="+34910000000",
        status=CampaignStatus.RUNNING,
        settings=SETTINGS,
        settings_version=1,
    )


@asynccontextmanager
async def database(dsn: str, name: str) -> AsyncIterator[str]:
    """A fresh database of the laboratory's server, dropped at the end."""
    admin = await asyncpg.connect(dsn)
    await admin.execute(f"CREATE DATABASE {name}")
    mine = f"{dsn.rpartition('/')[0]}/{name}"
    try:
        await migrate(mine)
        yield mine
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def measured(rows: int, sizes: Sequence[int]) -> list[Row]:
    """Everything, one after the other."""
    found = gate()
    async with laboratory(bots=0, legs=0) as lab:
        async with database(lab.dsn, "bench_import") as dsn:
            pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
            campaign = await pool.fetchval(statements()["portfolio_campaign"], SETTINGS.model_dump_json())
            found += await imports(pool, campaign, rows)
            await pool.close()
        for leads in sizes:
            async with database(lab.dsn, f"bench_{leads}") as dsn:
                found += await claims(dsn, leads)
    return [*found, *await payments()]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of each imported file")
    parser.add_argument("--leads", default="100000,1000000,10000000", help="sizes of the database")
    options = parser.parse_args()
    found = asyncio.run(measured(options.rows, [int(size) for size in options.leads.split(",")]))
    print(table(("what", "measured", "aim"), found))


if __name__ == "__main__":
    main()
