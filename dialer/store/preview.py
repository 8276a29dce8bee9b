"""Holds a lead for an agent who reads before calling, and turns it into an attempt when the agent says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from dialer.exceptions import FenceLost
from dialer.model.call import Call
from dialer.model.masking import masked
from dialer.ports import NOT_HELD, LeadPreview, PlaceResult, PreviewNumber, PreviewResult, Refusal
from dialer.store.claims import Claimed, claim
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict, usable_in_turn
from dialer.store.list_mix import rank
from dialer.store.reservation import Reservation, reserve, soonest
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

    async def hold_next(
        self,
        connection: "Connection",
        until: datetime,
        fence: int,
        callback_of: int | None = None,
        place: int | None = None,
    ) -> PreviewResult:
        """In the transaction of the caller; raises FenceLost. `callback_of`: this agent's due callbacks.

        `place`: the lead of who keeps a place in the queue of callers, before those.
        """
        await _hold_fence(connection, fence)
        claimed = await self._next(connection, callback_of, place)
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

    async def _next(
        self, connection: "Connection", callback_of: int | None, place: int | None
    ) -> list[Claimed]:
        if callback_of is None:
            return await claim(connection, self.campaign, self.now, LOOKED_AT)
        asked = (self.campaign.id, callback_of, self.now, self.campaign.settings.creditor, place)
        rows = await connection.fetch(queries()["claim_callback"], *asked)
        return [Claimed(row, rank(0, True, row["priority"])) for row in rows]

    async def call_held(
        self, connection: "Connection", lead_id: int, phone_id: int, agent_id: int, fence: int
    ) -> PlaceResult:
        """In the transaction of the caller; raises FenceLost."""
        await _hold_fence(connection, fence)
        asked = (self.campaign.id, lead_id, self.now, self.campaign.settings.creditor)
        rows = await connection.fetch(queries()["claim_held"], *asked)
        claimed = [Claimed(row, rank(0, row["urgent"], row["priority"])) for row in rows]
        for candidate in await self._candidates(connection, claimed) if claimed else ():
            answer = self.decided(candidate, phone_id, agent_id)
            if isinstance(answer, Refusal):
                return PlaceResult(refused=(answer,))
            return PlaceResult(await reserve(connection, [(*answer, candidate.debts)]))
        return PlaceResult(refused=(Refusal(lead_id, 0, NOT_HELD, None),))

    def ask_all(self, candidate: Candidate) -> Verdicts:
        """What the gate says of each number that can be thought of, with an agent who waits."""
        waited_for = replace(candidate, agent_reserved=True)
        usable = [phone for phone in usable_in_turn(candidate, self._rotate) if phone.ours]
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
        return replace(self.call_to(candidate, phone), screened=False, reserved_for=agent_id), verdict

    async def _shown(self, connection: "Connection", candidate: Candidate, verdicts: Verdicts) -> LeadPreview:
        (row,) = await connection.fetch(queries()["cards"], [candidate.person_id])
        first = next(phone for phone, verdict in verdicts.items() if verdict.permitted)
        numbers = tuple(number_of(phone, verdict) for phone, verdict in verdicts.items())
        return LeadPreview(self.campaign.id, candidate.lead_id, card_of(row, first.number), numbers)

    async def _withhold(self, connection: "Connection", refused: list[Refusal]) -> tuple[Refusal, ...]:
        if refused:
            columns = ([r.lead_id for r in refused], [r.rule for r in refused], [r.until for r in refused])
            await connection.execute(queries()["hold_leads"], *columns, self.campaign.rules)
        return tuple(refused)


def number_of(phone: CandidatePhone, verdict: GateVerdict) -> PreviewNumber:
    """A number as the agent may see it."""
    return PreviewNumber(
        phone.id, masked(phone.number), phone.kind, phone.status, verdict.rule, verdict.until
    )


def contested(candidate: Candidate) -> bool:
    """Whether somebody else is deciding about one of the numbers right now; the lead keeps its place."""
    return any(phone.usable and not phone.ours for phone in candidate.phones)


async def _hold_fence(connection: "Connection", fence: int) -> None:
    if await connection.fetchval(queries()["fence_hold"]) != fence:
        raise FenceLost(f"fence {fence} is not the newest")
