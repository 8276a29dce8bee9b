"""The recording's pause: wanted until the PBX says that it is so, and asked for again whenever it is not.

While card data are spoken, "paused" on the screen must be true: it says *pausing* until it is confirmed.
"""

from collections.abc import Mapping
from datetime import timedelta

from dialer.engine import effects
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.facts import OrderRefused, RecordingPaused

AGAIN = timedelta(seconds=1)
"""Between two orders of the same pause."""
PATIENCE = timedelta(seconds=3)
"""After which a pause that nobody has confirmed is an alarm."""
ORDER = "pause_recording"
"""Its name in OrderRefused."""


def wish(state: FloorState, turn: Turn, live: Live, paused: bool) -> None:
    """From now on the recording is to be silent, or not."""
    live.recording_paused, live.mute_alarmed = paused, False
    live.mute_wanted_at = turn.now
    _order(turn, live)
    _show(state, turn, live)


def confirmed(state: FloorState, turn: Turn, live: Live, fact: RecordingPaused) -> None:
    """The PBX has done it. What it says of an older wish is no answer to the newest."""
    live.recording_silent = fact.paused
    _show(state, turn, live)


def refused(turn: Turn, live: Live, fact: OrderRefused) -> None:
    """The PBX records on though the agent wants it not to."""
    if fact.order == ORDER and open_wish(live):
        _alarm(turn, live, fact.reason)


def compare(state: FloorState, turn: Turn, silent: Mapping[str, bool]) -> None:
    """What the PBX says of the recordings, asked after a gap and every now and then."""
    for live in state.calls.values():
        said = silent.get(live.channel)
        if said is not None and said != live.recording_silent:
            live.recording_silent = said
            _show(state, turn, live)


def open_wish(live: Live) -> bool:
    """Whether the recording is not known to be as it is wanted."""
    return live.recording_paused != live.recording_silent


def to_ask(state: FloorState) -> list[str]:
    """Channels whose recording is, or should be, silent."""
    return [str(key) for key, live in state.calls.items() if live.recording_paused or live.recording_silent]


def again(state: FloorState, turn: Turn) -> None:
    """Order what is not confirmed once more; with a lost link, at least say so."""
    for live in state.calls.values():
        if not open_wish(live):
            continue
        live.mute_wanted_at = live.mute_wanted_at or turn.now
        if turn.now - live.mute_wanted_at >= PATIENCE:
            _alarm(turn, live, "not confirmed")
        ordered = live.mute_ordered_at
        if state.pbx_up and state.looked and (ordered is None or turn.now - ordered >= AGAIN):
            _order(turn, live)


def _order(turn: Turn, live: Live) -> None:
    live.mute_ordered_at = turn.now
    turn.effects.append(effects.PauseRecording(live.channel, live.recording_paused))


def _alarm(turn: Turn, live: Live, why: str) -> None:
    if not live.mute_alarmed:
        live.mute_alarmed = True
        kind = "recording_not_paused" if live.recording_paused else "recording_not_resumed"
        turn.alarms.append((kind, live.channel, why))


def _show(state: FloorState, turn: Turn, live: Live) -> None:
    concerned = (live.call.agent_id, live.consult.agent_id if live.consult is not None else None)
    turn.shown.update(agent for agent in concerned if agent is not None and agent in state.agents)
