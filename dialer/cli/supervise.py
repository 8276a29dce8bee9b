"""Keeps child processes alive: starts them, restarts the ones that die, ends them all. Owns nothing else."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dialer.time_limit import time_limit

Say = Callable[[str], None]
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 5.0
_HEALTHY = 10.0
"""A child that lived this long in seconds starts its back-off anew."""
TERM_LIMIT = 15.0
"""Seconds between SIGTERM and SIGKILL, beside what a child has to drain."""
UNFIT = 78
"""Exit code (EX_CONFIG) of a child that cannot run as things are: starting it again is no cure."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where its output goes; None = ours."""
    drain: float = 0.0
    """Seconds it may take to end its work. It is ended before the others, on which that work leans."""

    @property
    def told(self) -> str:
        """Where it says what is wrong with it."""
        return "above" if self.log is None else str(self.log)


def dying_with_us() -> Callable[[], None]:
    """For preexec_fn: asks the kernel for SIGTERM when we die, however we die (Linux prctl)."""
    us = os.getpid()

    def ask() -> None:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != us:
            os.kill(os.getpid(), signal.SIGTERM)  # we had died before the kernel heard the wish

    return ask


def cadencia(*words: str) -> list[str]:
    """Command line that runs this same program."""
    return [sys.executable, "-m", "dialer", *words]


@dataclass(frozen=True, slots=True)
class _Running:
    child: Child
    process: asyncio.subprocess.Process


class ProcessSupervisor:
    """A few children under one roof; `pids_file` always tells who lives, for operators and tests."""

    def __init__(self, say: Say, pids_file: Path | None = None, *, term_limit: float = TERM_LIMIT) -> None:
        self._say, self._pids_file, self._term_limit = say, pids_file, term_limit
        self._running: dict[str, _Running] = {}

    async def keep(self, children: Sequence[Child]) -> None:
        """Run all until cancelled; then end them, those first that have work to end."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in children:
                    tasks.create_task(self._keep_one(child))
        finally:
            await self._end_all()

    async def _keep_one(self, child: Child) -> None:
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
        while True:
            began = loop.time()
            process = await self._start(child)
            code = await process.wait()
            if code == UNFIT:
                self._say(f"{child.name} cannot run as things are, see {child.told}; it is not started again")
                return
            self._say(f"{child.name} ended with {code}, see {child.told}; starting it again")
            pause = _FIRST_PAUSE if loop.time() - began > _HEALTHY else min(pause * 2, _LAST_PAUSE)
            await asyncio.sleep(pause)

    async def _start(self, child: Child) -> asyncio.subprocess.Process:
        out = child.log.open("ab") if child.log is not None else None
        try:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                env={**os.environ, **child.env},
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=dying_with_us(),
            )
        finally:
            if out is not None:
                out.close()
        self._running[child.name] = _Running(child, process)
        self._write_pids()
        return process

    def _write_pids(self) -> None:
        if self._pids_file is None:
            return
        pids = {name: running.process.pid for name, running in self._running.items()}
        fresh = self._pids_file.with_suffix(".new")
        fresh.write_text(json.dumps(pids))
        fresh.rename(self._pids_file)

    async def _end_all(self) -> None:
        alive = [running for running in self._running.values() if running.process.returncode is None]
        await self._end([running for running in alive if running.child.drain])
        await self._end([running for running in alive if not running.child.drain])

    async def _end(self, group: Sequence[_Running]) -> None:
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        for running in group:
            if running.process.returncode is None:
                running.process.terminate()
        for running in group:
            limit = running.child.drain + self._term_limit
            await self._ended(running, asked_at + limit - loop.time())

    async def _ended(self, running: _Running, limit: float) -> None:
        """Wait for one that was asked to end; it has its time, and no more."""
        try:
            async with time_limit(limit):
                await running.process.wait()
        except TimeoutError:
            self._say(f"{running.child.name} does not end; killed")
            running.process.kill()
            await running.process.wait()
