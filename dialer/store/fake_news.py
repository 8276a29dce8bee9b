"""What was learnt of people with open calls, in the store in memory; queries.sql says the same."""

from collections.abc import Mapping
from uuid import UUID

from dialer.model.call import Call, CallState
from dialer.ports import PersonNews
from dialer.store.fake_lines import is_suppressed
from dialer.store.fake_tables import MemoryTables


def learnt(tables: MemoryTables, told: Mapping[UUID, int]) -> tuple[PersonNews, ...]:
    """As live_news of ports.Store."""
    return tuple(
        news_of(tables, call.person_id)
        for call in tables.calls.values()
        if call.live and (_is_news(tables, call, told) or _is_suppressed(tables, call))
    )


def _is_news(tables: MemoryTables, call: Call, told: Mapping[UUID, int]) -> bool:
    return tables.persons[call.person_id].news > told.get(call.id, tables.news_then[call.id])


def _is_suppressed(tables: MemoryTables, call: Call) -> bool:
    rings = not call.inbound and call.state in (CallState.DIALING, CallState.RINGING)
    return rings and is_suppressed(tables, call.number, tables.shows())


def news_of(tables: MemoryTables, person_id: int) -> PersonNews:
    """What stands in the books of somebody."""
    person = tables.persons[person_id]
    flags = (*person.flags, "stopped") if person.stopped else person.flags
    return PersonNews(person.id, person.news, flags, person.debts)
