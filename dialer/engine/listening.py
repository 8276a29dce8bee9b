"""Has the detector listen to calls, and stop. What it hears is hearing.py's."""

from datetime import datetime

from dialer.engine import effects
from dialer.engine.inputs import CallEventIn
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.call import Call, CallEvent, CallEventKind, CallState
from dialer.model.campaign import CampaignSettings, OnVoicemail, Screening
from dialer.ports import ListenOrder

UNANSWERED = frozenset({CallState.DIALING, CallState.RINGING})
HANDED_OVER = frozenset({CallState.WAITING, CallState.CONNECTED})
AWAY = "the detector is away: unsure means human"
_AHEAD = 0.25
"""Seconds before our own deadline in which the detector must have decided."""


def progress(state: FloorState, call: Call) -> CampaignSettings | None:
    """The settings of a call that the detector listens to, or is to listen to."""
    settings = state.campaigns[call.campaign_id].settings
    return settings if call.screened and settings.screening is Screening.PROGRESS else None


def early_media(state: FloorState, turn: Turn, live: Live) -> None:
    """The network plays something though nobody answered."""
    settings = progress(state, live.call)
    early = settings is not None and settings.early_media
    if early and state.ears_up and not live.listening and live.call.state in UNANSWERED:
        _listen(state, turn, live, None)


def answered(state: FloorState, turn: Turn, live: Live, at: datetime) -> None:
    """Somebody or something answered."""
    if progress(state, live.call) is None:
        return
    ring = (at - live.call.placed_at).total_seconds()
    if not state.ears_up:
        turn.deferred.append(CallEventIn(live.call.id, CallEvent(CallEventKind.UNSURE, reason=AWAY), at))
    elif live.listening:
        turn.effects.append(effects.HeardAnswer(live.channel, ring))
    else:
        _listen(state, turn, live, ring)


def _listen(state: FloorState, turn: Turn, live: Live, ring: float | None) -> None:
    campaign, call = state.campaigns[live.call.campaign_id], live.call
    live.listening = True
    order = ListenOrder(
        channel_id=str(call.id),
        campaign_id=campaign.id,
        answered=ring is not None,
        ring=ring,
        false_machines=campaign.false_machines,
        limit=max(_AHEAD, call.limits.screening - _AHEAD),
        follow=campaign.settings.listen_on,
        greeting=campaign.settings.on_voicemail is OnVoicemail.LEAVE_MESSAGE,
        keep_audio=campaign.settings.record,
    )
    turn.effects.append(effects.Listen(order))


def moved(turn: Turn, live: Live) -> None:
    """A call took a step: tell the detector whether its ears are still wanted.

    They go on through the wait and the join of a call that is not clear, until the order's time is over.
    """
    call = live.call
    if not live.listening:
        return
    if call.state is CallState.WAITING and _unclear(call) and call.connected_at is None:
        turn.effects.append(effects.HandOver(str(call.id)))
    elif call.state is CallState.ENDED or (call.state in HANDED_OVER and not _unclear(call)):
        stop(turn, live)
    elif call.state is CallState.WAITING and call.connected_at is not None:
        # An agent has had them, and handed them on or was lost: whatever an agent kept is a person.
        stop(turn, live)


def stop(turn: Turn, live: Live) -> None:
    """Nothing more is to be heard of this call, and nothing of what may be under way counts."""
    if live.listening:
        live.listening = False
        turn.effects.append(effects.StopListening(live.channel))


def _unclear(call: Call) -> bool:
    return call.verdict == "unsure"
