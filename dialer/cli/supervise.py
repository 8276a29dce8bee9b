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

Say = Callable[[str], None]
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 5.0
_HEALTHY = 10.0
"""A child that lived this long in seconds starts its back-off anew."""
_TERM_LIMIT = 15.0
"""Seconds between SIGTERM and SIGKILL."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where its output goes; None = ours."""


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, however it dies (Linux prctl)."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def cadencia(*words: str) -> list[str]:
    """Command line that runs this same program."""
    return [sys.executable, "-m", "dialer", *words]


class ProcessSupervisor:
    """A few children under one roof; `pids_file` always tells who lives, for operators and tests."""

    def __init__(self, say: Say, pids_file: Path | None = None) -> None:
        self._say, self._pids_file = say, pids_file
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def keep(self, children: Sequence[Child]) -> None:
        """Run all until cancelled; then end them, last started first."""
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
            self._say(f"{child.name} ended with {code}; starting it again")
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
                preexec_fn=die_with_parent,
            )
        finally:
            if out is not None:
                out.close()
        self._running[child.name] = process
        self._write_pids()
        return process

    def _write_pids(self) -> None:
        if self._pids_file is None:
            return
        pids = {name: process.pid for name, process in self._running.items()}
        fresh = self._pids_file.with_suffix(".new")
        fresh.write_text(json.dumps(pids))
        fresh.rename(self._pids_file)

    async def _end_all(self) -> None:
        alive = [process for process in self._running.values() if process.returncode is None]
        for process in reversed(alive):
            process.terminate()
        for process in alive:
            try:
                async with asyncio.timeout(_TERM_LIMIT):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
