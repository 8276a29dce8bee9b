"""A cancellation that a library forgot is not forgotten by us."""

import asyncio

import pytest

from dialer.store.streams import heed_cancellation


async def _swallows() -> None:
    """What asyncio.wait_for of Python 3.11 does when result and cancellation come at once."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


async def test_a_swallowed_cancellation_ends_the_task_all_the_same() -> None:
    async def loops() -> None:
        while True:
            await _swallows()
            heed_cancellation()

    task = asyncio.ensure_future(loops())  # noqa: TID251 - the test is the owner, and awaits it below
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_who_was_not_asked_to_end_goes_on() -> None:
    heed_cancellation()
