"""Manual and preview: a lead is held and shown to one agent, who says whether to call."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from dialer.engine import desk, effects, lines, spool, trunks
from dialer.engine.inputs import LeadFoundIn, LeadPlacedIn
from dialer.engine.state import FloorState, Shown, Turn
from dialer.model.agent import Agent, AgentEvent, AgentEventKind, IllegalAgentEvent
from dialer.model.call import CallState
from dialer.model.campaign import BY_HAND, Campaign, CampaignStatus, DialMode
from dialer.model.commands import CallPreview, NextLead, SkipPreview
from dialer.ports import NOT_HELD, CallbackDue, LeadPreview, Placed, Refusal

"""Modes in which agents start the calls."""
_HOLD_MARGIN = timedelta(seconds=60)
"""How long the store holds a lead beyond the agent's time: the order and its refusals fit in."""
_LAST_ORDER = timedelta(seconds=10)
"""Before the end of the hold nothing new is asked."""
_AFTER_REFUSAL = timedelta(seconds=10)
"""Time to choose another number, at least."""
_CALLBACK_PATIENCE = timedelta(seconds=60)
"""How long a callback waits while calls in the air count on its agent."""
_DRY_REST = timedelta(seconds=5)
"""How long a campaign without a callable lead is left alone."""


# --- leads for agents ---------------------------------------------------------------------------


def offer(state: FloorState, turn: Turn) -> None:
    """Take back cards that fit no more, and look for one for every free agent of a preview campaign."""
    for agent_id, shown in list(state.previews.items()):
        if not _stands(state, state.agents[agent_id], shown):
            _withdraw(state, turn, state.agents[agent_id])
    if not state.dials:
        return
    _offer_callbacks(state, turn)
    pushed = [
        c
        for c in state.campaigns.values()
        if c.settings.mode is DialMode.PREVIEW and _may_seek(state, c, turn)
    ]
    if not pushed:
        return
    awaited, cards = _awaited(state), Counter(shown.lead.campaign_id for shown in state.previews.values())
    for agent in list(state.agents.values()):
        mine = [campaign for campaign in pushed if works(agent, campaign)]
        if mine and _free(state, agent) and not agent.campaigns & awaited:
            # Campaigns that share agents get cards by weight.
            chosen = min(mine, key=lambda campaign: cards[campaign.id] / campaign.settings.weight)
            cards[chosen.id] += 1
            _seek(state, turn, agent, chosen, by_hand=False)


def _offer_callbacks(state: FloorState, turn: Turn) -> None:
    """Agents get the callbacks they agreed to, in any mode, as soon as nobody needs them more."""
    mine = [one for one in state.callbacks if one.at <= turn.now and one.agent_id is not None]
    awaited = _awaited(state) if mine else set[int]()
    for due in mine:
        agent, campaign = state.agents.get(due.agent_id or 0), state.campaigns.get(due.campaign_id)
        if agent is None or campaign is None or not _free(state, agent) or not works(agent, campaign):
            continue
        if campaign.status is not CampaignStatus.RUNNING:
            continue
        late = turn.now - due.at > _CALLBACK_PATIENCE
        if late or not agent.campaigns & awaited or _others_free(state, agent):
            state.callbacks.remove(due)
            _seek(state, turn, agent, campaign, by_hand=False, callback=True)


def _others_free(state: FloorState, agent: Agent) -> bool:
    """Whether somebody else is there for the calls in the air of this agent's campaigns."""
    return any(
        other.id != agent.id and _free(state, other) and other.campaigns >= agent.campaigns
        for other in state.agents.values()
    )


def _may_seek(state: FloorState, campaign: Campaign, turn: Turn) -> bool:
    resting = state.no_preview_until.get(campaign.id)
    return campaign.status is CampaignStatus.RUNNING and (resting is None or resting <= turn.now)


def _free(state: FloorState, agent: Agent) -> bool:
    return agent.available and agent.id not in state.seeking


def works(agent: Agent, campaign: Campaign) -> bool:
    """Whether the agent is in the campaign and has its skills."""
    able = all(agent.skills.get(code, 0) >= level for code, level in campaign.required_skills.items())
    return campaign.id in agent.campaigns and able


