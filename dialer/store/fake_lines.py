"""What is known of telephone lines, in the store in memory; queries.sql says the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from dialer.store.fake_rows import MemoryPerson
from dialer.store.fake_tables import MemoryTables
from dialer.store.gate import CandidatePhone, LedgerRow
from portfolio.contact_rules import line_of


def is_suppressed(tables: MemoryTables, number: str, now: datetime) -> bool:
    """Whether a line is not to be called, in whichever spelling that was said."""
    return _for_good(tables, number) or suppressed_until(tables, number, now) is not None


def suppressed_until(tables: MemoryTables, number: str, now: datetime) -> datetime | None:
    """When the last of the lists ends that a line is on; None = it is on none, or never."""
    if _for_good(tables, number):
        return None
    ends = (end for each, end in tables.suppressed.items() if line_of(each) == line_of(number))
    return max((end for end in ends if end > now), default=None)


def _for_good(tables: MemoryTables, number: str) -> bool:
    return line_of(number) in map(line_of, tables.do_not_call)


def phones_now(tables: MemoryTables, person: MemoryPerson, now: datetime) -> tuple[CandidatePhone, ...]:
    """The person's numbers, with what stands against each."""
    busy = {line_of(call.number) for call in tables.calls.values() if call.live}
    return tuple(
        replace(
            phone,
            do_not_call=is_suppressed(tables, phone.number, now),
            do_not_call_until=suppressed_until(tables, phone.number, now),
            busy=line_of(phone.number) in busy,
        )
        for phone in person.phones
    )


def ledger_now(tables: MemoryTables, person: MemoryPerson) -> Iterator[LedgerRow]:
    """The person's contacts, those of others on the same lines, and who is being spoken to there."""
    since = person.unstopped_at
    yield from (row for row in person.ledger if row.kind != "stop" or since is None or row.at > since)
    lines = {line_of(phone.number) for phone in person.phones}
    for other in tables.persons.values():
        if other is not person:
            yield from (
                replace(row, same_person=False)
                for row in other.ledger
                if row.number is not None and line_of(row.number) in lines
            )
    for call in tables.calls.values():
        if call.live and call.connected_at is not None and call.person_id != person.id:
            if line_of(call.number) in lines:
                spoken = call.connected_at
                yield LedgerRow("conversation", spoken, number=call.number, same_person=False)
