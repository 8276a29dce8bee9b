"""Which side of a conversation nothing comes from: the PBX counts the packets of sound, we ask once a second.

Who is silent at the telephone still sends packets; of a mute telephone, a port that moved or a line cut one
way nothing comes. Some gateways send nothing while nobody speaks (VAD, DTX). So a line counts as sure when it
has sent without a gap for a while, or has never sent anything; any other gets more patience and no verdict.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from dialer.engine import desk, effects
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Sound, Turn
from dialer.model.agent import Agent, LegState
from dialer.model.call import CallState
from dialer.model.facts import PacketsCounted

EVERY = timedelta(seconds=1)
AT_ONCE = 250
"""Channels asked of in one pacing, the longest unasked first. A question with its answer costs us 0.09
ms of a processor: at four pacings a second 9 % of one at most, where the 2,000 channels of 1,000 calls
would cost 18 %. Up to 500 conversations are counted every second; 1,000 every other second, and who
is silent is told up to a second later."""
LIMIT = timedelta(seconds=3)
"""Without a packet, after which the agent is told."""
PATIENCE = timedelta(seconds=10)
"""The same on a line that may be saving silence."""
SURE = 4.0
"""Seconds without a gap after which a line is known to send always: longer than most people greet."""
FRESH = timedelta(seconds=3)
"""A count older than this says nothing of now."""
WHOLE = 30.0
"""Packets a second of a line that never pauses: 50 at the usual 20 ms, 33 at 30 ms."""
A_WORD = 100
"""Packets of two seconds: whoever sent more was heard."""
FELL_SILENT = 44
"""Q.850 cause with which Asterisk ends a leg of which no sound came for its rtp_timeout."""
NOTHING = 8
"""Packets: fewer keep a line open; the shortest word, which is all that some people say, has more."""
PROOF = 25
"""Packets with which a telephone that had fallen silent proves that it sends again."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sides:
    """Of which sides of a conversation nothing comes."""

    person: bool = False
    agent: bool = False

    @property
    def word(self) -> str:
        """As the screens are told."""
        return {(False, False): "", (True, False): "person", (False, True): "agent"}.get(
            (self.person, self.agent), "both"
        )


def ask(state: FloorState, turn: Turn) -> None:
    """Once a second each: count the packets of conversations, and of telephones that must prove theirs."""
    channels = [agent.leg_id for agent in state.agents.values() if agent.mute and agent.leg is LegState.UP]
    for live in state.calls.values():
        if (agent := _partner(state, live)) is not None:
            channels += [live.channel, agent.leg_id]
        elif live.silent and live.parted_at is None:  # who just left the bridge may be hanging up
            _shows(turn, live, Sides())
    state.sounds = {name: state.sounds[name] for name in channels if name in state.sounds}
    asked = {name: state.sounds_asked[name] for name in channels if name in state.sounds_asked}
    due = [name for name in dict.fromkeys(channels) if name not in asked or turn.now - asked[name] >= EVERY]
    due = sorted(due, key=lambda name: asked.get(name, _LONG_AGO))[:AT_ONCE]
    state.sounds_asked = asked | dict.fromkeys(due, turn.now)
    turn.effects += [effects.CountPackets(name) for name in due]


def _partner(state: FloorState, live: Live) -> Agent | None:
    """The agent who now speaks to this person; None while there is music, or nobody."""
    call = live.call
    agent = state.agents.get(call.agent_id) if call.agent_id is not None else None
    aside = live.consult is not None and not live.consult.three
    apart = call.state is not CallState.CONNECTED or live.parted_at is not None or aside
    if agent is None or apart or agent.held or agent.leg is not LegState.UP:
        return None
    return agent


def counted(state: FloorState, turn: Turn, fact: PacketsCounted, at: datetime) -> None:
    """A count has come."""
    name, received = fact.channel_id, fact.received
    agent = state.agent_of_leg(name)
    if agent is not None and agent.mute and name == agent.leg_id and received >= PROOF:
        desk.keep(state, turn, replace(agent, mute=False))
    known = state.sounds.get(name)
    live = _about(state, name, agent)
    state.sounds[name] = _first(live, name, received, at) if known is None else _next(known, received, at)
    if live is not None:
        _look(state, turn, live, at)