def _awaited(state: FloorState) -> set[int]:
    """Campaigns whose calls in the air count on ready agents: those must not be taken away for a card."""
    flying = {
        live.call.campaign_id
        for live in state.calls.values()
        if live.call.reserved_for is None and live.call.state is not CallState.CONNECTED
    }
    return flying | {campaign_id for campaign_id, tally in state.tallies.items() if tally.placing}


def _stands(state: FloorState, agent: Agent, shown: Shown) -> bool:
    campaign = state.campaigns.get(shown.lead.campaign_id)
    return (
        campaign is not None
        and campaign.status is CampaignStatus.RUNNING
        and (shown.callback or campaign.settings.mode in BY_HAND)
        and works(agent, campaign)
    )


def _withdraw(state: FloorState, turn: Turn, agent: Agent) -> None:
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.PREVIEW_WITHDRAWN))


def _seek(
    state: FloorState,
    turn: Turn,
    agent: Agent,
    campaign: Campaign,
    *,
    by_hand: bool,
    callback: bool = False,
    place: int | None = None,
) -> None:
    state.seeking.add(agent.id)
    until = turn.now + timedelta(seconds=campaign.settings.preview_limit) + _HOLD_MARGIN
    turn.effects.append(effects.SeekLead(campaign.id, agent.id, until, by_hand, callback, place))


def call_back(state: FloorState, turn: Turn, agent: Agent, due: CallbackDue) -> None:
    """It is the turn of somebody who called in and kept the place: this agent calls at once."""
    state.callbacks.remove(due)
    campaign = state.campaigns[due.campaign_id]
    _seek(state, turn, agent, campaign, by_hand=False, callback=True, place=due.lead_id)


def found(state: FloorState, turn: Turn, item: LeadFoundIn) -> None:
    """Show the lead, if the agent is still free for it."""
    asked, lead = item.asked, item.result.lead
    state.seeking.discard(asked.agent_id)
    agent, campaign = state.agents.get(asked.agent_id), state.campaigns.get(asked.campaign_id)
    if lead is None and asked.callback:
        return
    if lead is None:
        state.no_preview_until[asked.campaign_id] = turn.now + _DRY_REST
        if asked.by_hand:
            desk.refuse(turn, asked.agent_id, "agent.next_lead", "no lead to call now")
        return
    if agent is None or campaign is None or not agent.available or not state.dials:
        turn.effects.append(effects.ReturnLead(lead.lead_id, turn.now))
        return
    deadline = turn.now + timedelta(seconds=campaign.settings.preview_limit)
    state.previews[agent.id] = Shown(lead, deadline, asked.until, callback=asked.callback)
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.PREVIEWED, deadline=deadline))
    if asked.place == lead.lead_id:
        _call_at_once(state, turn, state.agents[agent.id])


def _call_at_once(state: FloorState, turn: Turn, agent: Agent) -> None:
    """Who kept a place waits for our call: nobody need press for it. Without a line the card stays."""
    try:
        _call(state, turn, agent, state.previews[agent.id], None)
    except desk.CommandRefused as refusal:
        desk.refuse(turn, agent.id, "agent.call_preview", str(refusal))


def person_stopped(state: FloorState, turn: Turn, person_id: int) -> None:
    """No card of this person stays on a screen."""
    for agent_id, shown in list(state.previews.items()):
        if shown.lead.card.person_id == person_id:
            _withdraw(state, turn, state.agents[agent_id])


# --- what agents ask ----------------------------------------------------------------------------


def take(state: FloorState, turn: Turn, agent: Agent, asked: NextLead | CallPreview | SkipPreview) -> None:
    """One request of an agent who calls by hand."""
    if isinstance(asked, NextLead):
        return _next(state, turn, agent)
    shown = state.previews.get(agent.id)
    if shown is None or shown.lead.lead_id != asked.lead_id:
        raise desk.CommandRefused("not your card")
    if shown.asked:
        return None
    if isinstance(asked, SkipPreview):
        desk.change(state, turn, agent, AgentEvent(AgentEventKind.SKIPPED))
        return None
    return _call(state, turn, agent, shown, asked.phone_id)


def _next(state: FloorState, turn: Turn, agent: Agent) -> None:
    if not agent.available:
        raise IllegalAgentEvent("next_lead", agent.state)
    campaign = next_campaign(state, agent)
    if campaign is None or not state.dials:
        raise desk.CommandRefused("no lead to call now")
    if agent.id not in state.seeking:
        _seek(state, turn, agent, campaign, by_hand=True)


