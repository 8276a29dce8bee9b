"""What is known of telephone lines, in the store in memory; queries.sql says the same."""

from collections.abc import Iterator
from dataclasses import replace

from dialer.store.fake_rows import MemoryPerson
from dialer.store.fake_tables import MemoryTables
from dialer.store.gate import CandidatePhone, LedgerRow
from portfolio.contact_rules import line_of


def is_suppressed(tables: MemoryTables, number: str) -> bool:
    """Whether a line is not to be called, in whichever spelling that was said."""
    return line_of(number) in map(line_of, tables.do_not_call)


def phones_now(tables: MemoryTables, person: MemoryPerson) -> tuple[CandidatePhone, ...]:
    """The person's numbers, with what stands against each."""
    busy = {line_of(call.number) for call in tables.calls.values() if call.live}
    return tuple(
        replace(phone, do_not_call=is_suppressed(tables, phone.number), busy=line_of(phone.number) in busy)
        for phone in person.phones
    )


def ledger_now(tables: MemoryTables, person: MemoryPerson) -> Iterator[LedgerRow]:
    """The person's contacts, those of others on the same lines, and who is being spoken to there."""
    yield from person.ledger
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