def _about(state: FloorState, name: str, agent: Agent | None) -> Live | None:
    """The call of a channel, a person's or an agent's."""
    if agent is not None:
        return state.calls.get(agent.call_id) if agent.call_id is not None else None
    try:
        return state.calls.get(UUID(name))
    except ValueError:
        return None


def _first(live: Live | None, name: str, received: int, at: datetime) -> Sound:
    """What came before the conversation tells whether the line pauses, or never sent anything."""
    call = live.call if live is not None and name == live.channel else None
    if call is None:
        return Sound(received, received, at, at, steady=SURE)  # an agent's telephone sends always
    before = (at - call.answered_at).total_seconds() if call.answered_at else 0.0
    gaps = received < WHOLE * before
    since = (None if received else call.connected_at) or at
    # Of a conversation that we took up, all that ever came may have been said in it.
    at_first = 0 if live is not None and live.taken_up else received
    return Sound(received, at_first, since, at, steady=0.0 if gaps else before, pauses=gaps and received > 0)


def _next(known: Sound, received: int, at: datetime) -> Sound:
    grown, seconds = received - known.received, (at - known.counted_at).total_seconds()
    thin = grown < WHOLE * seconds
    return Sound(
        received,
        known.at_first,
        at if grown > 0 else known.heard_at,
        at,
        thin=thin,
        steady=known.steady if thin else known.steady + seconds,
        pauses=known.pauses or (known.thin and grown > 0),
    )


def _look(state: FloorState, turn: Turn, live: Live, now: datetime) -> None:
    """Tell the agent of whom nothing comes, or again something; and once per call the supervisors."""
    agent = _partner(state, live)
    if agent is None:
        return
    sides = Sides(_is_silent(state, live.channel, now), _is_silent(state, agent.leg_id, now))
    live.heard = live.heard or _grown(state, live.channel) > A_WORD
    if sides.word != live.silent:
        _shows(turn, live, sides)
    _alarm(state, turn, live, sides)


def _shows(turn: Turn, live: Live, sides: Sides) -> None:
    live.silent = sides.word
    if live.call.agent_id is not None:
        turn.shown.add(live.call.agent_id)


def _alarm(state: FloorState, turn: Turn, live: Live, sides: Sides) -> None:
    if not (sides.person or sides.agent) or live.silence_told:
        return
    sound = state.sounds.get(live.channel)
    if sides.person and not sides.agent and sound is not None and not _is_sure(sound):
        return  # the line may save silence: the screen says so, nobody else needs to know
    live.silence_told = True
    turn.alarms.append(("one_way_audio", live.channel, f"nothing comes from: {sides.word}"))


def _is_silent(state: FloorState, name: str, now: datetime) -> bool:
    sound = state.sounds.get(name)
    if sound is None or now - sound.counted_at > FRESH:
        return False
    return sound.counted_at - sound.heard_at >= (LIMIT if _is_sure(sound) else PATIENCE)


def _is_sure(sound: Sound) -> bool:
    """Whether a line from which nothing comes is no line that saves silence."""
    return sound.received < NOTHING or (sound.steady >= SURE and not sound.pauses)


def _grown(state: FloorState, name: str) -> int:
    sound = state.sounds.get(name)
    return sound.received - sound.at_first if sound is not None else 0


def unheard(state: FloorState, live: Live) -> bool:
    """Whether a conversation that ends was none: the agent spoke, and nothing ever came from the person."""
    agent = state.agents.get(live.call.agent_id or 0)
    sound = state.sounds.get(live.channel)
    if agent is None or sound is None or not _is_sure(sound) or live.heard or live.silent != "person":
        return False
    return _grown(state, live.channel) <= A_WORD < _grown(state, agent.leg_id)


def fell_silent(state: FloorState, turn: Turn, agent: Agent) -> Agent:
    """The leg died because nothing came from it: the next one gets nobody before it proved that it sends."""
    turn.alarms.append(("agent_silent", str(agent.id), "the telephone sent no sound, and its leg was ended"))
    return desk.keep(state, turn, replace(agent, mute=True))
