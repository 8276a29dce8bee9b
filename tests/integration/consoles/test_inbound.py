"""Calls that came in, and how many a person answered in time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from consoles.duty_watch import look
from consoles.sql import SQL
from tests.integration.consoles.desk import Desk

INSERT = """
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, number, state, version, limits, screened,
        placed_at, answered_at, connected_at, ended_at, outcome, direction)
    SELECT $1, campaign_id, lead_id, person_id, number, 'ended', 5, '{}', false, $2, $2, $3, $4, $5, 'inbound'
    FROM attempts WHERE direction = 'outbound' LIMIT 1"""
DAY = timedelta(days=1)


async def came(desk: Desk, ago: timedelta, *, waited: float, outcome: str, joined: bool = True) -> None:
    """A call that ended, or was joined, after so many seconds."""
    at = datetime.now(UTC) - ago
    then = at + timedelta(seconds=waited)
    ended = then + timedelta(seconds=60) if joined else then
    await desk.pool.execute(INSERT, uuid4(), at, then if joined else None, ended, outcome)


async def test_the_share_that_was_answered_in_three_minutes_with_its_denominator(desk: Desk) -> None:
    """Whoever hung up or chose a callback was not answered, and is told apart; ours are not counted."""
    # A pack that asks for no share.
    await desk.pool.execute('UPDATE campaigns SET settings = settings || \'{"rule_pack": "mx-collections"}\'')
    long_ago = 10 * DAY
    for waited in (5.0, 179.0, 181.0):
        await came(desk, long_ago, waited=waited, outcome="conversation")
    await came(desk, long_ago, waited=30, outcome="gave_up", joined=False)
    await came(desk, long_ago, waited=300, outcome="gave_up", joined=False)
    await came(desk, long_ago, waited=40, outcome="callback_taken", joined=False)
    await came(desk, 40 * DAY, waited=5, outcome="conversation")
    async with desk.user("sol") as client:
        (found,) = (await client.get("/inbound/service")).json()["items"]
    assert found["within_seconds"] == 180
    assert (found["share"], found["starts"]) == (None, None)
    between = [round(found["month"].pop(end), 2) for end in ("low", "high")]
    assert (found["month"], between) == (
        {"calls": 6, "in_time": 2, "gave_up": 1, "callbacks": 1},
        [0.12, 0.65],
    )
    none = {"calls": 0, "in_time": 0, "gave_up": 0, "callbacks": 0, "low": None, "high": None}
    assert found["day"] == none


async def test_a_call_that_still_waits_is_late_as_soon_as_it_is(desk: Desk) -> None:
    """Not only when it has ended: in time or not, nobody has answered it."""
    waiting = """
        UPDATE attempts SET state = 'waiting', ended_at = NULL, outcome = NULL,
            deadline_at = now() + interval '1 day'
        WHERE direction = 'inbound'"""
    await came(desk, timedelta(seconds=400), waited=1, outcome="gave_up", joined=False)
    await desk.pool.execute("ALTER TABLE attempts DISABLE TRIGGER USER")
    await desk.pool.execute(waiting)
    async with desk.user("sol") as client:
        (late,) = (await client.get("/inbound/service")).json()["items"]
        await desk.pool.execute("UPDATE attempts SET placed_at = now() WHERE direction = 'inbound'")
        (early,) = (await client.get("/inbound/service")).json()["items"]
    assert (late["month"]["calls"], late["month"]["in_time"]) == (1, 0)
    assert early["month"]["calls"] == 0


async def test_under_the_spanish_pack_the_law_is_named_before_it_holds(desk: Desk) -> None:
    """So that a floor can be staffed for it."""
    settings = 'UPDATE campaigns SET settings = settings || \'{"rule_pack": "es-collections"}\''
    await desk.pool.execute(settings)
    async with desk.user("sol") as client:
        (found,) = (await client.get("/inbound/service")).json()["items"]
    assert (found["within_seconds"], found["share"]) == (180, 0.95)


async def test_agents_do_not_see_it(desk: Desk) -> None:
    async with desk.user("ana") as client:
        assert (await client.get("/inbound/service")).status_code == 403


async def test_the_share_is_read_from_the_calls_that_came_in_alone(desk: Desk) -> None:
    """Each open page asks every few seconds, and ours are many times as many."""
    ours = """
        INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
            screened, placed_at, ended_at, outcome)
        SELECT gen_random_uuid(), campaign_id, lead_id, person_id, phone_id, number, 'ended', 5, '{}', false,
            placed_at - n * interval '1 minute', placed_at, 'no_answer'
        FROM attempts, generate_series(1, 20000) AS n WHERE direction = 'outbound'"""
    await desk.pool.execute(ours)
    for hours in range(5):
        await came(desk, timedelta(hours=hours), waited=5, outcome="conversation")
    await desk.pool.execute("ANALYZE attempts")
    now = datetime.now(UTC)
    asked = ([desk.known.campaign], [now - DAY], [180.0], now - 30 * DAY, now)
    plan = [row[0] for row in await desk.pool.fetch(f"EXPLAIN {SQL['inbound_service']}", *asked)]
    assert [line for line in plan if "attempts_inbound" in line], plan


async def test_a_share_that_is_missed_alarms_once_a_day_from_the_law_s_first_day_on(desk: Desk) -> None:
    """24 calls of which 16 were answered in time; the day before the law begins nobody is told."""
    law = datetime(2026, 12, 28, 12, tzinfo=UTC)
    spanish = 'UPDATE campaigns SET settings = settings || \'{"rule_pack": "es-collections"}\''
    await desk.pool.execute(spanish)
    for place in range(24):
        at = law - timedelta(minutes=place)
        late = place % 3 == 0
        then = at + timedelta(seconds=400 if late else 20)
        await desk.pool.execute(INSERT, uuid4(), at, then, then + timedelta(seconds=60), "conversation")

    async def told(now: datetime) -> list[str]:
        async with desk.pool.acquire() as database:
            await look(database, now)
        rows = await desk.pool.fetch(
            "SELECT subject, detail FROM alarms WHERE kind = 'inbound_share_low' ORDER BY id"
        )
        assert all("(16/24; " in row["detail"] for row in rows)
        return [row["subject"] for row in rows]

    await desk.pool.execute(
        "UPDATE attempts SET placed_at = placed_at - interval '1 day' WHERE direction = 'inbound'"
    )
    assert await told(law - DAY + timedelta(hours=1)) == []
    await desk.pool.execute(
        "UPDATE attempts SET placed_at = placed_at + interval '1 day' WHERE direction = 'inbound'"
    )
    first = await told(law + timedelta(hours=1))
    assert first == ["spring day", "spring month"]
    assert await told(law + timedelta(hours=2)) == first
    await desk.pool.execute("UPDATE alarms SET acknowledged_at = now()")
    assert await told(law + timedelta(hours=3)) == first
    assert await told(law + timedelta(days=2)) == [*first, "spring month"]


async def test_a_share_that_is_met_again_ends_its_alarm_and_one_that_is_missed_again_goes_on(
    desk: Desk,
) -> None:
    law = datetime(2026, 12, 28, 12, tzinfo=UTC)
    await desk.pool.execute('UPDATE campaigns SET settings = settings || \'{"rule_pack": "es-collections"}\'')

    async def answered(calls: int, *, after: float) -> None:
        for place in range(calls):
            at = law - timedelta(minutes=place)
            then = at + timedelta(seconds=after)
            await desk.pool.execute(INSERT, uuid4(), at, then, then + timedelta(seconds=60), "conversation")

    async def over(now: datetime) -> dict[str, bool]:
        async with desk.pool.acquire() as database:
            await look(database, now)
        rows = await desk.pool.fetch("SELECT * FROM alarms WHERE kind = 'inbound_share_low' ORDER BY id")
        assert [row["count"] for row in rows] == [1] * len(rows)
        return {row["subject"]: row["ended_at"] is not None for row in rows}

    both = ("spring day", "spring month")
    await answered(24, after=400)
    assert await over(law + timedelta(hours=1)) == dict.fromkeys(both, False)
    # A web process whose clock is behind: what was raised after its look is not its to end.
    assert await over(law - 2 * DAY) == dict.fromkeys(both, False)
    await answered(500, after=20)
    assert await over(law + timedelta(hours=2)) == dict.fromkeys(both, True)
    await desk.pool.execute(
        "UPDATE attempts SET connected_at = NULL, answered_at = NULL WHERE direction = 'inbound'"
    )
    assert await over(law + timedelta(hours=3)) == dict.fromkeys(both, False)
    assert await over(law + timedelta(hours=20)) == {"spring day": True, "spring month": False}
