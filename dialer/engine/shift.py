"""Moves every instant that the engine holds when the wall clock was set: ages and waits stay as they are."""

from collections import deque
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

AGREED = frozenset({"campaigns", "trunks", "callbacks", "learners", "card", "lead", "counts", "refused"})
"""Fields whose instants are of the world, not of our clock: callbacks, calling hours, past results."""


def shifted(value: Any, step: timedelta, done: dict[int, object] | None = None) -> Any:
    """The same with every instant moved; what can be changed in place is, once however often it is met."""
    done = {} if done is None else done
    if isinstance(value, datetime):
        return value + step
    if isinstance(value, dict | list | deque) or (is_dataclass(value) and not _frozen(value)):
        if id(value) not in done:
            done[id(value)] = value
            _in_place(value, step, done)
        return value
    if isinstance(value, tuple):
        moved = tuple(shifted(item, step, done) for item in value)
        return moved if any(new is not old for new, old in zip(moved, value, strict=True)) else value
    return _frozen_shifted(value, step, done) if is_dataclass(value) else value


def _frozen(value: object) -> bool:
    return bool(cast(Any, type(value)).__dataclass_params__.frozen)


def _in_place(value: Any, step: timedelta, done: dict[int, object]) -> None:
    match value:
        case dict():
            for key in value:
                value[key] = shifted(value[key], step, done)
        case list() | deque():
            for place, item in enumerate(value):
                value[place] = shifted(item, step, done)
        case _:
            for part in fields(value):
                if part.name not in AGREED:
                    setattr(value, part.name, shifted(getattr(value, part.name), step, done))


def _frozen_shifted(value: Any, step: timedelta, done: dict[int, object]) -> Any:
    changes = {}
    for part in fields(cast(Any, value)):
        if part.init and part.name not in AGREED:
            before = getattr(value, part.name)
            after = shifted(before, step, done)
            if after is not before:
                changes[part.name] = after
    return replace(cast(Any, value), **changes) if changes else value
