"""Holds a lead for an agent who reads before calling, and turns it into an attempt when the agent says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from dialer.exceptions import FenceLost
from dialer.model.call import Call
from dialer.model.masking import masked
from dialer.ports import NOT_HELD, LeadPreview, PlaceResult, PreviewNumber, PreviewResult, Refusal
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict
from dialer.store.reservation import Reservation, reserve
from dialer.store.rows import card_of
from dialer.store.sql import queries

if TYPE_CHECKING:
    from dialer.store.pool import Connection

LOOKED_AT = 20
"""Leads of which the first that may be called is shown; they stay locked for one transaction."""

Verdicts = Mapping[CandidatePhone, GateVerdict]


class Preview(Reservation):
    """A reservation in two steps, with a person between them."""

    __slots__ = ()

    async def hold_next(self, connection: "Connection", until: datetime, fence: int) -> PreviewResult:
        """In the transaction of the caller; raises FenceLost."""
        await _hold_fence(connection, fence)
        claimed = await connection.fetch(queries()["claim_leads"], self.campaign.id, self.now, LOOKED_AT)
        refused: list[Refusal] = []
        for candidate in await self._candidates(connection, claimed) if claimed else ():
            if candidate.in_call or contested(candidate):
                continue
            verdicts = self.ask_all(candidate)
            if any(verdict.permitted for verdict in verdicts.values()):
                await connection.execute(queries()["hold_preview"], candidate.lead_id, until)
                lead = await self._shown(connection, candidate, verdicts)
                return PreviewResult(lead, await self._withhold(connection, refused))
            refused.append(self._refusal(candidate, soonest(verdicts)))
        return PreviewResult(None, await self._withhold(connection, refused))

    async def call_held(
        self, connection: "Connection", lead_id: int, phone_id: int, agent_id: int, fence: int
    ) -> PlaceResult:
        """In the transaction of the caller; raises FenceLost."""
        await _hold_fence(connection, fence)
        claimed = await connection.fetch(queries()["claim_held"], self.campaign.id, lead_id)
        for candidate in await self._candidates(connection, claimed) if claimed else ():
            answer = self.decided(candidate, phone_id, agent_id)
            if isinstance(answer, Refusal):
                return PlaceResult(refused=(answer,))
            return PlaceResult(await reserve(connection, [answer]))
        return PlaceResult(refused=(Refusal(lead_id, 0, NOT_HELD, None),))

    def ask_all(self, candidate: Candidate) -> Verdicts:
        """What the gate says of each number that can be thought of, with an agent who waits."""
        waited_for = replace(candidate, agent_reserved=True)
        usable = [phone for phone in candidate.phones if phone.usable and phone.ours]
        return {phone: self.gate(waited_for, phone, self.campaign, self.now) for phone in usable}

    def decided(
        self, candidate: Candidate, phone_id: int, agent_id: int
    ) -> tuple[Call, GateVerdict] | Refusal:
        """The call on this number, or why not."""
        verdicts = self.ask_all(candidate)
        phone = next((phone for phone in verdicts if phone.id == phone_id), None)
        if phone is None or candidate.in_call:
            rule = "no_number" if phone is None else NOT_HELD
            return Refusal(candidate.lead_id, candidate.person_id, rule, None)
        verdict = verdicts[phone]
        if not verdict.permitted:
            return Refusal(candidate.lead_id, candidate.person_id, verdict.rule, verdict.until)
        # The agent hears the answer themselves: nobody need judge it for them.
        return replace(self._call(candidate, phone), screened=False, reserved_for=agent_id), verdict

    async def _shown(self, connection: "Connection", candidate: Candidate, verdicts: Verdicts) -> LeadPreview:
        (row,) = await connection.fetch(queries()["cards"], [candidate.person_id])
        first = next(phone for phone, verdict in verdicts.items() if verdict.permitted)
        numbers = tuple(number_of(phone, verdict) for phone, verdict in verdicts.items())
        return LeadPreview(self.campaign.id, candidate.lead_id, card_of(row, first.number), numbers)

    async def _withhold(self, connection: "Connection", refused: list[Refusal]) -> tuple[Refusal, ...]:
        if refused:
            columns = ([r.lead_id for r in refused], [r.rule for r in refused], [r.until for r in refused])
            await connection.execute(queries()["hold_leads"], *columns)
        return tuple(refused)


def number_of(phone: CandidatePhone, verdict: GateVerdict) -> PreviewNumber:
    """A number as the agent may see it."""
    return PreviewNumber(
        phone.id, masked(phone.number), phone.kind, phone.status, verdict.rule, verdict.until
    )


def contested(candidate: Candidate) -> bool:
    """Whether somebody else is deciding about one of the numbers right now; the lead keeps its place."""
    return any(phone.usable and not phone.ours for phone in candidate.phones)


def soonest(verdicts: Verdicts) -> GateVerdict:
    """The refusal that ends first, as the lead's own; without a number the lead is withdrawn."""
    waiting = [verdict for verdict in verdicts.values() if not verdict.final]
    if not waiting:
        return next(iter(verdicts.values()), GateVerdict(rule="no_number", final=True))
    known = [verdict for verdict in waiting if verdict.until is not None]
    return min(known, key=_end, default=waiting[0])


def _end(verdict: GateVerdict) -> float:
    return verdict.until.timestamp() if verdict.until is not None else float("inf")


async def _hold_fence(connection: "Connection", fence: int) -> None:
    if await connection.fetchval(queries()["fence_hold"]) != fence:
        raise FenceLost(f"fence {fence} is not the newest")
