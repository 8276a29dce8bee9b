"""How a process is told to end, and ends even when something hangs."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

_log = structlog.get_logger("cadencia")

END_LIMIT = 12.0
"""Seconds that closing may take; less than a service manager or `cadencia run` waits before it kills."""


@asynccontextmanager
async def stop_signals(limit: float | None = END_LIMIT) -> AsyncIterator[asyncio.Event]:
    """An event that the first SIGTERM or SIGINT sets. Whatever hangs then, the process lives `limit` seconds
    longer at most; None = its owner sees to that."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        if limit is not None and not stop.is_set():
            _give_up_after(limit)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _give_up_after(seconds: float) -> None:
    # A thread, because what hangs may be the loop, or the threads that Python waits for at the end.
    timer = threading.Timer(seconds, _give_up)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    _log.error("role.hangs", cure="killed; the next one takes over")
    os._exit(1)
