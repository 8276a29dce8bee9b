"""Alarms in both stores: open ones, repeated ones, and one whose commit was told twice."""

from dialer.ports import Alarm, EngineCommit
from tests.conformance.store_worlds import World
from tests.conformance.test_store import NOON, after, world

__all__ = ["world"]


async def test_open_alarms_are_counted(world: World) -> None:
    assert await world.store.open_alarms() == 0
    alarms = (Alarm("pbx_link_down", "pbx", "gone", NOON), Alarm("join_failed", "a call", "agent 1", NOON))
    await world.store.commit(EngineCommit(alarms=alarms), fence=world.fence)
    assert await world.store.open_alarms() == 2
    twice = (Alarm("caller_id_blocked", "+34910000000", "on trunk carrier: SIP 608", NOON),) * 2
    await world.store.commit(EngineCommit(alarms=twice), fence=world.fence)
    later = tuple(alarm._replace(at=after(1)) for alarm in twice)
    await world.store.commit(EngineCommit(alarms=later), fence=world.fence)
    assert await world.store.open_alarms() == 3  # said once, be it in one turn or the next
    assert await world.alarm_count("caller_id_blocked", "+34910000000") == 4


async def test_an_alarm_whose_answer_was_lost_counts_once(world: World) -> None:
    flaps = EngineCommit(alarms=(Alarm("trunk_open", "carrier", "SIP 503: 5 of 5", NOON),))
    for _ in range(3):
        await world.store.commit(flaps, fence=world.fence)
    assert await world.alarm_count("trunk_open", "carrier") == 1
    await world.store.commit(EngineCommit(alarms_over=(("trunk_open", "carrier"),)), fence=world.fence)
    await world.store.commit(flaps, fence=world.fence)
    assert await world.store.open_alarms() == 0, "what has ended since has ended"
    again = EngineCommit(alarms=(Alarm("trunk_open", "carrier", "SIP 503: 5 of 5", after(1)),))
    await world.store.commit(again, fence=world.fence)
    assert (await world.alarm_count("trunk_open", "carrier"), await world.store.open_alarms()) == (2, 1)


async def test_open_alarms_about_settings_are_known_by_kind_and_subject(world: World) -> None:
    said = (
        ("trunk_open", "old"),
        ("trunk_open", "new"),
        ("caller_id_blocked", "+34910000000"),
        ("spool_low", "x"),
    )
    alarms = tuple(Alarm(*one, "so", NOON) for one in said)
    await world.store.commit(EngineCommit(alarms=alarms), fence=world.fence)
    await world.store.commit(EngineCommit(alarms_over=(("trunk_open", "new"),)), fence=world.fence)
    found = await world.store.alarms_of_settings()
    assert found == (("caller_id_blocked", "+34910000000"), ("trunk_open", "old"))
