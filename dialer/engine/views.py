"""What the screens are shown. Shapes are those of agent_ws.messages; a test holds the two together."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dialer.engine import inbound, lines, trunks
from dialer.engine.desk import TIED
from dialer.engine.effects import Publish
from dialer.engine.preview import next_campaign
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Tally, Turn
from dialer.engine.transfer import targets
from dialer.engine.waiting import in_words, last_decision
from dialer.model.agent import Agent, AgentState
from dialer.model.call import CallState
from dialer.model.campaign import Campaign, CampaignStatus, Screening
from dialer.model.holds import Hold
from dialer.ports import CallCard, Frame
from pacing import Decision, Window
from pacing.records import flat
from portfolio.contact_rules import AbandonmentWindow

FLOOR_INTERVAL = timedelta(milliseconds=250)
"""Shortest time between two floor frames."""
_LAST_DAY = AbandonmentWindow(name="rolling_24h")
"""What the strip counts, whatever windows the rule pack names."""


def show(state: FloorState, turn: Turn) -> None:
    """Push the screens that changed; agents at once, the floor at most every FLOOR_INTERVAL."""
    # An agent whom the books name and nobody employs any more has no screen.
    for agent_id in turn.shown & state.agents.keys():
        _show_agent(state, turn, state.agents[agent_id])
    state.dirty_agents |= turn.shown & state.agents.keys()
    if state.floor_due is None or state.floor_due <= turn.now or state.want_whole_floor:
        _show_floor(state, turn)


def _show_agent(state: FloorState, turn: Turn, agent: Agent) -> None:
    agent = replace(agent, seq=agent.seq + 1)
    state.agents[agent.id] = agent
    # Before the Bridge of the same turn: the screen pop must be there when the voice comes.
    turn.effects.insert(0, Publish(Frame("agent", agent_view(state, agent, turn.now), agent.id)))


def agent_view(state: FloorState, agent: Agent, now: datetime) -> dict[str, Any]:
    """The whole screen of one agent."""
    live = state.live_of(agent)
    return {
        "type": "agent",
        "epoch": state.epoch,
        "seq": agent.seq,
        "state": agent.state.value,
        "since": _iso(agent.since or now),
        "server_time": _iso(now),
        "pause_code": agent.pause_code,
        "next_pause": agent.next_pause,
        "leg": agent.leg.value,
        "held": agent.held,
        "mute": agent.mute,
        "deadline_at": _iso(agent.deadline_at),
        "call": call_view(state, live, agent) if live is not None else None,
        "preview": preview_view(state, agent),
        "by_hand": next_campaign(state, agent) is not None,
        "last_outcome": state.last_outcome.get(agent.id, ""),
        "calls_today": state.calls_today.get(agent.id, 0),
        "transfer_to": targets(state, agent, live) if live is not None and agent.state in TIED else [],
        "page": agent.session,
    }


def call_view(state: FloorState, live: Live, agent: Agent) -> dict[str, Any]:
    """The call on this agent's screen."""
    call, card = live.call, live.card
    return {
        "id": str(call.id),
        "state": call.state.value,
        "campaign": state.campaigns[call.campaign_id].name,
        "inbound": call.inbound,
        "case_number": call.case_number,
        "case_told": live.case_told,
        "masked_number": card.masked_number,
        **_person(card, shown=live.verified or not _hides(state, call.campaign_id)),
        "verified": live.verified,
        "connected_at": _iso(call.connected_at),
        "ended_at": _iso(call.ended_at),
        "outcome": call.outcome.value if call.outcome is not None else None,
        "routing": dict(live.routing),
        "recording": _recording(state, live),
        "silent": live.silent if call.state is CallState.CONNECTED else "",
        "consult": _consult(state, live, agent),
        "handover": _handover(state, live, agent),
    }


