"""Takes a call that came in: whose number it is, about which campaign, and the attempt that stands for it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from dialer.exceptions import FenceLost
from dialer.model.call import Call, arrive
from dialer.model.campaign import Campaign
from dialer.ports import TakenIn
from dialer.store.call_back import call_back_until
from dialer.store.candidates import joined
from dialer.store.claims import Claimed
from dialer.store.gate import Candidate, Gate
from dialer.store.reservation import LEDGER_WINDOW
from dialer.store.rows import call_of, card_of
from dialer.store.sql import queries
from portfolio.complaints import give

if TYPE_CHECKING:
    from dialer.store.pool import Connection

STRANGER = {"es": "Sin identificar", "en": "Not identified"}
"""Name of somebody whose number nobody has."""


async def take_in(
    connection: "Connection",
    call_id: UUID,
    caller: str,
    campaigns: Sequence[Campaign],
    *,
    now: datetime,
    fence: int,
    gate: Gate,
) -> TakenIn:
    """In the transaction of the caller; raises FenceLost. A call that is known already is told again."""
    if await connection.fetchval(queries()["fence_hold"]) != fence:
        raise FenceLost(f"fence {fence} is not the newest")
    known = await connection.fetchrow(queries()["inbound_known"], call_id)
    call = call_of(known) if known is not None else None
    if call is None:
        call = await _recorded(connection, call_id, caller, campaigns, now)
    (row,) = await connection.fetch(queries()["cards"], [call.person_id])
    candidate = await _candidate(connection, call, campaigns, now) if caller else None
    return TakenIn(call, card_of(row, call.number), call_back_until(candidate, call, campaigns, gate))


async def _candidate(
    connection: "Connection", call: Call, campaigns: Sequence[Campaign], now: datetime
) -> Candidate | None:
    """What the gate must know of who called in; None = on no list that dials, so no call is ever made."""
    creditor = next((one.settings.creditor for one in campaigns if one.id == call.campaign_id), "")
    row = await connection.fetchrow(queries()["inbound_candidate"], call.lead_id, creditor)
    if row is None:
        return None
    persons = [call.person_id]
    phones = await connection.fetch(queries()["inbound_phones"], persons, now)
    ledger = await connection.fetch(queries()["candidate_ledger"], persons, now - LEDGER_WINDOW)
    (candidate,) = joined([Claimed(row, rank=0)], phones, ledger, talking=())
    return candidate


async def _recorded(
    connection: "Connection", call_id: UUID, caller: str, campaigns: Sequence[Campaign], now: datetime
) -> Call:
    row = await connection.fetchrow(queries()["inbound_caller"], caller, [one.id for one in campaigns])
    campaign = next((one for one in campaigns if row and one.id == row["campaign_id"]), campaigns[0])
    person, phone = (row["person_id"], row["phone_id"]) if row else (None, None)
    if person is None:
        person, phone = await _stranger(connection, call_id, caller, campaign)
    lead = row["lead_id"] if row else None
    if lead is None:
        lead = await connection.fetchval(queries()["inbound_lead"], campaign.id, person)
    limits = campaign.limits()
    case = await give(connection, now)
    call = arrive(
        Call(
            call_id, campaign.id, lead, person, phone, caller, now, limits, screened=False, case_number=case
        ),
        now=now,
    )
    who = (call.id, call.campaign_id, lead, person, phone, caller)
    values = (*who, asdict(limits), now, call.deadline_at, case)
    await connection.execute(queries()["inbound_taken"], *values)
    return call


async def _stranger(
    connection: "Connection", call_id: UUID, caller: str, campaign: Campaign
) -> tuple[int, int | None]:
    language = campaign.settings.language
    asked = (caller or str(call_id), STRANGER[language], language)
    person = int(await connection.fetchval(queries()["inbound_stranger"], *asked))
    if not caller:
        return person, None
    return person, int(await connection.fetchval(queries()["inbound_number"], person, caller))
