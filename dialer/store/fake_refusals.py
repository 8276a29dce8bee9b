"""What Postgres refuses to hold, refused by the store in memory, too."""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from dialer.exceptions import CommitRefused
from dialer.model.alarm import Alarm
from dialer.ports import EngineCommit, SetAside
from portfolio.plain_text import MAX_NUMBER

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHORT = frozenset({"cause", "calls", "version"})
"""Columns of 32 bits."""
_DATES, _END_OF_TIME = frozenset({"callback_at", "promise_on"}), "2200"
"""What Postgres bounds by a check."""
_MAX_SHORT = 2**31 - 1


def refuse_unstorable(value: object) -> None:
    """Raise CommitRefused for a text with NUL or half a character, or a number too large for its column."""
    for name, part in _parts("", value):
        if isinstance(part, str) and _UNSTORABLE.search(part):
            raise CommitRefused(f"{name}: a character that no text has")
        limit = _MAX_SHORT if name in _SHORT else MAX_NUMBER
        if name in _DATES and str(part) >= _END_OF_TIME and part is not None:
            raise CommitRefused(f"{name}: a date that nobody can bear")
        if isinstance(part, int) and not -limit - 1 <= part <= limit:
            raise CommitRefused(f"{name}: out of range")


def refuse_strangers(commit: EngineCommit, agents: Set[int]) -> None:
    """Raise CommitRefused where somebody is named who is no agent."""
    people = [change.agent_id for change in commit.agents] + [mark.actor_id for mark in commit.marks]
    if strangers := set(people) - agents:
        raise CommitRefused(f"no such agents: {strangers}")


def alarm_of(record: SetAside, at: datetime) -> Alarm:
    """What is told of a record in quarantine."""
    return Alarm("quarantined", f"{record.kind} {record.subject}".strip(), record.error, at)


def _parts(name: str, value: Any) -> Iterator[tuple[str, object]]:
    """Every text and number in a record, with the name of its field."""
    if is_dataclass(value):
        for part in fields(value):
            yield from _parts(part.name, getattr(value, part.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield name, key
            yield from _parts(name, inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _parts(name, inner)
    else:
        yield name, value
