"""What waits to be sent to one page: bounded, newest wins. Pure but for JSON."""

from collections import deque
from dataclasses import dataclass, field

import orjson
from pydantic import BaseModel

from agent_ws.floor import FloorBody, FloorPicture

MAX_NOTES = 64
"""Small messages (refused, ping, link) that may wait; one more and the page is too slow."""


@dataclass(slots=True)
class Outbox:
    """At most one agent view, one merged floor and a few notes, however slow the page is."""

    notes: deque[str] = field(default_factory=deque)
    view: str | None = None
    floor: FloorPicture | None = None
    floor_text: str | None = None
    """The floor frame as received, while only one waits: encoded once for all supervisors."""
    coalesced: int = 0
    """Messages that a newer one replaced."""

    def add_note(self, message: BaseModel) -> bool:
        """Queue a small message; False when too many wait."""
        if len(self.notes) >= MAX_NOTES:
            return False
        self.notes.append(message.model_dump_json())
        return True

    def add_view(self, text: str) -> None:
        """Queue the newest agent view; an older one that still waits is not sent."""
        self.coalesced += self.view is not None
        self.view = text

    def add_floor(self, body: FloorBody, text: str) -> None:
        """Queue a floor frame, merged with one that still waits."""
        if self.floor is None:
            self.floor = FloorPicture()
            self.floor_text = text
        else:
            self.coalesced += 1
            self.floor_text = None
        self.floor.lay(body)

    def take(self) -> list[str]:
        """Everything that waits, oldest kind first; empties the box."""
        texts = list(self.notes)
        self.notes.clear()
        if self.view is not None:
            texts.append(self.view)
        if self.floor is not None:
            texts.append(self.floor_text or encode({"type": "floor", **self.floor.body()}))
        self.view = self.floor = self.floor_text = None
        return texts


def encode(body: FloorBody) -> str:
    """JSON text of a frame's body."""
    return orjson.dumps(body).decode()