def _consult(state: FloorState, live: Live, agent: Agent) -> dict[str, Any] | None:
    """The other of two agents on a call."""
    if live.consult is None or agent.id not in (live.consult.agent_id, live.call.agent_id):
        return None
    guest = agent.id == live.consult.agent_id
    other = state.agents.get((live.call.agent_id or 0) if guest else live.consult.agent_id)
    return {"name": other.name if other is not None else "", "guest": guest, "three": live.consult.three}


def _handover(state: FloorState, live: Live, agent: Agent) -> dict[str, Any] | None:
    """Who hands this person over, and what came along; also for who is only asked yet."""
    asked = live.consult is not None and live.consult.agent_id == agent.id
    handover = live.consult.handover if asked and live.consult is not None else live.handover
    if handover is None or handover.by == agent.id:
        return None
    by = state.agents.get(handover.by)
    return {
        "name": by.name if by is not None else "",
        "note": handover.note,
        "code": handover.code,
        "notes": handover.notes,
    }


def _hides(state: FloorState, campaign_id: int) -> bool:
    """Whether debts wait for the identity: nobody else may learn of them, nor see them over a shoulder."""
    return state.campaigns[campaign_id].settings.verify_first


def _person(card: CallCard, *, shown: bool) -> dict[str, Any]:
    return {
        "person_id": card.person_id,
        "name": card.name,
        "language": card.language,
        "zone": card.zone,
        "debts": [dict(debt) for debt in card.debts] if shown else [],
        "debts_hidden": not shown,
        "flags": list(card.flags),
        "last_contacts": [dict(contact) for contact in card.last_contacts],
    }


def preview_view(state: FloorState, agent: Agent) -> dict[str, Any] | None:
    """The card of a person whom the agent may call."""
    shown = state.previews.get(agent.id)
    if shown is None:
        return None
    return {
        "lead_id": shown.lead.lead_id,
        "campaign": state.campaigns[shown.lead.campaign_id].name,
        "asked": shown.asked,
        "callback": shown.callback,
        "numbers": [
            {
                "phone_id": number.phone_id,
                "masked_number": number.masked_number,
                "kind": number.kind,
                "status": number.status,
                "rule": number.rule,
                "until": _iso(number.until),
            }
            for number in shown.lead.numbers
        ],
        **_person(shown.lead.card, shown=not _hides(state, shown.lead.campaign_id)),
    }


def _recording(state: FloorState, live: Live) -> str:
    if not state.campaigns[live.call.campaign_id].settings.record:
        return "off"
    if live.recording_paused and not live.recording_silent:
        return "pausing"  # nobody may speak card data yet
    return "paused" if live.recording_silent else "on"


def _show_floor(state: FloorState, turn: Turn) -> None:
    whole = state.want_whole_floor
    ids = set(state.agents) if whole else state.dirty_agents
    state.floor_seq += 1
    body = {
        "type": "floor",
        "epoch": state.epoch,
        "seq": state.floor_seq,
        "whole": whole,
        "server_time": _iso(turn.now),
        "campaigns": [campaign_view(state, campaign, turn.now) for campaign in state.campaigns.values()],
        "agents": [agent_row(state, state.agents[agent_id]) for agent_id in sorted(ids)],
        "pbx_up": state.pbx_up,
        "dialplan_ok": state.dialplan_fits,
        "ears_up": state.ears_up or not _needs_ears(state),
        "trunks": trunks.views(state),
        "alarms": state.open_alarms,
    }
    state.want_whole_floor, state.dirty_agents = False, set()
    state.floor_due = turn.now + FLOOR_INTERVAL
    turn.effects.append(Publish(Frame("floor", body)))


def _needs_ears(state: FloorState) -> bool:
    """Whether a campaign that dials has the detector listen."""
    return any(
        campaign.status is CampaignStatus.RUNNING and campaign.settings.screening is Screening.PROGRESS
        for campaign in state.campaigns.values()
    )


