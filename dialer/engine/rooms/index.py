"""How a room says which of its fields are derived of the others."""

from collections.abc import Mapping
from dataclasses import Field
from typing import Any, Protocol

INDEX: Mapping[str, bool] = {"index": True}
"""Metadata of a field that `reindex()` can derive anew: nobody keeps a copy of it."""


def is_index(part: "Field[Any]") -> bool:
    """Whether a field is derived of the others."""
    return bool(part.metadata.get("index"))


class Room(Protocol):
    """What owns a part of the floor."""

    def reindex(self) -> None:
        """Derive everything anew that is derived."""
        ...
