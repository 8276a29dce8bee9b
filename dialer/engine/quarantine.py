"""A turn that the database refuses: what offends is set aside, the rest is written in its order."""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID

from dialer.engine import desk, effects
from dialer.engine.inputs import PutBackIn
from dialer.engine.rooms.calls import Live, live_of
from dialer.engine.state import FloorState, Turn
from dialer.exceptions import CommitRefused
from dialer.model.agent import Agent, AgentEvent, AgentEventKind, AgentState
from dialer.model.call import CallState
from dialer.ports import EngineCommit, SetAside
from portfolio.plain_text import shortened

MOST_REFUSALS = 3
"""Refused steps of one call; then it is let go, and its attempt stays open for people to look at."""
_LONGEST_PAYLOAD = 65_536
_LONGEST_ERROR = 300

Write = Callable[[EngineCommit], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What is written or refused as one: all steps of a call, or a single record."""

    kind: str
    subject: str
    part: EngineCommit
    call_id: UUID | None = None
    """The call whose steps these are."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A unit that the database does not take."""

    unit: Unit
    error: str

    def record(self) -> SetAside:
        """As it is kept."""
        return SetAside(self.unit.kind, self.unit.subject, _payload(self.unit.part), self.error)


def units(commit: EngineCommit) -> list[Unit]:
    """A commit in its smallest parts, in their order: calls first, as everything else hangs on them."""
    return [*_steps(commit), *_records(commit)]


def _steps(commit: EngineCommit) -> Iterator[Unit]:
    for call_id in dict.fromkeys(step.call.id for step in commit.transitions):
        mine = tuple(step for step in commit.transitions if step.call.id == call_id)
        yield Unit("transition", str(call_id), EngineCommit(transitions=mine), call_id)


def _records(commit: EngineCommit) -> Iterator[Unit]:
    for part in fields(commit):
        if part.name == "transitions":
            continue
        for record in getattr(commit, part.name):
            yield Unit(part.name, _subject(record), replace(EngineCommit(), **{part.name: (record,)}))


def _subject(record: Any) -> str:
    for name in ("attempt_id", "agent_id", "campaign_id"):
        if hasattr(record, name):
            return str(getattr(record, name))
    return ""


def together(parts: Sequence[Unit]) -> EngineCommit:
    """One commit of these parts."""
    whole: dict[str, tuple[Any, ...]] = {}
    for part in fields(EngineCommit):
        whole[part.name] = tuple(record for unit in parts for record in getattr(unit.part, part.name))
    return EngineCommit(**whole)


async def sift(parts: Sequence[Unit], write: Write) -> list[Refused]:
    """Write what can be written, in order, in as few goes as halving finds the offenders; returns those."""
    if not parts:
        return []
    try:
        await write(together(parts))
    except CommitRefused as error:
        if len(parts) == 1:
            return [Refused(parts[0], shortened(str(error), _LONGEST_ERROR))]
    else:
        return []
    half = len(parts) // 2
    return [*await sift(parts[:half], write), *await sift(parts[half:], write)]


def _payload(part: EngineCommit) -> str:
    shown = {name: records for name, records in asdict(part).items() if records}
    return json.dumps(shown, default=str)[:_LONGEST_PAYLOAD]


# --- the floor afterwards -----------------------------------------------------------------------


def withheld(wanted: Sequence[effects.Effect], calls: frozenset[UUID]) -> list[effects.Effect]:
    """Without what was to happen to calls whose step is not committed; ending one is always right."""
    channels = {str(call_id) for call_id in calls}
    return [effect for effect in wanted if _is_harmless(effect) or not channels & set(_channels(effect))]


def _is_harmless(effect: effects.Effect) -> bool:
    return isinstance(effect, effects.HangUp | effects.StopListening | effects.Publish)


def _channels(effect: effects.Effect) -> Iterator[str]:
    for part in fields(effect):
        value = getattr(effect, part.name)
        yield str(getattr(value, "channel_id", value))


def put_back(state: FloorState, turn: Turn, item: PutBackIn) -> None:
    """Calls stand again where the database has them; what the PBX shows tells how they go on."""
    stored = {opened.call.id: opened for opened in item.stored}
    for call_id in item.call_ids:
        state.refusals[call_id] = state.refusals.get(call_id, 0) + 1
        opened = stored.get(call_id)
        live = live_of(opened) if opened is not None and opened.call.live else None
        if live is not None and state.refusals[call_id] >= MOST_REFUSALS:
            turn.effects.append(effects.HangUp(str(call_id)))
            live = None
        _stand(state, turn, call_id, live)
    for agent_id, kind in item.told:
        desk.refuse(turn, agent_id, kind, "not stored")
    turn.effects.append(effects.TakeSnapshot())


def _stand(state: FloorState, turn: Turn, call_id: UUID, live: Live | None) -> None:
    state.calls.pop(call_id, None)
    state.waiting.pop(call_id, None)
    if live is not None:
        state.calls[call_id] = live
        state.just_ended.pop(call_id, None)
        if live.call.state is CallState.WAITING:
            state.waiting[call_id] = live
    for agent in state.agents.on_call(call_id):
        _tie_or_free(state, turn, agent, live)
    state.due = None


def _tie_or_free(state: FloorState, turn: Turn, agent: Agent, live: Live | None) -> None:
    """Who is on the call stays where the join may still come of it."""
    call = live.call if live is not None else None
    if agent.state is AgentState.CALLING and not (call is not None and call.reserved_for == agent.id):
        desk.change(state, turn, agent, AgentEvent(AgentEventKind.UNANSWERED))
    if agent.state is not AgentState.ON_CALL:
        return
    if live is not None and live.call.state is CallState.WAITING and live.assigned is None:
        live.assigned, live.assigned_at = agent.id, turn.now
    elif call is None or call.state is not CallState.CONNECTED or call.agent_id != agent.id:
        desk.change(state, turn, agent, AgentEvent(AgentEventKind.UNASSIGNED))