def campaign_view(state: FloorState, campaign: Campaign, now: datetime) -> dict[str, Any]:
    """One row of the campaign strip."""
    tally, settings = state.tally(campaign.id), campaign.settings
    windows = tally.counts.windows(
        campaign.windows,
        now,
        most=settings.max_abandonment,
        audits=tally.audits,
        unserved_by_law=campaign.unserved_by_law,
    )
    day = tally.counts.count(_LAST_DAY, now)
    settled, settled_live = tally.counts.share(now)
    states = [live.call.state for live in state.calls.of_campaign(campaign.id) if not inbound.queued(live)]
    reach = lines.reach(state, campaign, now)
    return {
        "id": campaign.id,
        "code": campaign.code,
        "name": campaign.name,
        "status": campaign.status.value,
        "mode": settings.mode.value,
        "calls_per_agent": settings.calls_per_agent,
        "settings_version": campaign.settings_version,
        "dialing": states.count(CallState.DIALING) + tally.placing,
        "ringing": states.count(CallState.RINGING),
        "screening": states.count(CallState.SCREENING),
        "waiting": states.count(CallState.WAITING),
        "connected": states.count(CallState.CONNECTED),
        **_queue(state, campaign, now),
        "ready": state.agents.available(campaign.id),
        "paused": state.agents.count(campaign.id, AgentState.PAUSED),
        "wrap_up": state.agents.count(campaign.id, AgentState.WRAP_UP),
        "live_answers": day.live,
        "abandoned": day.abandoned,
        "leads_left": tally.left.open,
        **_resting(tally, now),
        "max_lines": reach.lines,
        "max_cps": reach.cps,
        "capped": tally.capped,
        **_last(last_decision(state, campaign, now)),
        "target": campaign.target,
        "windows": [window_view(window) for window in windows],
        "forecast": flat(tally.forecast) if tally.forecast is not None else None,
        "idle_seconds": round(tally.idle, 2) if tally.idle is not None else None,
        "learned": state.learner(campaign.id).model().summary() or None,
        "settled": settled,
        "settled_live": settled_live,
    }


def _last(last: Decision | Hold | None) -> dict[str, Any]:
    """What was decided last, as data and in words: `why` of a decision, `hold` of what keeps from one."""
    return {
        "why": last.why.as_record() if isinstance(last, Decision) else None,
        "hold": last.as_record() if isinstance(last, Hold) else None,
        "last_decision": in_words(last),
    }


def _resting(tally: Tally, now: datetime) -> dict[str, Any]:
    """Leads not to be called before a time of their own, and the first of these times."""
    resting, next_at = tally.left.resting_at(now)
    return {"leads_resting": resting, "resting_until": _iso(next_at)}


def _queue(state: FloorState, campaign: Campaign, now: datetime) -> dict[str, Any]:
    """Who called in and has no agent yet."""
    waiting = inbound.standings(state, campaign, now)
    kept = [one for one in inbound.places(state, now) if one.campaign_id == campaign.id]
    since = min((one.live.call.placed_at for one in waiting), default=None)
    return {
        "queued": len(waiting),
        "queued_since": _iso(since),
        "kept_places": len(kept),
    }


def window_view(window: Window) -> dict[str, Any]:
    """One window in which abandonment is limited."""
    return {
        "name": window.name,
        "limit": window.limit,
        "live": int(window.live),
        "abandoned": int(window.abandoned),
        "screened_out": window.screened_out,
        "unserved": int(window.unserved),
        "law_counts_unserved": window.law_counts_unserved,
        "rate": window.rate,
        "house_rate": window.house_rate,
        "spare": window.spare(),
        "credit": window.credit,
    }


def agent_row(state: FloorState, agent: Agent) -> dict[str, Any]:
    """One row of the agent table."""
    live = state.calls.get(agent.call_id) if agent.call_id is not None else None
    return {
        "id": agent.id,
        "name": agent.name,
        "state": agent.state.value,
        "since": _iso(agent.since),
        "pause_code": agent.pause_code,
        "leg": agent.leg.value,
        "held": agent.held,
        "attached": bool(agent.session),
        "call_campaign": state.campaigns[live.call.campaign_id].name if live is not None else "",
        "masked_number": live.card.masked_number if live is not None else "",
        "calls_today": state.calls_today.get(agent.id, 0),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
