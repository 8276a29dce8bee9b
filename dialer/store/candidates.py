"""Rows about a claimed lead's person → what the gate must know."""

from collections import defaultdict
from collections.abc import Sequence

from dialer.store.claims import Claimed
from dialer.store.gate import Candidate, CandidatePhone, LedgerRow
from dialer.store.rows import Row


def joined(
    claimed: Sequence[Claimed], phones: Sequence[Row], ledger: Sequence[Row], talking: Sequence[Row]
) -> list[Candidate]:
    """One candidate for each lead, in the order of the queue. `talking`: persons and phones in a call."""
    in_call = {row["person_id"] for row in talking if row["phone_id"] is None}
    busy = {row["phone_id"] for row in talking}
    phones_of: dict[int, list[CandidatePhone]] = defaultdict(list)
    for row in phones:
        phones_of[row["person_id"]].append(_phone(row, row["id"] in busy))
    ledger_of: dict[int, list[LedgerRow]] = defaultdict(list)
    for row in ledger:
        ledger_of[row["person_id"]].append(_entry(row))
    return [
        _candidate(one, phones_of[person], ledger_of[person], person in in_call)
        for one in claimed
        for person in (one.row["person_id"],)
    ]


def _candidate(
    one: Claimed, phones: Sequence[CandidatePhone], ledger: Sequence[LedgerRow], in_call: bool
) -> Candidate:
    row = one.row
    settled = ("paid",) if row["settled"] and "paid" not in row["flags"] else ()
    return Candidate(
        lead_id=row["lead_id"],
        person_id=row["person_id"],
        name=row["name"],
        language=row["language"],
        country=row["country"],
        region=row["region"],
        zone=row["zone"],
        flags=(*row["flags"], *settled),
        stopped=row["stopped"],
        phones=tuple(phones),
        ledger=tuple(ledger),
        in_call=in_call,
        rank=one.rank,
        granted=frozenset(row["granted"]),
        refused=frozenset(row["refused"]),
        preferred=tuple((start, end) for start, end in row["preferred"]),
        debts=frozenset(row["debts"]),
        creditors=tuple(row["creditors"]),
        invited=row["invited"],
    )


def _phone(row: Row, busy: bool) -> CandidatePhone:
    return CandidatePhone(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        status=row["status"],
        zones=tuple(row["zones"]),
        do_not_call=row["do_not_call"],
        do_not_call_until=row["do_not_call_until"],
        rests_until=row["rests_until"],
        ours=row["ours"],
        busy=busy,
    )


def _entry(row: Row) -> LedgerRow:
    return LedgerRow(
        kind=row["kind"],
        at=row["at"],
        channel=row["channel"],
        number=row["number"],
        attempt_id=row["attempt_id"],
        same_person=row["same_person"],
        debts=frozenset(row["debt_ids"]) if row["debt_ids"] is not None else None,
    )
