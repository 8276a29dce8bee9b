"""What people should look at, as a turn of the engine tells it."""

from datetime import datetime
from typing import NamedTuple


class Alarm(NamedTuple):
    """Of one kind, subject and instant it is the same one, however often its turn is written."""

    kind: str
    subject: str
    detail: str
    at: datetime


OF_SETTINGS = ("trunk_open", "caller_id_blocked", "caller_id_not_permitted", "screening_stopped")
"""Kinds about what campaigns name: a trunk, a number, themselves. They end when no campaign does."""
