"""Commands to the engine, each with an id of its own so that a repeated one is taken once."""

from uuid import uuid4

from dialer.model.commands import Request
from dialer.ports import Command


def new_command(request: Request, actor_id: int, *, page: str = "") -> Command:
    """A command ready to send."""
    return Command(request, actor_id, session=page, id=uuid4().hex)
