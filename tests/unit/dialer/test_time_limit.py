"""The bound on waiting, above all where the standard library's fails: in the clean-up of a cancelled task.

`make system-python` runs this on Debian 12's own 3.11.2, where `asyncio.timeout` fails the second test.
"""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from dialer.time_limit import time_limit

NEVER = 3600.0


async def test_what_takes_too_long_is_ended_with_timeout_error() -> None:
    with pytest.raises(TimeoutError):
        async with time_limit(0.01):
            await _for_ever()
    assert _asked_to_end() == 0


async def test_it_holds_in_the_clean_up_of_a_cancelled_task() -> None:
    said: list[str] = []

    async def work() -> None:
        try:
            await _for_ever()
        finally:
            try:
                async with time_limit(0.01):
                    await _for_ever()
            except TimeoutError:
                said.append("too late")

    assert await _cancelled(work) is True
    assert said == ["too late"]


async def test_who_cancels_in_time_is_obeyed() -> None:
    async def work() -> None:
        async with time_limit(NEVER):
            await _for_ever()

    assert await _cancelled(work) is True


async def test_a_body_that_is_quick_enough_is_left_alone() -> None:
    async with time_limit(NEVER):
        await asyncio.sleep(0)
    assert _asked_to_end() == 0


async def test_an_error_of_the_body_comes_through() -> None:
    with pytest.raises(LookupError):
        async with time_limit(NEVER):
            raise LookupError


async def test_no_time_at_all_still_gives_what_is_there_at_once() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(7)
    async with time_limit(0.0):
        assert await queue.get() == 7


async def test_the_inner_of_two_limits_is_the_one_that_strikes() -> None:
    async with time_limit(NEVER):
        with pytest.raises(TimeoutError):
            async with time_limit(0.01):
                await _for_ever()
        assert _asked_to_end() == 0


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _cancelled(work: Callable[[], Coroutine[None, None, None]]) -> bool:
    """Start it, let it come to its wait, cancel it; whether it ended as cancelled."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    return task.cancelled()


def _asked_to_end() -> int:
    task = asyncio.current_task()
    assert task is not None
    return task.cancelling()
