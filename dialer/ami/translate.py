"""AMI events as facts. Pure and total: whatever the PBX says, it never raises."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dialer.model.facts import (
    Arrived,
    CaseTold,
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    ChannelSnapshot,
    Chose,
    EarlyMedia,
    HoldChanged,
    Joined,
    MessagePlayed,
    OriginateFailed,
    Parted,
    Screened,
    TelephonyFact,
)

Event = Mapping[str, Any]
"""Header → value."""

LEG_PREFIX = "leg-"
_ATTEMPT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_VERSION = "Custom:cadencia-"
"""The version stands in a hint, the one thing of a dialplan that can be asked for in one question."""
_RINGING, _UP = "5", "6"

ORIGINATE_REASONS = {
    "0": "no such endpoint, or not registered",
    "1": "hung up",
    "3": "not answered",
    "5": "busy",
    "8": "congestion",
}
"""AST_CONTROL_* numbers in OriginateResponse."""


def is_leg(channel_id: str) -> bool:
    """Whether this is an agent's leg."""
    return channel_id.startswith(LEG_PREFIX)


def is_ours(channel_id: str) -> bool:
    """Whether this channel was made by us: an attempt's UUID or an agent's leg."""
    return is_leg(channel_id) or _ATTEMPT.fullmatch(channel_id) is not None


def is_arrival(event: Event) -> bool:
    """Whether the dialplan says that somebody calls one of our numbers."""
    return text(event, "UserEvent") == "CadenciaArrived"


def translate(event: Event) -> TelephonyFact | None:
    """The fact in an event; None when it is about a channel that is not ours, or says nothing we need."""
    reader = _READERS.get(text(event, "Event"))
    if reader is None:
        return None
    if reader is _originate_response:
        channel_id = originate_id(event)
    else:
        channel_id = text(event, "DestUniqueid" if reader is _dial_state else "Uniqueid")
    return reader(channel_id, event) if is_ours(channel_id) else None


def originate_id(event: Event) -> str:
    """The channel an OriginateResponse is about, whether it came to be or not."""
    channel_id = text(event, "Uniqueid")
    return channel_id if is_ours(channel_id) else text(event, "ActionID")


def text(event: Event, key: str) -> str:
    """A header as text, empty when absent."""
    return str(event.get(key, ""))


def number(event: Event, key: str) -> int:
    """A header as a whole number; 0 when it is none."""
    digits = text(event, key)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def channel_snapshot(event: Event, channel_id: str = "", called: str = "") -> ChannelSnapshot:
    """One channel of a CoreShowChannels list. `channel_id`, `called`: our id and number, if it came in."""
    state = text(event, "ChannelState")
    return ChannelSnapshot(
        channel_id=channel_id or text(event, "Uniqueid"),
        name=text(event, "Channel"),
        up=state == _UP,
        ringing=state == _RINGING,
        context=text(event, "Context"),
        application=text(event, "Application"),
        bridge_id=text(event, "BridgeId"),
        duration=_seconds(text(event, "Duration")),
        caller=text(event, "CallerIDNum") if called else "",
        called=called,
    )


def version_of(hint: str) -> str:
    """The dialplan's version in what it tells; empty when it tells none."""
    return hint.removeprefix(_VERSION) if hint.startswith(_VERSION) else ""


def _seconds(clock: str) -> float:
    """'HH:MM:SS' in seconds; 0 when it is something else."""
    parts = clock.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        return 0.0
    hours, minutes, seconds = map(int, parts)
    return hours * 3600.0 + minutes * 60 + seconds


def _newstate(channel_id: str, event: Event) -> TelephonyFact | None:
    match text(event, "ChannelState"):
        case "5":
            return ChannelRinging(channel_id)
        case "6":
            return ChannelAnswered(channel_id)
        case _:
            return None


def _dial_state(channel_id: str, event: Event) -> TelephonyFact | None:
    return EarlyMedia(channel_id) if text(event, "DialStatus") == "PROGRESS" else None


def _hangup(channel_id: str, event: Event) -> TelephonyFact:
    status = text(event, "TechCause")
    return ChannelHungUp(channel_id, number(event, "Cause"), f"SIP {status}" if status.isdigit() else status)


def _originate_response(channel_id: str, event: Event) -> TelephonyFact | None:
    if text(event, "Response") == "Success":
        return None
    reason = text(event, "Reason")
    return OriginateFailed(channel_id, ORIGINATE_REASONS.get(reason, f"reason {reason}"))


def _entered(channel_id: str, event: Event) -> TelephonyFact:
    return Joined(channel_id, text(event, "BridgeUniqueid"))


def _left(channel_id: str, event: Event) -> TelephonyFact:
    return Parted(channel_id, text(event, "BridgeUniqueid"))


def _user_event(channel_id: str, event: Event) -> TelephonyFact | None:
    match text(event, "UserEvent"):
        case "CadenciaScreened":
            return Screened(channel_id, text(event, "Status").upper(), text(event, "Cause"))
        case "CadenciaMessage":
            return MessagePlayed(channel_id, text(event, "Part"))
        case "CadenciaArrived":
            return Arrived(channel_id, text(event, "Caller"), text(event, "Called"))
        case "CadenciaChoice":
            return Chose(channel_id, text(event, "Digit"))
        case "CadenciaCase":
            return CaseTold(channel_id)
        case _:
            return None


def _hold(channel_id: str, event: Event) -> TelephonyFact | None:
    return HoldChanged(channel_id, held=True) if is_leg(channel_id) else None


def _unhold(channel_id: str, event: Event) -> TelephonyFact | None:
    return HoldChanged(channel_id, held=False) if is_leg(channel_id) else None


_READERS: dict[str, Callable[[str, Event], TelephonyFact | None]] = {
    "Newstate": _newstate,
    "DialState": _dial_state,
    "Hangup": _hangup,
    "OriginateResponse": _originate_response,
    "BridgeEnter": _entered,
    "BridgeLeave": _left,
    "UserEvent": _user_event,
    "Hold": _hold,
    "Unhold": _unhold,
}
