"""Alarms of what lasts: raised when it begins, over when it ends, also when an earlier engine raised them."""

from dialer.engine.state import FloorState, Turn
from dialer.model.orders import DIALPLAN


def begins(state: FloorState, turn: Turn, kind: str, subject: str, detail: str) -> None:
    """Something is wrong from now on, also when this turn found it well before."""
    state.settled.discard((kind, subject))
    if (kind, subject) in turn.alarms_over:
        # The store writes what begins before what is over: the end would come after.
        turn.alarms_over.remove((kind, subject))
    turn.alarms.append((kind, subject, detail))


def over(state: FloorState, turn: Turn, kind: str, subject: str) -> None:
    """It is known to be well; the store keeps since when. Told once after our start and after each alarm.

    Where no alarm is open there is nothing to end.
    """
    if state.open_alarms + len(turn.alarms) and (kind, subject) not in state.settled:
        state.settled.add((kind, subject))
        turn.alarms_over.append((kind, subject))


def settle(state: FloorState, turn: Turn) -> None:
    """How many are open was just read: end what is well by now, whoever raised it."""
    well = {
        ("pbx_link_down", "pbx"): state.pbx_up,
        ("dialplan_version", "pbx"): state.dialplan == DIALPLAN,
        ("detector_down", "progress"): state.ears_up,
    }
    for (kind, subject), is_well in well.items():
        if is_well:
            over(state, turn, kind, subject)
