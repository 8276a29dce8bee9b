"""Takes the next leads of a campaign's lists, locked until the transaction ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dialer.model.campaign import Campaign
from dialer.store.list_mix import ListAtWork, in_turn, mixed, on_a_wheel, rank, shares, tiers
from dialer.store.rows import Row
from dialer.store.sql import queries

if TYPE_CHECKING:
    from dialer.store.pool import Connection

WOKEN = 1000
"""Rests ended at one claim, and refusals by old rules, at most: more are woken by the next."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A locked lead with its person."""

    row: Row
    rank: int


async def wake(connection: "Connection", campaign: Campaign, now: datetime) -> None:
    """End the rests that are over, and those by rules that have changed since.

    Before a claim and outside its transaction: each statement is one of its own, so that nobody who waits
    for one of these leads stands behind a claim that waits for him. Who is woken is woken; should no claim
    come after, the next one takes them.
    """
    await connection.execute(queries()["wake_held"], campaign.id, now, campaign.rules, WOKEN)
    await connection.execute(queries()["wake_leads"], campaign.id, now, WOKEN)


async def claim(
    connection: "Connection", campaign: Campaign, now: datetime, limit: int, seen: Sequence[int] = ()
) -> list[Claimed]:
    """At most `limit` leads in the order in which they are to be called; fewer means there are no more.

    `seen`: leads that this transaction was refused already. Then every list gives one at least, whatever its
    priority and weight: who holds up a queue must not hold up the others.
    """
    day = now.astimezone(ZoneInfo(campaign.settings.zone)).date()
    rows = await connection.fetch(queries()["lists_at_work"], campaign.id, day)
    found: list[Claimed] = []
    for tier in tiers(ListAtWork(**row) for row in rows):
        wanted = limit - len(found)
        if wanted <= 0 and not seen:
            break
        found += await _tier(connection, campaign, now, tier, max(wanted, len(tier) if seen else 0), seen)
    return found


async def _tier(
    connection: "Connection",
    campaign: Campaign,
    now: datetime,
    lists: Sequence[ListAtWork],
    wanted: int,
    seen: Sequence[int],
) -> list[Claimed]:
    """Lists of one priority, by weight; what one cannot give the others do."""
    queues: dict[int, list[Claimed]] = {one.id: [] for one in lists}
    turn = sum(one.given for one in lists) + len(seen)
    first = shares(lists, wanted, turn)
    able, least = list(lists), 1 if seen else 0
    while able and (missing := wanted - sum(map(len, queues.values()))) > 0:
        parts = shares(able, missing, turn)
        asked = {one.id: part for one in able if (part := max(parts[one.id], least)) > 0 and one.room != 0}
        if not asked:
            break
        taken = [*seen, *(one.row["lead_id"] for queue in queues.values() for one in queue)]
        got = await _of_lists(connection, campaign, now, able, asked, taken)
        for key, leads in got.items():
            queues[key] += leads
        # A list that gave less is empty; one too light to be asked yet may still have what is missing.
        given = {one.id: len(got.get(one.id, ())) for one in able}
        able = [_less(one, given[one.id]) for one in able if given[one.id] == asked.get(one.id, 0)]
        # However many lists are at their end, the second round looks at all the others.
        least = 1
    if turn == 0:
        return in_turn([(one.weight, queues[one.id]) for one in lists])[:wanted]
    in_order = on_a_wheel([(first[one.id], queues[one.id]) for one in lists], turn)
    return in_order if seen else in_order[:wanted]


def _less(one: ListAtWork, taken: int) -> ListAtWork:
    return one if one.room is None else replace(one, room=one.room - taken)


async def _of_lists(
    connection: "Connection",
    campaign: Campaign,
    now: datetime,
    lists: Sequence[ListAtWork],
    asked: dict[int, int],
    taken: Sequence[int],
) -> dict[int, list[Claimed]]:
    columns = (list(asked), list(asked.values()))
    rows = await connection.fetch(
        queries()["claim_leads"], now, *columns, campaign.settings.creditor, list(taken)
    )
    by_list = {one.id: one for one in lists}
    found: dict[int, list[Claimed]] = {}
    for key, count in asked.items():
        mine = sorted((row for row in rows if row["list_id"] == key), key=_queue)
        found[key] = [_claimed(row, by_list[key]) for row in _cut(mine, by_list[key], count)]
    return found


def _queue(row: Row) -> tuple[bool, int, int, datetime, int, int]:
    """The order of the indexes that leads are read by; due at one instant, who was called least is first."""
    return not row["urgent"], -row["priority"], row["sort"], row["next_at"], row["attempts"], row["lead_id"]


def _cut(rows: Sequence[Row], of: ListAtWork, count: int) -> Sequence[Row]:
    if of.fresh_share is None:
        return rows[:count]
    urgent = [row for row in rows if row["urgent"]][:count]
    fresh = [row for row in rows if row["attempts"] == 0 and not row["urgent"]]
    again = [row for row in rows if row["attempts"] > 0 and not row["urgent"]]
    return [*urgent, *mixed(fresh, again, of.fresh_share, count - len(urgent))]


def _claimed(row: Row, of: ListAtWork) -> Claimed:
    return Claimed(row, rank(of.priority, row["urgent"], row["priority"]))
