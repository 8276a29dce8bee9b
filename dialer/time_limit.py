"""A bound on waiting that also holds while a cancelled task cleans up behind itself.

`asyncio.timeout` of Python 3.11.2, which is Debian 12's own, lets CancelledError through instead of
TimeoutError where the task had been cancelled before (cpython issue 102780, mended in 3.11.3): a clean-up
then skips whatever it would do about the lateness, such as a kill.
"""

import asyncio
from types import TracebackType


class time_limit:
    """`async with time_limit(2.0):` raises TimeoutError when the body takes longer.

    Whoever else cancels the task meanwhile is obeyed as ever.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._late = max(0.0, seconds), False

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelled_before = task, task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._end)

    def _end(self) -> None:
        self._late = True
        self._task.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._late and self._task.uncancel() <= self._cancelled_before:
            if kind is not None and issubclass(kind, asyncio.CancelledError):
                raise TimeoutError from error
