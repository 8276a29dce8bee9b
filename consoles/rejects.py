"""Rejected rows of an import, to be fetched once. In memory: they are personal data, nobody's archive."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

KEEP = timedelta(hours=1)
MAX_FILES = 16
"""Files kept at once; the oldest goes first."""
MAX_BYTES = 16 * 1024 * 1024
"""Largest file kept; the rest is cut at a line."""


@dataclass(frozen=True, slots=True)
class _File:
    owner_id: int
    until: datetime
    content: bytes


class RejectShelf:
    """Holds a few files for an hour, each for its owner, until it was given."""

    def __init__(self) -> None:
        """Empty."""
        self._files: OrderedDict[str, _File] = OrderedDict()

    def put(self, content: bytes, owner_id: int, now: datetime) -> str:
        """Keep a file; returns the token to fetch it by."""
        self._expire(now)
        if len(content) > MAX_BYTES:
            content = content[: content.rfind(b"\n", 0, MAX_BYTES) + 1]
        token = secrets.token_urlsafe(24)
        self._files[token] = _File(owner_id, now + KEEP, content)
        if len(self._files) > MAX_FILES:
            self._files.popitem(last=False)
        return token

    def look(self, token: str, owner_id: int, now: datetime) -> bytes | None:
        """The file, for its owner; it stays until it is dropped."""
        self._expire(now)
        file = self._files.get(token)
        return file.content if file is not None and file.owner_id == owner_id else None

    def drop(self, token: str) -> None:
        """It was given."""
        self._files.pop(token, None)

    def _expire(self, now: datetime) -> None:
        while self._files and next(iter(self._files.values())).until <= now:
            self._files.popitem(last=False)
