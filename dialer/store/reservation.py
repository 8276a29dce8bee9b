"""Claims leads, asks the contact gate, commits the attempts it permits: few round trips for any count."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dialer.exceptions import FenceLost
from dialer.model.call import Call, place
from dialer.model.campaign import Campaign, Screening
from dialer.ports import Placed, PlaceResult, Refusal
from dialer.store.best_hour import waits_for
from dialer.store.candidates import joined
from dialer.store.claims import Claimed, claim
from dialer.store.gate import (
    Candidate,
    CandidatePhone,
    Gate,
    GateVerdict,
    LedgerRow,
    first_usable,
    usable_in_turn,
)
from dialer.store.ids import NewId
from dialer.store.lead_advice import BACK_OFF
from dialer.store.lead_chances import MOST, LeadChances, LeadPlan
from dialer.store.lead_facts import HISTORY, LeadFact
from dialer.store.rows import Row, attempt_row, card_of
from dialer.store.sql import queries
from portfolio.contact_rules import line_of

if TYPE_CHECKING:
    from dialer.store.pool import Connection

LEDGER_WINDOW = timedelta(days=30)
"""How far back the gate sees; no rule pack looks further."""
FURTHER_ROUNDS = 2
"""How often a claim whose leads were all refused looks further."""


@dataclass(slots=True)
class _Batch:
    """What has been decided so far in one reservation."""

    plan: LeadPlan
    calls: list[tuple[Call, GateVerdict, int, frozenset[int]]] = field(default_factory=list)
    """With the place in the queue and the debts it is about."""
    refused: list[tuple[Candidate, GateVerdict]] = field(default_factory=list)
    persons: set[int] = field(default_factory=set)
    booked: dict[str, list[LedgerRow]] = field(default_factory=lambda: defaultdict(list))
    """Attempts of this batch by line: the next person on the same line must see them, and that it is busy."""
    satisfied: bool = False
    """Whether the wanted live answers are met before the count."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """One request for calls of one campaign."""

    campaign: Campaign
    count: int
    now: datetime
    gate: Gate
    new_id: NewId
    chances: LeadChances = field(default_factory=LeadChances)
    wanted: float | None = None
    """Live answers, None = count calls only."""

    async def run(self, connection: "Connection", fence: int) -> PlaceResult:
        """In the transaction of the caller; raises FenceLost."""
        if await connection.fetchval(queries()["fence_hold"]) != fence:
            raise FenceLost(f"fence {fence} is not the newest")
        seen: list[int] = []
        result, more = await self._round(connection, seen, self.chances.window(self.count))
        for _ in range(FURTHER_ROUNDS):
            if result.placed or not more:
                break
            # All were refused: behind them, and in every other list, there may be somebody.
            refused = result.refused
            result, more = await self._round(connection, seen, MOST)
            result = replace(result, refused=(*refused, *result.refused))
        return result

    async def _round(self, connection: "Connection", seen: list[int], limit: int) -> tuple[PlaceResult, bool]:
        """Claim so many, ask, reserve; and whether there are more. `seen`: leads of the rounds before."""
        claimed = await claim(connection, self.campaign, self.now, limit, seen)
        seen += [one.row["lead_id"] for one in claimed]
        candidates = await self._candidates(connection, claimed) if claimed else []
        batch = self._decide(candidates, await self._plan(connection, candidates))
        placed = await self._reserve(connection, batch)
        refused = await self._hold(connection, batch)
        short = len(placed) < self.count and not batch.satisfied
        # Of a list with little left of its day few are claimed: where all were refused there may be more.
        dry = short and len(claimed) < limit and (bool(placed) or not claimed)
        return PlaceResult(placed, refused, dry, batch.plan.next_odds()), short and not dry

    async def _candidates(self, connection: "Connection", claimed: Sequence[Claimed]) -> list[Candidate]:
        """Everything the gate must know, read after the locks were taken."""
        persons = list({one.row["person_id"] for one in claimed})
        since = self.now - LEDGER_WINDOW
        phones = await connection.fetch(queries()["candidate_phones"], persons, self.now)
        ledger = await connection.fetch(queries()["candidate_ledger"], persons, since)
        talking = await connection.fetch(queries()["on_the_line"], persons)
        return joined(claimed, phones, ledger, talking)

    async def _plan(self, connection: "Connection", candidates: Sequence[Candidate]) -> LeadPlan:
        """The order in which the gate is asked; the queue's own while nothing is known."""
        if self.chances.cold or not candidates:
            return LeadPlan(list(range(len(candidates))))
        leads = [candidate.lead_id for candidate in candidates]
        phones = [first_usable(candidate, self._rotate) for candidate in candidates]
        ids = [phone.id if phone else None for phone in phones]
        rows = await connection.fetch(queries()["candidate_history"], leads, ids, self.now - HISTORY)
        ranks = [candidate.rank for candidate in candidates]
        facts = [self._fact(c, phone, row) for c, phone, row in zip(candidates, phones, rows, strict=True)]
        return self.chances.plan(self.campaign.id, leads, ranks, facts, self.campaign.settings.best_hour)

    def _fact(self, candidate: Candidate, phone: CandidatePhone | None, row: Row) -> LeadFact:
        return LeadFact(
            campaign_id=self.campaign.id,
            list_id=row["list_id"],
            at=self.now,
            zone=candidate.zone or next(iter(phone.zones if phone else ()), None),
            kind=row["kind"] or "",
            phone_attempts=row["phone_attempts"],
            lead_attempts=row["lead_attempts"],
            last_outcome=row["last_outcome"] or "",
            known_at=row["known_at"],
            answered_at=row["answered_at"],
        )

    def _decide(self, candidates: Sequence[Candidate], plan: LeadPlan) -> _Batch:
        batch = _Batch(plan)
        for index in plan.order:
            candidate = candidates[index]
            if len(batch.calls) == self.count:
                break
            if candidate.in_call or candidate.person_id in batch.persons:
                continue
            if plan.enough(index, self.wanted):
                batch.satisfied = True
                break
            plan.tried.add(index)
            self._ask(candidate, batch, index)
        return batch

    @property
    def _rotate(self) -> bool:
        return self.campaign.settings.rotate_numbers

    def _ask(self, candidate: Candidate, batch: _Batch, index: int) -> None:
        """The first of the numbers that the gate permits; else the refusal that ends first."""
        verdicts: dict[CandidatePhone, GateVerdict] = {}
        for phone in usable_in_turn(candidate, self._rotate):
            if not phone.ours:
                return  # somebody else is deciding about this line right now; the lead keeps its place
            booked = batch.booked.get(line_of(phone.number), [])
            known = replace(candidate, ledger=(*candidate.ledger, *booked))
            asked = replace(phone, busy=True) if booked else phone
            verdict = self.gate(known, asked, self.campaign, self.now)
            if verdict.permitted:
                if wait := self._better_hour(candidate, phone, batch.plan, index):
                    batch.refused.append((candidate, wait))
                    return
                return self._take(candidate, phone, verdict, batch, index)
            verdicts[phone] = verdict
        batch.refused.append((candidate, soonest(verdicts)))

    def _better_hour(
        self, candidate: Candidate, phone: CandidatePhone, plan: LeadPlan, index: int
    ) -> GateVerdict | None:
        """Who asked for a call now waits for no better hour."""
        if candidate.invited:
            return None
        return waits_for(plan.later_of(index), lambda at: self.gate(candidate, phone, self.campaign, at))

    def _take(
        self, candidate: Candidate, phone: CandidatePhone, verdict: GateVerdict, batch: _Batch, index: int
    ) -> None:
        batch.calls.append((self.call_to(candidate, phone), verdict, index, candidate.debts))
        batch.plan.total += batch.plan.chance(index) or 0.0
        batch.persons.add(candidate.person_id)
        batch.booked[line_of(phone.number)].append(
            LedgerRow("attempt", self.now, number=phone.number, same_person=False)
        )

    def call_to(self, candidate: Candidate, phone: CandidatePhone) -> Call:
        """A call that is about to be dialled."""
        call = Call(
            id=self.new_id(self.now),
            campaign_id=self.campaign.id,
            lead_id=candidate.lead_id,
            person_id=candidate.person_id,
            phone_id=phone.id,
            number=phone.number,
            placed_at=self.now,
            limits=self.campaign.limits(),
            screened=self.campaign.settings.screening is not Screening.OFF,
        )
        return place(call, now=self.now)[0]

    async def _reserve(self, connection: "Connection", batch: _Batch) -> tuple[Placed, ...]:
        plan = batch.plan
        forecasts = [(plan.chance(index), plan.odds_of(index)) for _, _, index, _ in batch.calls]
        calls = [(call, verdict, debts) for call, verdict, _, debts in batch.calls]
        placed = await reserve(connection, calls, forecasts)
        for call, _, index, _ in batch.calls:
            self.chances.placed(call, plan, index)
        return placed

    async def _hold(self, connection: "Connection", batch: _Batch) -> tuple[Refusal, ...]:
        refusals = tuple(self._refusal(candidate, verdict) for candidate, verdict in batch.refused)
        if refusals:
            columns = ([r.lead_id for r in refusals], [r.rule for r in refusals], [r.until for r in refusals])
            await connection.execute(queries()["hold_leads"], *columns, self.campaign.rules)
        return refusals

    def _refusal(self, candidate: Candidate, verdict: GateVerdict) -> Refusal:
        until = None if verdict.final else verdict.until or self.now + BACK_OFF
        return Refusal(candidate.lead_id, candidate.person_id, verdict.rule, until)


