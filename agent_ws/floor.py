"""The floor, told in pieces: one picture in the hub, and what a slow screen still has to see. Pure."""

from dataclasses import dataclass, field
from typing import Any

FloorBody = dict[str, Any]
"""The body of a floor frame: agent_ws.messages.FloorView as JSON data."""

_ROWS = ("campaigns", "agents")


@dataclass(slots=True)
class FloorPicture:
    """Floor frames laid over each other, rows by id; serves as the whole picture and as a backlog."""

    head: FloorBody = field(default_factory=dict)
    rows: dict[str, dict[int, Any]] = field(default_factory=lambda: {name: {} for name in _ROWS})

    @property
    def whole(self) -> bool:
        """Whether it shows the whole floor, not only changes."""
        return bool(self.head.get("whole"))

    def missed(self, body: FloorBody) -> bool:
        """Whether something was lost between this picture and the next frame (then a snapshot is needed)."""
        if body["whole"]:
            return False
        return not self.head or (self.head["epoch"], self.head["seq"] + 1) != (body["epoch"], body["seq"])

    def stale(self, body: FloorBody) -> bool:
        """Whether the frame is not newer than this picture (a whole one may repeat the number)."""
        if not self.head:
            return False
        known, new = (self.head["epoch"], self.head["seq"]), (body["epoch"], body["seq"])
        return new < known or (new == known and not body["whole"])

    def lay(self, body: FloorBody) -> None:
        """Take a frame: a whole one replaces everything, others replace their rows."""
        if body["whole"]:
            self.rows = {name: {} for name in _ROWS}
        whole = bool(body["whole"] or self.head.get("whole"))
        for name in _ROWS:
            self.rows[name].update((row["id"], row) for row in body[name])
        self.head = {**body, "whole": whole}

    def body(self) -> FloorBody:
        """One frame that says it all."""
        return {**self.head, **{name: list(self.rows[name].values()) for name in _ROWS}}
