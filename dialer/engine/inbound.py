"""Calls that come in: taken in, told how the queue stands, called back in their turn."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import calls, effects
from dialer.engine.inputs import TakenInIn
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.call import LONGEST_QUEUE, Call, CallEvent, CallEventKind, CallState
from dialer.model.campaign import Campaign, CampaignStatus
from dialer.model.facts import Arrived, ChannelHungUp, Chose
from dialer.model.leads import FORESEEN
from dialer.ports import AdmitOrder, CallbackDue, QueueNews
from portfolio.callers import caller_number, is_number
from portfolio.contact_rules import line_of

CALLBACK_KEY = "1"
"""What who would rather be called back presses."""
MOST_TAKEN_IN = 500
"""Calls that came in and wait for the store; more are a flood, or the database is away: these are excused."""
_FIRST_WORD = timedelta(seconds=3)
"""In the queue before the first announcement: most are joined sooner."""
_HANDLING = 240.0
"""Seconds an agent needs for one person, until the campaign has learned it."""
_RINGS_THEM = (CallState.DIALING, CallState.RINGING)
_WITH_US = (CallState.SCREENING, CallState.WAITING, CallState.CONNECTED)


# --- taking in ----------------------------------------------------------------------------------


def arrived(state: FloorState, turn: Turn, fact: Arrived) -> None:
    """Somebody calls one of our numbers: have the call committed before it is answered."""
    call_id = UUID(fact.channel_id)
    if call_id in state.calls or call_id in state.taking_in or state.draining:
        return
    if len(state.taking_in) >= MOST_TAKEN_IN:
        turn.effects.append(effects.PlayMessage(fact.channel_id))
        turn.alarms.append(("call_in_refused", "flood", f"{MOST_TAKEN_IN} calls wait to be taken in"))
        return
    ours = [one for one in state.campaigns.values() if _answers(one, fact.called)]
    if not ours:
        turn.effects.append(effects.PlayMessage(fact.channel_id))
        turn.alarms.append(("call_in_refused", fact.called[:40], "no campaign answers this number"))
        return
    caller = caller_number(fact.caller, ours[0].caller_id)
    state.taking_in[call_id] = None
    turn.effects.append(effects.TakeIn(fact.channel_id, caller, tuple(one.id for one in ours)))


def _answers(campaign: Campaign, called: str) -> bool:
    """A halted campaign dials nobody, but who calls back reaches its agents all the same."""
    return campaign.settings.inbound and is_number(called, campaign.caller_id)


def hung_up_early(state: FloorState, channel: str, fact: ChannelHungUp) -> None:
    """Who called in is gone before the call was committed."""
    for call_id in state.taking_in:
        if str(call_id) == channel:
            state.taking_in[call_id] = fact


def taken_in(state: FloorState, turn: Turn, item: TakenInIn) -> None:
    """The call is committed: answer it. A call of ours that rings the same person or line is given up."""
    gone = state.taking_in.pop(UUID(item.channel_id), None)
    if item.result is None:
        turn.effects.append(effects.TakeSnapshot())  # it is found again there, and asked for again
        return
    call = item.result.call
    if call.id in state.calls:
        return
    if not call.live:
        turn.effects.append(effects.PlayMessage(item.channel_id))
        return
    live = Live(call, item.result.card, call_back_until=item.result.call_back_until, timed=False)
    state.calls[call.id] = live
    state.wake(call.deadline_at)
    if gone is not None:
        event = CallEvent(CallEventKind.HUNG_UP, cause=gone.cause, reason=gone.tech_cause)
        return calls.happen(state, turn, call.id, event, at=turn.now)
    admit(state, turn, live)
    for other in [one for one in state.calls.values() if _same_line(one.call, call)]:
        if other.call.state in _RINGS_THEM:
            event = CallEvent(CallEventKind.CANCELLED, reason="the person called in")
            calls.happen(state, turn, other.call.id, event, at=turn.now)


def _same_line(one: Call, other: Call) -> bool:
    """Whether two calls are with one person, or with one telephone."""
    line = line_of(one.number)
    return one.person_id == other.person_id or (line != "" and line == line_of(other.number))


def admit(state: FloorState, turn: Turn, live: Live) -> None:
    """Answer, record and greet; once."""
    if live.admitted:
        return
    live.admitted = True
    call, settings = live.call, state.campaigns[live.call.campaign_id].settings
    order = AdmitOrder(
        channel_id=str(call.id),
        recording=f"{state.spool}/{call.id}" if settings.record else "",
        language=live.card.language or settings.language,
        longest=LONGEST_QUEUE,
    )
    turn.effects.append(effects.Admit(order))


# --- the queue ----------------------------------------------------------------------------------


def behind(state: FloorState) -> frozenset[UUID]:
    """Calls in the queue whose person or line has another: being served there, or earlier in the queue.

    Nobody gets two agents by calling twice. When the other call ends, this one moves up.
    """
    line = sorted(
        (live for live in state.calls.callers() if queued(live)),
        key=lambda live: (live.call.placed_at, live.call.id),
    )
    there = [live.call for live in state.calls.values() if _speaks(live)] if line else []
    found: set[UUID] = set()
    for live in line:
        if any(_same_line(live.call, other) for other in there):
            found.add(live.call.id)
        there.append(live.call)
    return frozenset(found)


def _speaks(live: Live) -> bool:
    """Whether this person is on the line with us, or is about to be, and not in the queue."""
    return live.call.state in _WITH_US and not queued(live)


def queued(live: Live) -> bool:
    """Whether this is somebody who called in and has no agent yet."""
    call = live.call
    waits = call.state in (CallState.SCREENING, CallState.WAITING) and call.connected_at is None
    return call.inbound and waits and live.assigned is None


def places(state: FloorState, now: datetime) -> list[CallbackDue]:
    """Who called in and keeps the place without waiting on the line, where the campaign dials."""
    return [
        one
        for one in state.callbacks
        if one.place_since is not None
        and one.at <= now
        and (campaign := state.campaigns.get(one.campaign_id)) is not None
        and campaign.status is CampaignStatus.RUNNING
    ]


def needed(state: FloorState, now: datetime) -> Counter[int]:
    """Campaign → its callers, on the line or not, who need an agent: no call is placed for that one."""
    second = behind(state)
    callers = (
        live.call.campaign_id for live in state.calls.callers() if queued(live) and live.call.id not in second
    )
    return Counter([*callers, *(place.campaign_id for place in places(state, now))])


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands for somebody in a queue."""

    live: Live
    position: int
    """1 = next."""
    wait: float | None
    """Expected, in seconds; None = nobody is at work."""


