"""Waits for a condition with a deadline: the only way a test here waits."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(ask: Callable[[], T], limit: float = 20.0, told: Callable[[], str] = lambda: "") -> T:
    """The first true answer; fails after `limit` seconds with what `told` says."""
    end = time.monotonic() + limit
    while not (answer := ask()):
        assert time.monotonic() < end, f"not true within {limit} s {told()}"
        time.sleep(0.03)
    return answer
