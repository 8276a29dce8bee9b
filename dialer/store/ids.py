"""Identities of attempts: UUID version 7 (RFC 9562), so that rows of one time lie together in the index."""

import os
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

NewId = Callable[[datetime], UUID]


def uuid7(now: datetime) -> UUID:
    """48 bits of milliseconds since 1970, then 74 bits of chance."""
    millis = int(now.timestamp() * 1000) & (1 << 48) - 1
    chance = int.from_bytes(os.urandom(10), "big")
    high, low = chance >> 68 & 0xFFF, chance & (1 << 62) - 1
    return UUID(int=millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
