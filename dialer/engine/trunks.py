"""Which trunk a call goes out on: the first of the campaign's that bears one; what calls tell of theirs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.engine import alarms
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.breaker import (
    Breaker,
    Sign,
    TrunkState,
    asked_to_wait,
    dialled,
    looked,
    sign_of,
    told,
    unsaid,
)
from dialer.model.call import Call, CallEvent, CallState
from dialer.model.campaign import Campaign
from dialer.model.holds import Hold, HoldCode
from dialer.model.number import Unallocated
from dialer.model.outcomes import VERDICTS, Outcome, Retry
from dialer.ports import Launch

MOST_REMEMBERED = 5_000
"""Calls whose trunk is known after their end: the carrier's Retry-After may be told after the hang-up."""
_OPEN = "trunk_open"
_BLOCKED = "caller_id_blocked"


def of_campaign(campaign: Campaign) -> tuple[str, ...]:
    """Its trunks, in the order in which they are tried."""
    return tuple(dict.fromkeys((campaign.trunk, *campaign.settings.spare_trunks)))


def route(state: FloorState, campaign: Campaign, now: datetime) -> str | None:
    """The trunk that its next call would go out on; None while all rest, or are being tried."""
    return next((name for name in of_campaign(campaign) if _takes_one(state, name, now)), None)


def usual(state: FloorState, campaign: Campaign, now: datetime) -> str:
    """The trunk that an order is charged to: whole, if there is one; on another one call at most goes out."""
    whole = (name for name in of_campaign(campaign) if _breaker(state, name).state is TrunkState.CLOSED)
    return next(whole, None) or route(state, campaign, now) or campaign.trunk


def room(state: FloorState, campaign: Campaign, now: datetime) -> int | None:
    """Calls that may be ordered at once; None = as many as there are lines."""
    names = of_campaign(campaign)
    if any(_breaker(state, name).state is TrunkState.CLOSED for name in names):
        return None
    return sum(_takes_one(state, name, now) for name in names)


def charged(state: FloorState, trunk: str) -> int:
    """Calls on their way from the store to this trunk, ordered by any campaign's pacing or by an agent."""
    by_pacing = sum(tally.charged.count(trunk) for tally in state.tallies.values() if tally.placing)
    return by_pacing + sum(card.asked and card.trunk == trunk for card in state.previews.values())


def _takes_one(state: FloorState, trunk: str, now: datetime) -> bool:
    """Whether one more may go out. Which call tries a trunk is settled when it is ordered."""
    breaker = _breaker(state, trunk)
    return breaker.bears(now) and (breaker.state is TrunkState.CLOSED or not charged(state, trunk))


def views(state: FloorState) -> list[dict[str, object]]:
    """For the supervisor: every trunk that a campaign may use, in their order."""
    names = dict.fromkeys(name for one in state.campaigns.values() for name in of_campaign(one))
    return [_view(name, _breaker(state, name)) for name in names]


def _view(name: str, breaker: Breaker) -> dict[str, object]:
    until = breaker.until.isoformat() if breaker.until is not None else None
    return {"name": name, "state": breaker.state.value, "why": breaker.why, "until": until}


def rest(state: FloorState, campaign: Campaign) -> Hold | None:
    """Until when all its trunks rest; None where one does not."""
    breakers = [_breaker(state, name) for name in of_campaign(campaign)]
    if any(breaker.state is not TrunkState.OPEN for breaker in breakers):
        return None
    until = min(breaker.until for breaker in breakers if breaker.until is not None)
    return Hold(HoldCode.TRUNK_RESTS, until=until)


def look(state: FloorState, now: datetime) -> None:
    """Rests that are over."""
    state.breakers = {name: looked(breaker, now) for name, breaker in state.breakers.items()}


def launched(state: FloorState, turn: Turn, live: Live, trunk: str) -> None:
    """A call goes out, once it is written on which trunk."""
    state.calls.goes_out(live, trunk)
    turn.launches.append(Launch(live.call.id, trunk))
    state.breakers[trunk] = dialled(_breaker(state, trunk), turn.now)
    state.dialled[number_on(state, trunk, live.call.number)] = trunk
    if len(state.dialled) > MOST_REMEMBERED:
        state.dialled.pop(next(iter(state.dialled)))


def moved(state: FloorState, turn: Turn, live: Live, before: Call, event: CallEvent) -> None:
    """A call took a step: the first that is heard of it tells of its trunk."""
    if not live.trunk:
        return
    known, sign = _sign(live.call, before)
    bad = sign in (Sign.FAILED, Sign.REFUSED)
    # What rang and then failed tells of both.
    if not known or (live.trunk_told and not bad):
        return
    was = _breaker(state, live.trunk)
    if live.trunk_told and sign is Sign.REFUSED:
        was = unsaid(was)
    live.trunk_told = True
    words = event.reason if bad else ""
    now = told(was, sign, words[:60], placed_at=before.placed_at, now=turn.now)
    state.breakers[live.trunk] = now
    if now.state is TrunkState.OPEN and was.state is TrunkState.CLOSED and now.until is not None:
        until = now.until.isoformat(timespec="seconds")
        alarms.begins(state, turn, _OPEN, live.trunk, f"{now.why}; rests until {until}")
    elif now.state is TrunkState.CLOSED and sign is Sign.THROUGH:
        alarms.over(state, turn, _OPEN, live.trunk)
    if live.call.outcome is Outcome.CALLER_BLOCKED:
        caller = state.campaigns[live.call.campaign_id].caller_id
        alarms.begins(state, turn, _BLOCKED, caller, f"on trunk {live.trunk}: {event.reason}"[:200])


def _sign(call: Call, before: Call) -> tuple[bool, Sign | None]:
    """Whether this step tells anything, and what."""
    if call.state is not CallState.ENDED:
        return call.state is not CallState.DIALING, Sign.THROUGH
    if before.answered_at is not None and call.outcome is not Outcome.NO_MEDIA:
        return True, Sign.THROUGH
    return True, sign_of(call.outcome) if call.outcome is not None else None


def unallocated(state: FloorState, live: Live, at: datetime) -> Unallocated | None:
    """What a call that has just ended says of its number, where its trunk is believed."""
    call = live.call
    refused = call.outcome is not None and VERDICTS[call.outcome].retry is Retry.DAY
    if not refused or not live.trunk or not _breaker(state, live.trunk).believed(at):
        return None
    zone = ZoneInfo(state.campaigns[call.campaign_id].settings.zone)
    return Unallocated(at.astimezone(zone).date(), live.trunk)


def wait(state: FloorState, turn: Turn, number: str, seconds: float) -> None:
    """The carrier answered a call to this number with Retry-After."""
    trunk = state.dialled.get(number)
    if trunk is None:
        return
    state.breakers[trunk] = asked_to_wait(_breaker(state, trunk), timedelta(seconds=seconds), turn.now)


def is_number(state: FloorState, call: Call, number: str) -> bool:
    """Whether a number, as the network tells it, is the one that this call was placed to."""
    return number == call.number or number in {one.dialled(call.number) for one in state.trunks.values()}


def number_on(state: FloorState, trunk: str, number: str) -> str:
    """A number as this trunk wants it."""
    known = state.trunks.get(trunk)
    return known.dialled(number) if known is not None else number


def _breaker(state: FloorState, trunk: str) -> Breaker:
    return state.breakers.get(trunk, Breaker())
