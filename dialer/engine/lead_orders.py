"""What the engine asks of the store for one person: hold a lead, call it, give it back, take a caller in."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import assert_never
from uuid import UUID

from dialer.engine.effects import PlaceLead, ReturnLead, SeekLead, TakeIn
from dialer.engine.inputs import Input, LeadFoundIn, LeadPlacedIn, TakenInIn
from dialer.engine.state import FloorState
from dialer.ports import LeadSource, PlaceResult, PreviewResult

Stopped = Callable[[Collection[int]], Awaitable[frozenset[int]]]
"""Who of these persons may not be called any more, as of now."""
LeadOrder = SeekLead | PlaceLead | ReturnLead | TakeIn


async def look_after(
    order: LeadOrder, leads: LeadSource, stopped: Stopped, state: FloorState, now: datetime
) -> Input | None:
    """Carry out one order; raises StoreUnavailable."""
    match order:
        case SeekLead():
            campaign = state.campaigns[order.campaign_id]
            own = order.agent_id if order.callback else None
            result = await leads.preview(
                campaign,
                until=order.until,
                now=now,
                fence=state.epoch,
                callback_of=own,
                place=order.place,
            )
            return LeadFoundIn(order, result)
        case PlaceLead():
            return await _placed(order, leads, stopped, state, now)
        case ReturnLead():
            await leads.return_lead(order.lead_id, next_at=order.next_at, fence=state.epoch)
            return None
        case TakeIn():
            campaigns = [state.campaigns[one] for one in order.campaigns]
            call_id = UUID(order.channel_id)
            taken = await leads.take_in(call_id, order.caller, campaigns, now=now, fence=state.epoch)
            return TakenInIn(order.channel_id, taken)
        case _:
            assert_never(order)


async def _placed(
    order: PlaceLead, leads: LeadSource, stopped: Stopped, state: FloorState, now: datetime
) -> Input:
    campaign = state.campaigns[order.campaign_id]
    result = await leads.place_previewed(
        campaign, order.lead_id, order.phone_id, order.agent_id, now=now, fence=state.epoch
    )
    persons = [placed.call.person_id for placed in result.placed]
    return LeadPlacedIn(order, result, await stopped(persons) if persons else frozenset[int]())


def unanswered(order: LeadOrder) -> Input | None:
    """The store did not answer. A lead that was to be given back is free by itself when its time is over."""
    match order:
        case SeekLead():
            return LeadFoundIn(order, PreviewResult())
        case PlaceLead():
            return LeadPlacedIn(order, PlaceResult())
        case TakeIn():
            return TakenInIn(order.channel_id, None)
        case _:
            return None
