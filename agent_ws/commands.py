"""Commands to the engine, each with an id of its own so that a repeated one is taken once."""

from typing import Any
from uuid import uuid4

from dialer.ports import Command


def new_command(kind: str, actor_id: int, body: dict[str, Any] | None = None, *, page: str = "") -> Command:
    """A command ready to send; kinds and bodies are in docs/reference/bus.md."""
    return Command(kind=kind, actor_id=actor_id, session=page, body=body or {}, id=uuid4().hex)