def next_campaign(state: FloorState, agent: Agent) -> Campaign | None:
    """Of which campaign the agent may ask for a lead; one that had none comes last."""
    mine = [
        campaign
        for campaign in state.campaigns.values()
        if campaign.status is CampaignStatus.RUNNING
        and campaign.settings.mode in BY_HAND
        and works(agent, campaign)
    ]
    return min(mine, key=lambda campaign: _dry_at(state, campaign), default=None)


def _dry_at(state: FloorState, campaign: Campaign) -> float:
    resting = state.no_preview_until.get(campaign.id)
    return resting.timestamp() if resting is not None else 0.0


def _call(state: FloorState, turn: Turn, agent: Agent, shown: Shown, phone_id: int | None) -> None:
    lead, campaign = shown.lead, state.campaigns[shown.lead.campaign_id]
    if not state.dials:
        raise desk.CommandRefused("dialling is halted")
    if not agent.can_talk:
        raise desk.CommandRefused("no audio")
    if turn.now > shown.held_until - _LAST_ORDER:
        raise desk.CommandRefused("not your card")
    if spool.bars(state, campaign):
        raise desk.CommandRefused("no room for the recording")
    if not lines.one_is_free(state, campaign, turn.now):
        raise desk.CommandRefused("no line is free")
    shown.trunk = trunks.usual(state, campaign, turn.now)
    lines.take(state, shown.trunk)
    shown.asked = True
    desk.keep(state, turn, replace(agent, deadline_at=shown.held_until))
    order = effects.PlaceLead(campaign.id, agent.id, lead.lead_id, _number(lead, phone_id))
    turn.effects.append(order)


def _number(lead: LeadPreview, phone_id: int | None) -> int:
    """The number that the agent chose, or the first that may be called."""
    if phone_id is None:
        return next((n.phone_id for n in lead.numbers if not n.rule), lead.numbers[0].phone_id)
    if phone_id not in {number.phone_id for number in lead.numbers}:
        raise desk.CommandRefused("unknown number")
    return phone_id


# --- what the store answers ---------------------------------------------------------------------


def takes(state: FloorState, turn: Turn, item: LeadPlacedIn, placed: Placed) -> bool:
    """Whether the agent is still there for the call that was just committed; then it is theirs."""
    agent, shown = state.agents.get(item.asked.agent_id), state.previews.get(item.asked.agent_id)
    if agent is None or shown is None or shown.lead.lead_id != item.asked.lead_id:
        return False
    state.last_outcome.pop(agent.id, None)
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.CALLED, call_id=placed.call.id))
    return True


def charged(state: FloorState, item: LeadPlacedIn) -> str:
    """The trunk that the call was charged to, which it is no longer on its way to; empty = nobody knows."""
    shown = state.previews.get(item.asked.agent_id)
    if shown is None or shown.lead.lead_id != item.asked.lead_id:
        return ""
    trunk, shown.trunk = shown.trunk, ""
    return trunk


def refused(state: FloorState, turn: Turn, item: LeadPlacedIn) -> None:
    """No call came of it: the card stays and says why, or is taken back."""
    agent, shown = state.agents.get(item.asked.agent_id), state.previews.get(item.asked.agent_id)
    if agent is None or shown is None or shown.lead.lead_id != item.asked.lead_id:
        return
    shown.asked = False
    refusal = item.result.refused[0] if item.result.refused else None
    if refusal is not None and refusal.rule != NOT_HELD:
        shown.lead = _marked(shown.lead, item.asked.phone_id, refusal)
        desk.keep(state, turn, replace(agent, deadline_at=_second_chance(shown, turn.now)))
        return
    reason = "unavailable" if refusal is None else NOT_HELD
    desk.refuse(turn, agent.id, "agent.call_preview", reason)
    _withdraw(state, turn, agent)


def _second_chance(shown: Shown, now: datetime) -> datetime:
    return min(shown.held_until, max(shown.deadline, now + _AFTER_REFUSAL))


def _marked(lead: LeadPreview, phone_id: int, refusal: Refusal) -> LeadPreview:
    """The card with what the gate now says of this number."""
    numbers = tuple(
        replace(number, rule=refusal.rule, until=refusal.until) if number.phone_id == phone_id else number
        for number in lead.numbers
    )
    return replace(lead, numbers=numbers)
