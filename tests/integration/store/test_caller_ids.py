"""What the store says of the numbers that campaigns show: by their packs, and by their own calendar."""

import asyncpg
import pytest

from dialer.store.postgres import PostgresStore
from tests.integration.fixtures import Database

CAMPAIGN = """
INSERT INTO campaigns (code, name, trunk, caller_id, settings)
VALUES ($1, $1, 'lab', $2, jsonb_build_object('rule_pack', $3::text, 'zone', $4::text))"""
TODAY_THERE = """
INSERT INTO caller_ids (number, starts_on, ends_on)
SELECT $1, day, day FROM (SELECT (now() AT TIME ZONE $2)::date AS day) AS today"""


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_registered_for_today_is_said_by_the_campaign_s_own_day(database: Database, zone: str) -> None:
    """From fourteen hours before UTC to eleven behind: on one of them it is another day than the server's."""
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool:
        await pool.execute(CAMPAIGN, "there", "+34910000001", "mx-collections", zone)
        await pool.execute(TODAY_THERE, "+34910000001", zone)
    async with PostgresStore.open(database.dsn) as store:
        (there,) = await store.campaigns()
    assert there.caller_registered
    assert there.caller_id_refused == ""


async def test_a_number_that_the_pack_forbids_is_told_with_its_rule(database: Database) -> None:
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool:
        await pool.execute("INSERT INTO caller_ids (number) VALUES ('+34612345678')")
        await pool.execute(CAMPAIGN, "mobile", "+34612345678", "es-collections", "Europe/Madrid")
        await pool.execute(CAMPAIGN, "unknown", "+34910000002", "mx-collections", "Europe/Madrid")
    async with PostgresStore.open(database.dsn) as store:
        found = {one.code: one.caller_id_refused for one in await store.campaigns()}
    assert found == {"mobile": "caller_id_prefix", "unknown": "caller_id_unregistered"}
