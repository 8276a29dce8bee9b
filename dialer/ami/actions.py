"""Orders as AMI headers. Pure. What could smuggle a second command or variable is refused with Unsendable."""

import math
import re
import unicodedata
from collections.abc import Mapping

from dialer.exceptions import Unsendable
from dialer.ports import AdmitOrder, CallOrder, LegOrder, QueueNews

Headers = dict[str, str | list[str]]

RING_MARGIN = 5.0
"""Seconds the PBX rings on after our own deadline, which therefore always ends first."""
EAR_PREFIX = "ear-"
"""Channels that only listen; the engine knows nothing of them."""
BEAT = "CADENCIA_BEAT"
DIALPLAN = "HINT(version@cadencia-version)"
"""Where the dialplan tells its version."""
QUEUE_ROUND = 5.0
"""Seconds of music between two looks of the dialplan; extensions_cadencia.conf says the same."""
LEG_RING = 30.0
"""Seconds an agent's phone may ring; it answers by itself."""
PAUSED = "CADENCIA_PAUSED"
"""Channel variable: '1' while the recording is silent."""
LINE_LIMIT = 1000
"""Bytes of one header line; Asterisk reads 1024."""

_NUMBER = re.compile(r"\+?[0-9]{2,20}")
_PLACE = re.compile(r"[A-Za-z0-9.-]{1,200}:[0-9]{1,5}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_CASE = re.compile(r"([0-9]{8})?")
_VARIABLE_TRAPS = frozenset(',"\\')
"""Asterisk splits a Variable header at commas, honouring quotes and backslashes."""


def originate(order: CallOrder) -> Headers:
    """Call a person into the dialplan that screens and then waits for the engine."""
    return _originate(
        order.channel_id,
        channel=f"PJSIP/{_matched(_NUMBER, order.number)}@{_matched(_NAME, order.trunk)}",
        context="cadencia-customer",
        caller_id=order.caller_id,
        limit=order.ring_limit + RING_MARGIN,
        variables={
            "CADENCIA_REC": order.recording,
            "CADENCIA_SCREEN": _matched(_NAME, order.screen),
            "CADENCIA_LANG": order.language,
            "CADENCIA_FALLBACK": f"{order.fallback:g}",
            **({"CADENCIA_VOICEMAIL": order.voicemail} if order.voicemail else {}),
        },
    )


def originate_leg(order: LegOrder) -> Headers:
    """Call an agent's phone into the dialplan that keeps it up for the shift."""
    return _originate(
        order.channel_id,
        channel=f"PJSIP/{_matched(_NAME, order.endpoint)}",
        context="cadencia-agent",
        caller_id=order.caller_id,
        limit=LEG_RING,
    )


def bridge(customer_channel: str, agent_channel: str) -> Headers:
    """Join two channels, out of whatever they are doing; Asterisk takes our ids where it wants names."""
    return checked(
        {"Action": "Bridge", "Channel1": customer_channel, "Channel2": agent_channel, "Tone": "no"}
    )


def hang_up(channel_id: str) -> Headers:
    """End a channel normally."""
    return checked({"Action": "Hangup", "Channel": channel_id, "Cause": "16"})


def play_message(channel_id: str) -> Headers:
    """Send a person to the safe-harbour message."""
    return _redirect(channel_id, "cadencia-safe-harbour")


def leave_message(channel_id: str) -> Headers:
    """Send an answering machine to the campaign's message."""
    return _redirect(channel_id, "cadencia-voicemail")


def listen(channel_id: str, detector: str) -> Headers:
    """Open a channel beside a call that sends what its far end says to the detector ('host:port').

    It spies on the call and is no part of it: whatever happens to it, the call does not notice. The options
    of ChanSpy: take the first word for a unique id, no beep, only the far end's voice, end with the call.
    """
    return checked(
        {
            "Action": "Originate",
            "ActionID": EAR_PREFIX + channel_id,
            "ChannelId": EAR_PREFIX + _matched(_NAME, channel_id),
            "Channel": f"AudioSocket/{_matched(_PLACE, detector)}/{channel_id}/c(slin)",
            "Application": "ChanSpy",
            "Data": f"{channel_id},uqoSE",
            "Timeout": "2000",
            "Async": "true",
        }
    )


def admit(channel_id: str, order: AdmitOrder) -> list[Headers]:
    """Answer a call that came in, record it, greet, and let it wait."""
    return [
        _setvar(channel_id, "CADENCIA_REC", order.recording),
        _setvar(channel_id, "CADENCIA_LANG", _matched(_NAME, order.language)),
        _setvar(channel_id, "CADENCIA_ROUNDS", str(math.ceil(order.longest / QUEUE_ROUND) + 1)),
        _redirect(channel_id, "cadencia-admitted"),
    ]


def announce(channel_id: str, news: QueueNews) -> list[Headers]:
    """Tell somebody in the queue their case's number, place and wait; offer a callback if it is to be."""
    return [
        _setvar(channel_id, "CADENCIA_POSITION", str(news.position)),
        _setvar(channel_id, "CADENCIA_MINUTES", str(news.minutes)),
        _setvar(channel_id, "CADENCIA_OFFER", "1" if news.offer else ""),
        _setvar(channel_id, "CADENCIA_CASE", _matched(_CASE, news.case_number)),
        _redirect(channel_id, "cadencia-announce"),
    ]


def confirm(channel_id: str) -> Headers:
    """Tell somebody in the queue that we shall call back, and hang up."""
    return _redirect(channel_id, "cadencia-confirm")


def beat(value: str) -> Headers:
    """A global variable of the dialplan, which is read by every call that waits for us."""
    return checked({"Action": "Setvar", "Variable": BEAT, "Value": _matched(_NAME, value)})


def park(channel_id: str) -> Headers:
    """Send a person to music on hold."""
    return _redirect(channel_id, "cadencia-hold")


def join_in(agent_channel: str, mate_channel: str) -> list[Headers]:
    """Put an agent's leg into the bridge of another channel."""
    return [
        _setvar(agent_channel, "CADENCIA_MATE", _matched(_NAME, mate_channel)),
        _redirect(agent_channel, "cadencia-join"),
    ]


def release(agent_channel: str) -> Headers:
    """Send an agent's leg back to where it waits."""
    return _redirect(agent_channel, "cadencia-agent")


def pause_recording(channel_id: str, paused: bool) -> Headers:
    """Write silence into both sides of the recording, or stop doing so."""
    return checked(
        {
            "Action": "MixMonitorMute", "Channel": channel_id, "Direction": "both",
            "State": "1" if paused else "0",
        }
    )  # fmt: skip


def mark_paused(channel_id: str, paused: bool) -> Headers:
    """Note on the channel that its recording is silent, so that whoever comes later can ask."""
    return _setvar(channel_id, PAUSED, "1" if paused else "")


def is_paused(channel_id: str) -> Headers:
    """Ask for that note."""
    return checked({"Action": "Getvar", "Channel": channel_id, "Variable": PAUSED})


def count_packets(channel_id: str) -> Headers:
    """Ask how many packets of sound have come in on a channel."""
    return checked({"Action": "Getvar", "Channel": channel_id, "Variable": "CHANNEL(rtcp,rxcount,audio)"})


def login(user: str, secret: str) -> Headers:
    """Log in and receive events."""
    return checked({"Action": "Login", "Username": user, "Secret": secret, "Events": "on"})


def variable(name: str) -> Headers:
    """Ask for a global variable, or what a function of the dialplan gives without a channel."""
    return checked({"Action": "Getvar", "Variable": name})


def question(name: str) -> Headers:
    """An action without arguments."""
    return checked({"Action": name})


def checked(headers: Mapping[str, str | list[str]]) -> Headers:
    """The same headers; raises Unsendable for control characters, lone surrogates or over-long lines."""
    for key, value in headers.items():
        for line in value if isinstance(value, list) else [value]:
            _check_line(key, line)
    return dict(headers)


def _originate(
    channel_id: str,
    *,
    channel: str,
    context: str,
    caller_id: str,
    limit: float,
    variables: Mapping[str, str] | None = None,
) -> Headers:
    return checked(
        {
            "Action": "Originate",
            # The answer to a failed originate names no channel, so the action carries its id too.
            "ActionID": channel_id,
            "ChannelId": _matched(_NAME, channel_id),
            "Channel": channel,
            "Context": context,
            "Exten": "s",
            "Priority": "1",
            "Timeout": str(round(limit * 1000)),
            "CallerID": caller_id,
            "Async": "true",
            "Variable": [f"{name}={_variable(value)}" for name, value in (variables or {}).items()],
        }
    )


def _setvar(channel_id: str, name: str, value: str) -> Headers:
    return checked({"Action": "Setvar", "Channel": channel_id, "Variable": name, "Value": _variable(value)})


def _redirect(channel_id: str, context: str) -> Headers:
    return checked(
        {"Action": "Redirect", "Channel": channel_id, "Context": context, "Exten": "s", "Priority": "1"}
    )


def _check_line(key: str, value: str) -> None:
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in key + value):
        raise Unsendable(f"control character in the manager header {key!r}")
    if len(f"{key}: {value}".encode()) > LINE_LIMIT:
        raise Unsendable(f"the manager header {key!r} is longer than {LINE_LIMIT} bytes")


def _matched(pattern: re.Pattern[str], value: str) -> str:
    """The value if it is nothing but what it should be; the message must not repeat a phone number."""
    if not pattern.fullmatch(value):
        raise Unsendable("a number, trunk, endpoint or channel id with signs that do not belong there")
    return value


def _variable(value: str) -> str:
    if _VARIABLE_TRAPS & set(value):
        raise Unsendable("a comma, quote or backslash in a channel variable")
    return value