def announce(state: FloorState, turn: Turn) -> None:
    """Tell everybody in a queue how it stands, when they have not been told for a while."""
    for campaign_id in {live.call.campaign_id for live in state.calls.callers() if queued(live)}:
        campaign = state.campaigns[campaign_id]
        for standing in standings(state, campaign, turn.now):
            if _is_due(standing.live, campaign, turn.now):
                _tell(turn, standing, campaign)


def standings(state: FloorState, campaign: Campaign, now: datetime) -> list[Standing]:
    """Everybody on the line, by how long they have waited; kept places count before who came later.

    A second call of somebody who is on another line takes no place from those who came after it.
    """
    mine = [live for live in state.calls.callers() if queued(live) and live.call.campaign_id == campaign.id]
    if not mine:
        return []
    second = behind(state)
    kept = [one.place_since for one in places(state, now) if one.campaign_id == campaign.id]
    each = _seconds_each(state, campaign)
    found: list[Standing] = []
    place = 0
    for live in sorted(mine, key=lambda live: live.call.placed_at):
        place += live.call.id not in second
        position = max(1, place) + sum(since is not None and since < live.call.placed_at for since in kept)
        found.append(Standing(live, position, None if each is None else position * each))
    return found


def _seconds_each(state: FloorState, campaign: Campaign) -> float | None:
    """Seconds from one person's turn to the next: an agent's time for one, over the agents at work."""
    at_work = state.agents.at_work(state.agents.teams(campaign.id))
    crew = [agent for agent in at_work if not agent.next_pause]
    learned = state.learner(campaign.id).model().summary()
    handling = learned["talk_mean"] + learned["wrap_mean"] if learned.get("calls_seen") else _HANDLING
    return handling / len(crew) if crew else None


def _is_due(live: Live, campaign: Campaign, now: datetime) -> bool:
    if live.call.state is not CallState.WAITING:
        return False
    if live.told_at is not None:
        return now - live.told_at >= timedelta(seconds=campaign.settings.inbound_announce)
    return live.call.waiting_at is not None and now - live.call.waiting_at >= _FIRST_WORD


def _tell(turn: Turn, standing: Standing, campaign: Campaign) -> None:
    live, wait = standing.live, standing.wait
    live.told_at = turn.now
    live.offered = _may_be_promised(standing, campaign, turn.now)
    minutes = 0 if wait is None else math.ceil(wait / 60)
    # Again if it was not heard to its end: who pressed a key in the middle of the digits knows no number.
    case = live.call.case_number if campaign.tells_case_number and not live.case_told else ""
    news = QueueNews(live.channel, standing.position, minutes, live.offered, case)
    turn.effects.append(effects.Announce(news))


def _may_be_promised(standing: Standing, campaign: Campaign, now: datetime) -> bool:
    """Whether a callback is offered: the wait is worth it, and in their turn we shall be let call.

    Nobody at work is the longest wait there is: then the rules must agree as far as they were asked.
    """
    until, wait = standing.live.call_back_until, standing.wait
    if until is None or campaign.status is not CampaignStatus.RUNNING:
        return False
    if wait is None:
        return max(now, standing.live.call.placed_at + FORESEEN) <= until
    return wait >= campaign.settings.inbound_offer and now + timedelta(seconds=wait) <= until


def case_told(state: FloorState, channel: str) -> None:
    """Somebody in the queue has heard the number of the case: it is not told again, and the agent sees so."""
    live = next((one for one in state.calls.values() if str(one.call.id) == channel), None)
    if live is not None:
        live.case_told = True


def chose(state: FloorState, turn: Turn, fact: Chose, at: datetime) -> None:
    """Somebody in the queue pressed a key: they would rather be called back, if that was offered."""
    live = next((one for key, one in state.waiting.items() if str(key) == fact.channel_id), None)
    if live is None or not queued(live):
        return
    if live.offered and fact.digit == CALLBACK_KEY:
        event = CallEvent(CallEventKind.CALLBACK_TAKEN, reason=f"place since {live.call.placed_at:%H:%M:%S}")
        calls.happen(state, turn, live.call.id, event, at=at)
