"""What a supervisor changes by its route is felt by the next claim: nobody waits for a rule that is gone."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dialer.store.postgres import PostgresStore
from journal.events import NumbersSuppressed, SettingsChanged
from portfolio.rule_packs import pack_text
from portfolio.rule_packs.public_holidays import public_holidays
from tests.integration.consoles.desk import NUMBER, Desk
from tests.integration.fixtures import Database


def _night() -> datetime:
    """Half past midnight in Madrid, or later, of a day that is no holiday: else `excluded_day` is first."""
    at = datetime.now(UTC).replace(hour=23, minute=30, second=0, microsecond=0)
    while (at + timedelta(hours=2)).date() in (
        public_holidays("ES", None, (at + timedelta(hours=2)).year) or ()
    ):
        at += timedelta(days=1)
    return at


NIGHT = _night()


@pytest.fixture
async def store(desk: Desk, database: Database) -> AsyncIterator[PostgresStore]:
    """The engine's side of the same database, with the campaign running and the history forgotten."""
    await desk.pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
    await desk.pool.execute("UPDATE campaigns SET status = 'running'")
    # As the strictest rules have it: who consented, from a number that is registered.
    await desk.pool.execute("UPDATE persons SET granted = '{voice}'")
    await desk.pool.execute("INSERT INTO caller_ids (number) VALUES ('+34910000000')")
    async with PostgresStore.open(database.dsn) as opened:
        yield opened


async def claimed(store: PostgresStore, *, minutes: int = 0) -> list[int]:
    """Leads that the engine takes, as it reads the campaign now."""
    (campaign,) = await store.campaigns()
    at = NIGHT + timedelta(minutes=minutes)
    return [one.call.lead_id for one in (await store.place(campaign, 5, now=at, fence=1)).placed]


async def test_other_hours_are_felt_at_once(desk: Desk, store: PostgresStore) -> None:
    assert await claimed(store) == []
    assert await held_by(desk) == "calling_hours"
    async with desk.user("root") as client:
        assert (await client.post("/rule-packs", json=pack("all-day", 1))).status_code == 201
        await under(desk, client, "all-day")
    assert len(await claimed(store, minutes=1)) == 1
    assert SettingsChanged("rule_packs") in await desk.told(SettingsChanged)


async def test_a_new_version_of_the_pack_wakes_whom_the_old_one_held(
    desk: Desk, store: PostgresStore
) -> None:
    async with desk.user("root") as client:
        first = pack("our-own", 1, "es-collections")
        assert (await client.post("/rule-packs", json=first)).status_code == 201
        await under(desk, client, "our-own")
        assert await claimed(store) == []
        assert (await client.post("/rule-packs", json=pack("our-own", 2))).status_code == 201
    assert len(await claimed(store, minutes=1)) == 1


async def test_a_suppression_list_that_is_taken_away_brings_its_people_back(
    desk: Desk, store: PostgresStore
) -> None:
    async with desk.user("root") as client:
        assert (await client.post("/rule-packs", json=pack("day-and-night", 1))).status_code == 201
        await under(desk, client, "day-and-night")
        file = {"file": ("robinson.csv", NUMBER.encode(), "text/csv")}
        said = {"name": "Robinson", "default_region": "ES"}
        put = await client.post("/suppression-lists", files=file, data=said)
        assert await claimed(store) == []
        assert await held_by(desk) == "no_number"
        assert (
            await client.delete(f"/suppression-lists/{put.json()['id']}", params={"reason": "x"})
        ).status_code == 204
    assert (await desk.told(NumbersSuppressed))[-1] == NumbersSuppressed(freed=True)
    assert len(await claimed(store, minutes=1)) == 1


async def under(desk: Desk, client: httpx.AsyncClient, pack: str) -> None:
    """Put the campaign under another pack, as the page does."""
    path = f"/campaigns/{desk.known.campaign}"
    changed = await client.patch(path, json={"settings": {"rule_pack": pack}}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text


async def held_by(desk: Desk) -> str:
    found: str = await desk.pool.fetchval("SELECT held_by FROM leads")
    return found


def pack(name: str, version: int, text: str = "lab-open") -> dict[str, str]:
    """A version of a pack of the laboratory's own that says what another one says."""
    said = pack_text(text).replace(f"name: {text}", f"name: {name}", 1)
    return {"body": re.sub(r"^version: \d+", f"version: {version}", said, count=1, flags=re.MULTILINE)}