async def reserve(
    connection: "Connection",
    calls: Sequence[tuple[Call, GateVerdict, frozenset[int]]],
    forecasts: Sequence[tuple[float | None, float]] = (),
) -> tuple[Placed, ...]:
    """Commit these permitted calls as attempts, with their cards; forecasts: (chance, odds) of each."""
    if not calls:
        return ()
    known = forecasts or [(None, 1.0)] * len(calls)
    rows = [
        attempt_row(call, verdict.detail, debts, chance)
        for (call, verdict, debts), (chance, _) in zip(calls, known, strict=True)
    ]
    await connection.execute(queries()["reserve"], rows)
    found = await connection.fetch(queries()["cards"], [call.person_id for call, _, _ in calls])
    cards = {row["id"]: row for row in found}
    return tuple(
        Placed(call, card_of(cards[call.person_id], call.number), odds)
        for (call, _, _), (_, odds) in zip(calls, known, strict=True)
    )


def soonest(verdicts: Mapping[CandidatePhone, GateVerdict]) -> GateVerdict:
    """The refusal that ends first, as the lead's own; without a number the lead is withdrawn."""
    waiting = [verdict for verdict in verdicts.values() if not verdict.final]
    if not waiting:
        return next(iter(verdicts.values()), GateVerdict(rule="no_number", final=True))
    known = [verdict for verdict in waiting if verdict.until is not None]
    return min(known, key=_end, default=waiting[0])


def _end(verdict: GateVerdict) -> float:
    return verdict.until.timestamp() if verdict.until is not None else float("inf")
