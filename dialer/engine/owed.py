"""Orders whose effect nobody has seen yet: given again, until it is seen or something else is wanted.

A lost link swallows orders, and the PBX may refuse one. What was wanted last of a channel stays wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import effects
from dialer.engine.state import FloorState, Owed, Turn
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelSnapshot,
    Joined,
    MessagePlayed,
    OrderRefused,
    OriginateFailed,
    Parted,
    Screened,
    TelephonyFact,
)

UNDER_WAY = timedelta(seconds=1)
"""How long an order over a link that holds may take before it counts as lost."""
_INBOUND = "cadencia-inbound"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an order wants its first channel."""

    moved: tuple[str, ...]
    context: str = ""
    """The dialplan must have it there."""
    mate: str = ""
    """It must be in a bridge with this one."""
    gone: bool = False


def _place(order: effects.Moving) -> _Place:
    match order:
        case effects.HangUp(channel):
            return _Place((channel,), gone=True)
        case effects.PlayMessage(channel):
            return _Place((channel,), context="cadencia-safe-harbour")
        case effects.LeaveMessage(channel):
            return _Place((channel,), context="cadencia-voicemail")
        case effects.ConfirmCallback(channel):
            return _Place((channel,), context="cadencia-confirm")
        case effects.Bridge(customer, leg):
            return _Place((customer, leg), mate=leg)
        case effects.JoinIn(leg, mate):
            return _Place((leg,), mate=mate)
        case effects.Park(channel) | effects.Release(channel):
            return _Place((channel,))
        case effects.Admit(admitted):
            return _Place((admitted.channel_id,))


_PROOFS: dict[type, tuple[type, ...]] = {
    Joined: (effects.Bridge, effects.JoinIn),
    Parted: (effects.Park, effects.Release),
    MessagePlayed: (effects.PlayMessage, effects.LeaveMessage),
    ChannelAnswered: (effects.Admit,),
    Screened: (effects.Admit,),
}
"""Fact → the orders whose effect it is."""
_ENDS = (ChannelHungUp, OriginateFailed)


def remember(state: FloorState, turn: Turn) -> None:
    """What this turn wants of channels takes the place of what was wanted before."""
    for order in turn.effects:
        if isinstance(order, effects.Moving) and all(moved := _place(order).moved):
            known = state.owed.get(moved[0])
            tries = known.tries + 1 if known is not None and known.order == order else 0
            _forget(state, *moved)
            owed = Owed(order, turn.now, tries)
            state.owed.update(dict.fromkeys(moved, owed))


def saw(state: FloorState, turn: Turn, fact: TelephonyFact) -> None:
    """A fact may be the effect of an order, or its refusal."""
    channel = getattr(fact, "channel_id", "")
    owed = state.owed.get(channel)
    if owed is None:
        return
    if isinstance(fact, OrderRefused):
        _refused(turn, owed)
    elif isinstance(fact, _ENDS) or isinstance(owed.order, _PROOFS.get(type(fact), ())):
        _forget(state, channel)


def _refused(turn: Turn, owed: Owed) -> None:
    """Once it is looked at; a channel that is only to end has mostly just ended by itself."""
    if not isinstance(owed.order, effects.HangUp) and owed.tries == 0 and not owed.refused:
        owed.refused = True
        turn.effects.append(effects.TakeSnapshot())


def _forget(state: FloorState, *channels: str) -> None:
    for channel in channels:
        owed = state.owed.pop(channel, None)
        if owed is not None:
            for other in [key for key in _place(owed.order).moved if state.owed.get(key) is owed]:
                del state.owed[other]


def give_again(
    state: FloorState, turn: Turn, channels: Mapping[str, ChannelSnapshot], asked_at: datetime
) -> None:
    """Compare what is wanted with what is there."""
    for owed in {id(owed): owed for owed in state.owed.values()}.values():
        place = _place(owed.order)
        known = {*place.moved, place.mate} - {""}
        if owed.at > asked_at or known & state.heard.keys() or _under_way(state, owed, asked_at):
            continue
        if known - channels.keys() or _is_there(place, channels):
            _forget(state, *place.moved)
            continue
        turn.effects.append(owed.order)
        turn.alarms.append(("order_given_again", place.moved[0], type(owed.order).__name__))
        _join_begins_anew(state, turn, owed.order)


def _under_way(state: FloorState, owed: Owed, asked_at: datetime) -> bool:
    over_this_link = state.linked_at is None or owed.at >= state.linked_at
    return over_this_link and not owed.refused and asked_at - owed.at < UNDER_WAY


def _is_there(place: _Place, channels: Mapping[str, ChannelSnapshot]) -> bool:
    channel = channels[place.moved[0]]
    if place.gone:
        return False
    if place.mate:
        return channel.bridge_id != "" and channel.bridge_id == channels[place.mate].bridge_id
    if place.context:
        return channel.context == place.context
    return channel.bridge_id == "" and channel.context != _INBOUND


def _join_begins_anew(state: FloorState, turn: Turn, order: effects.Moving) -> None:
    """Neither the agent nor the leg is to blame for a join that never reached the PBX."""
    if isinstance(order, effects.Bridge) and not order.customer.startswith("leg-"):
        live = state.calls.get(UUID(order.customer))
        if live is not None and live.assigned is not None:
            live.assigned_at = turn.now
