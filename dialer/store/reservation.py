"""Claims leads, asks the contact gate, commits the attempts it permits: few round trips for any count."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dialer.exceptions import FenceLost
from dialer.model.call import Call, place
from dialer.model.campaign import Campaign, Screening
from dialer.ports import Placed, PlaceResult, Refusal
from dialer.store.gate import Candidate, CandidatePhone, Gate, GateVerdict, LedgerRow, first_usable
from dialer.store.ids import NewId
from dialer.store.lead_advice import BACK_OFF
from dialer.store.rows import Row, attempt_row, card_of
from dialer.store.sql import queries

if TYPE_CHECKING:
    from dialer.store.pool import Connection

LEDGER_WINDOW = timedelta(days=30)
"""How far back the gate sees; no rule pack looks further."""
MOST = 200
"""Leads claimed at once, at most: they stay locked until the transaction ends."""


@dataclass(slots=True)
class _Batch:
    """What has been decided so far in one reservation."""

    calls: list[tuple[Call, GateVerdict]] = field(default_factory=list)
    refused: list[tuple[Candidate, GateVerdict]] = field(default_factory=list)
    persons: set[int] = field(default_factory=set)
    booked: dict[str, list[LedgerRow]] = field(default_factory=lambda: defaultdict(list))
    """Attempts of this batch by number: the next person on the same number must see them."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """One request for calls of one campaign."""

    campaign: Campaign
    count: int
    now: datetime
    gate: Gate
    new_id: NewId

    async def run(self, connection: "Connection", fence: int) -> PlaceResult:
        """In the transaction of the caller; raises FenceLost."""
        if await connection.fetchval(queries()["fence_hold"]) != fence:
            raise FenceLost(f"fence {fence} is not the newest")
        limit = min(4 * self.count, MOST)
        claimed = await connection.fetch(queries()["claim_leads"], self.campaign.id, self.now, limit)
        batch = self._decide(await self._candidates(connection, claimed)) if claimed else _Batch()
        placed = await reserve(connection, batch.calls)
        refused = await self._hold(connection, batch)
        return PlaceResult(placed, refused, dry=len(placed) < self.count and len(claimed) < limit)

    async def _candidates(self, connection: "Connection", claimed: Sequence[Row]) -> list[Candidate]:
        """Everything the gate must know, read after the locks were taken."""
        persons = list({row["person_id"] for row in claimed})
        since = self.now - LEDGER_WINDOW
        phones = await connection.fetch(queries()["candidate_phones"], persons)
        ledger = await connection.fetch(queries()["candidate_ledger"], persons, since)
        talking = {row["person_id"] for row in await connection.fetch(queries()["open_persons"], persons)}
        return _joined(claimed, phones, ledger, talking)

    def _decide(self, candidates: Sequence[Candidate]) -> _Batch:
        batch = _Batch()
        for candidate in candidates:
            if len(batch.calls) == self.count:
                break
            if not candidate.in_call and candidate.person_id not in batch.persons:
                self._ask(candidate, batch)
        return batch

    def _ask(self, candidate: Candidate, batch: _Batch) -> None:
        phone = first_usable(candidate)
        if phone is None:
            batch.refused.append((candidate, GateVerdict(rule="no_number", final=True)))
            return
        if not phone.ours:
            return  # somebody else is deciding about this number right now; the lead keeps its place
        known = replace(candidate, ledger=(*candidate.ledger, *batch.booked[phone.number]))
        verdict = self.gate(known, phone, self.campaign, self.now)
        if not verdict.permitted:
            batch.refused.append((candidate, verdict))
            return
        batch.calls.append((self._call(candidate, phone), verdict))
        batch.persons.add(candidate.person_id)
        batch.booked[phone.number].append(
            LedgerRow("attempt", self.now, number=phone.number, same_person=False)
        )

    def _call(self, candidate: Candidate, phone: CandidatePhone) -> Call:
        call = Call(
            id=self.new_id(self.now),
            campaign_id=self.campaign.id,
            lead_id=candidate.lead_id,
            person_id=candidate.person_id,
            phone_id=phone.id,
            number=phone.number,
            placed_at=self.now,
            limits=self.campaign.settings.limits(),
            screened=self.campaign.settings.screening is Screening.AMD,
        )
        return place(call, now=self.now)[0]

    async def _hold(self, connection: "Connection", batch: _Batch) -> tuple[Refusal, ...]:
        refusals = tuple(self._refusal(candidate, verdict) for candidate, verdict in batch.refused)
        if refusals:
            columns = ([r.lead_id for r in refusals], [r.rule for r in refusals], [r.until for r in refusals])
            await connection.execute(queries()["hold_leads"], *columns)
        return refusals

    def _refusal(self, candidate: Candidate, verdict: GateVerdict) -> Refusal:
        until = None if verdict.final else verdict.until or self.now + BACK_OFF
        return Refusal(candidate.lead_id, candidate.person_id, verdict.rule, until)


async def reserve(connection: "Connection", calls: Sequence[tuple[Call, GateVerdict]]) -> tuple[Placed, ...]:
    """Commit these permitted calls as attempts, with their cards."""
    if not calls:
        return ()
    rows = [attempt_row(call, verdict.detail) for call, verdict in calls]
    await connection.execute(queries()["reserve"], rows)
    found = await connection.fetch(queries()["cards"], [call.person_id for call, _ in calls])
    cards = {row["id"]: row for row in found}
    return tuple(Placed(call, card_of(cards[call.person_id], call.number)) for call, _ in calls)


def _joined(
    claimed: Sequence[Row], phones: Sequence[Row], ledger: Sequence[Row], talking: set[int]
) -> list[Candidate]:
    phones_of: dict[int, list[CandidatePhone]] = defaultdict(list)
    for row in phones:
        phones_of[row["person_id"]].append(_phone(row))
    ledger_of: dict[int, list[LedgerRow]] = defaultdict(list)
    for row in ledger:
        ledger_of[row["person_id"]].append(_entry(row))
    return [
        _candidate(row, phones_of[row["person_id"]], ledger_of[row["person_id"]], row["person_id"] in talking)
        for row in claimed
    ]


def _candidate(
    row: Row, phones: Sequence[CandidatePhone], ledger: Sequence[LedgerRow], in_call: bool
) -> Candidate:
    return Candidate(
        lead_id=row["lead_id"],
        person_id=row["person_id"],
        name=row["name"],
        language=row["language"],
        country=row["country"],
        region=row["region"],
        zone=row["zone"],
        flags=tuple(row["flags"]),
        stopped=row["stopped"],
        phones=tuple(phones),
        ledger=tuple(ledger),
        in_call=in_call,
    )


def _phone(row: Row) -> CandidatePhone:
    return CandidatePhone(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        status=row["status"],
        zones=tuple(row["zones"]),
        do_not_call=row["do_not_call"],
        ours=row["ours"],
    )


def _entry(row: Row) -> LedgerRow:
    return LedgerRow(
        kind=row["kind"],
        at=row["at"],
        channel=row["channel"],
        number=row["number"],
        attempt_id=row["attempt_id"],
        same_person=row["same_person"],
    )
