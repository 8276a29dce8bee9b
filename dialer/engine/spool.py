"""Room for recordings: who must be recorded is not called while there is none."""

from dialer.engine import alarms
from dialer.engine.state import FloorState, Turn
from dialer.model.campaign import Campaign

AGAIN = 1.25
"""Times the limit that must be free before an alarm or a halt is over, so as not to flutter about it."""


def measured(state: FloorState, turn: Turn, room: int) -> None:
    """So many bytes are free where the PBX captures audio."""
    low = _below(room, state.spool_low, state.spool_is_low)
    full = _below(room, state.spool_full, state.spool_is_full)
    if full and not state.spool_is_full:
        detail = f"{room >> 20} MB free: who must be recorded is not called"
        alarms.begins(state, turn, "spool_full", "spool", detail)
    elif low and not state.spool_is_low:
        alarms.begins(state, turn, "spool_low", "spool", f"{room >> 20} MB free")
    for kind, on in (("spool_full", full), ("spool_low", low)):
        if not on:
            alarms.over(state, turn, kind, "spool")
    state.spool_is_low, state.spool_is_full = low, full


def _below(room: int, limit: int, before: bool) -> bool:
    return room < (limit * AGAIN if before else limit)


def bars(state: FloorState, campaign: Campaign) -> bool:
    """Whether its calls must be recorded and cannot be. Calls that go on are left alone."""
    return state.spool_is_full and campaign.settings.record and campaign.settings.record_or_no_call
