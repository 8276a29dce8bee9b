"""Rows of Postgres as facts of the model, and back."""

from dataclasses import asdict, replace
from typing import Any

import asyncpg

from dialer.model.agent import Agent
from dialer.model.call import Call, CallLimits, CallState, ClockStart, Direction, spared
from dialer.model.campaign import Campaign, CampaignSettings
from dialer.model.handover import Handover
from dialer.model.masking import masked
from dialer.model.number import PROOFS
from dialer.model.outcomes import Outcome
from dialer.ports import CallCard, OpenCall, PersonNews, Transition
from dialer.store.lead_advice import LeadAdvice, kills, lead_advice

Row = asyncpg.Record

IN_THE_LEDGER = {
    Outcome.CONVERSATION: "conversation",
    Outcome.MACHINE: "machine",
    Outcome.ABANDONED: "abandoned",
    Outcome.ONE_WAY_AUDIO: "unheard",
}
"""Outcome → the line of the ledger of contacts that it makes, one for each attempt."""


def campaign_of(row: Row) -> Campaign:
    """A campaign; fields its settings lack get their defaults."""
    read = {
        "settings": CampaignSettings.model_validate(row["settings"]),
        "staffed": frozenset(row["staffed"]),
    }
    return Campaign(**{**row, **read})


def agent_of(row: Row) -> Agent:
    """An agent, offline."""
    return Agent(
        id=row["id"],
        name=row["name"],
        endpoint=row["endpoint"],
        skills=row["skills"],
        campaigns=frozenset(row["campaigns"]),
    )


def open_call(call: Call, trunk: str, card: Row, marks: Row | None, handover: Row | None) -> OpenCall:
    """A call with its card, what was marked in it, and what came along with its last handing over."""
    told = Handover.of_record(handover["handover"]) if handover and handover["handover"] else None
    shown = OpenCall(call, card_of(card, call.number), handover=told, trunk=trunk)
    return replace(shown, paused=marks["paused"], verified=marks["verified"]) if marks else shown


def call_of(row: Row) -> Call:
    """A call as it was committed last."""
    limits = dict(row["limits"])
    return Call(
        id=row["id"],
        campaign_id=row["campaign_id"],
        lead_id=row["lead_id"],
        person_id=row["person_id"],
        phone_id=row["phone_id"],
        number=row["number"],
        placed_at=row["placed_at"],
        limits=CallLimits(**{**limits, "clock_start": ClockStart(limits["clock_start"])}),
        screened=row["screened"],
        reserved_for=row["reserved_for"],
        direction=Direction(row["direction"]),
        state=CallState(row["state"]),
        version=row["version"],
        ringing_at=row["ringing_at"],
        answered_at=row["answered_at"],
        verdict_at=row["verdict_at"],
        verdict=row["verdict"],
        waiting_at=row["waiting_at"],
        connected_at=row["connected_at"],
        ended_at=row["ended_at"],
        deadline_at=row["deadline_at"],
        agent_id=row["agent_id"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        cause=row["cause"],
        reason=row["reason"],
        case_number=row["case_number"] or "",
    )


def person_news(row: Row) -> PersonNews:
    """What was learnt of somebody."""
    return PersonNews(row["person_id"], row["news"], tuple(row["flags"]), tuple(row["debts"]))


def card_of(row: Row, number: str) -> CallCard:
    """What the screen shows of a person who is called on this number."""
    return CallCard(
        person_id=row["id"],
        name=row["name"],
        language=row["language"],
        zone=row["zone"] or "",
        masked_number=masked(number),
        debts=tuple(row["debts"]),
        flags=tuple(row["flags"]),
        last_contacts=tuple(row["last_contacts"]),
        last_agent=row["last_agent"],
    )


def attempt_row(
    call: Call, gate: dict[str, Any], debts: frozenset[int], chance: float | None = None
) -> dict[str, Any]:
    """A new attempt about these debts, for `reserve`."""
    return {
        "id": call.id,
        "campaign_id": call.campaign_id,
        "lead_id": call.lead_id,
        "person_id": call.person_id,
        "phone_id": call.phone_id,
        "number": call.number,
        "limits": asdict(call.limits),
        "screened": call.screened,
        "reserved_for": call.reserved_for,
        "gate": gate,
        "placed_at": call.placed_at,
        "deadline_at": call.deadline_at,
        "chance": chance,
        "debt_ids": sorted(debts) or None,
    }


def step_row(transition: Transition) -> dict[str, Any]:
    """One step of a call, for `write_turn`."""
    call, event = transition.call, transition.event
    return {
        "id": call.id,
        "before": transition.before,
        "state": call.state,
        "version": call.version,
        "ringing_at": call.ringing_at,
        "answered_at": call.answered_at,
        "verdict_at": call.verdict_at,
        "verdict": call.verdict,
        "waiting_at": call.waiting_at,
        "connected_at": call.connected_at,
        "ended_at": call.ended_at,
        "deadline_at": call.deadline_at,
        "agent_id": call.agent_id,
        "outcome": call.outcome,
        "cause": call.cause,
        "reason": call.reason,
        "routing": transition.routing,
        "at": transition.at,
        "event": event.kind,
        "detail": _detail(transition),
        "contact": _contact(transition),
        **_number_of(transition),
    }


def _number_of(transition: Transition) -> dict[str, Any]:
    """What the step means for the number that was called."""
    call, said = transition.call, transition.unallocated
    advice = lead_advice(call.outcome) if call.outcome is not None else LeadAdvice(None)
    rest = advice.delay if advice.refused else None
    return {
        "dead": advice.dead or (advice.refused and kills(transition.event)),
        "silenced": advice.silenced,
        "rests_until": transition.at + rest if rest is not None else None,
        "refused_on": said.on if said is not None else None,
        "refused_trunk": said.trunk if said is not None else "",
        "there": call.outcome in PROOFS,
    }


def _detail(transition: Transition) -> dict[str, Any]:
    event = transition.event
    handover = transition.handover.as_record() if transition.handover is not None else None
    found = {
        "cause": event.cause,
        "agent_id": event.agent_id,
        "reason": event.reason or None,
        "handover": handover,
    }
    return {key: value for key, value in found.items() if value is not None}


def _contact(transition: Transition) -> str:
    """What the step means for the ledger of contacts, or nothing: known at the end, once for each attempt.

    Until then an agent may have a machine without knowing it, and nobody was spoken to.
    """
    outcome = transition.call.outcome
    if spared(transition.call, transition.event):
        return "failed"
    return IN_THE_LEDGER.get(outcome, "") if outcome else ""
