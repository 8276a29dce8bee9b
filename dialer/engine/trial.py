"""A command is tried: where its handler fails, floor and turn stand as they were before it."""

from collections import deque
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import fields
from typing import Any

from dialer.engine.rooms.calls import Live
from dialer.engine.rooms.index import is_index
from dialer.engine.state import FloorState, Shown, Turn, rooms
from dialer.ports import Command

_HOLDERS = (dict, set, list, deque)
_KEPT = frozenset({"seen_commands", "learners", "tallies", "heard", "dialled"})
"""What a command may leave behind: that it came, and what was learnt."""


class Trial:
    """What there was. Cheap: containers are copied, and of their contents the calls and card concerned."""

    def __init__(self, state: FloorState, turn: Turn, command: Command) -> None:
        self._rooms = rooms(state)
        self._owners: Sequence[Any] = (state, turn, *self._rooms)
        self._held = [_contents(owner) for owner in self._owners]
        self._touched = [(one, _parts(one)) for one in _concerned(state, command)]

    def undo(self) -> None:
        """As if the command had not come."""
        for owner, held in zip(self._owners, self._held, strict=True):
            for name, value in held.items():
                setattr(owner, name, value)
        for one, parts in self._touched:
            for name, value in parts.items():
                setattr(one, name, value)
        for room in self._rooms:
            room.reindex()


def _contents(owner: Any) -> dict[str, Any]:
    held = {
        part.name: getattr(owner, part.name)
        for part in fields(owner)
        if part.name not in _KEPT and not is_index(part)
    }
    return {name: copy(value) if isinstance(value, _HOLDERS) else value for name, value in held.items()}


def _parts(one: Live | Shown) -> dict[str, Any]:
    return {part.name: getattr(one, part.name) for part in fields(one)}


def _concerned(state: FloorState, command: Command) -> Iterator[Live | Shown]:
    """The call and the card of whoever asks, and the call that is asked about."""
    request, agent = command.request, state.agents.get(command.actor_id)
    own = agent.call_id if agent is not None else None
    about = {call_id for call_id in (getattr(request, "call_id", None), own) if call_id is not None}
    yield from (live for call_id in about if (live := state.calls.get(call_id)) is not None)
    if (wrapping := state.wrapping.get(command.actor_id)) is not None:
        yield wrapping
    if (shown := state.previews.get(command.actor_id)) is not None:
        yield shown
