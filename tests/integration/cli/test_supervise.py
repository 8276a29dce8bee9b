"""`cadencia run` over real processes: all end in time, the one with work to end first, none is left behind.

`make system-python` runs this on Debian 12's own Python, too, whose `asyncio.timeout` skipped the kill.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from dialer.cli.supervise import Child, ProcessSupervisor
from tests.eventually import eventually

# Both say in a file of their own that they live; the polite one says there what it saw when asked to end.
_DEAF = """
import signal, sys, pathlib
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text("lives")
while True:
    signal.pause()
"""
_POLITE = """
import json, os, signal, sys, pathlib
told, pids = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
def end(*_):
    try:
        os.kill(json.loads(pids.read_text())["engine"], 0)
        told.write_text("asked to end while the engine worked")
    except ProcessLookupError:
        told.write_text("asked to end after the engine")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
told.write_text("lives")
while True:
    signal.pause()
"""
_FAILS = """
import sys, pathlib
with pathlib.Path(sys.argv[1]).open("a") as told:
    told.write("tried ")
sys.exit({})
"""
_OWNER = """
import asyncio, sys
from pathlib import Path
from dialer.cli.supervise import Child, ProcessSupervisor
child = Child("engine", [sys.executable, "-c", *sys.argv[2:]])
asyncio.run(ProcessSupervisor(print, Path(sys.argv[1])).keep([child]))
"""


class Family:
    """Children that tell in files how they fare."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pids_file = folder, folder / "pids.json"
        self.told: list[str] = []
        """What the supervisor said."""

    def words(self, name: str, program: str) -> list[str]:
        return [program, str(self.folder / name), str(self.pids_file)]

    def child(self, name: str, program: str, drain: float = 0.0) -> Child:
        return Child(name, [sys.executable, "-c", *self.words(name, program)], drain=drain)

    @asynccontextmanager
    async def kept(self, *children: Child, limit: float, beside: Sequence[Child] = ()) -> AsyncIterator[None]:
        """All at work, and ended as Ctrl-C ends them; whatever that leaves is ended for good."""
        supervisor = ProcessSupervisor(self.told.append, self.pids_file, term_limit=limit)
        try:
            async with asyncio.TaskGroup() as tasks:
                keeper = tasks.create_task(supervisor.keep([*children, *beside]))
                await eventually(lambda: all(self.says(child.name) == "lives" for child in children))
                yield
                keeper.cancel()
                await asyncio.wait([keeper])
                self.alive_after = [name for name, pid in self.pids().items() if lives(pid)]
        finally:
            self.end_leftovers()

    def says(self, name: str) -> str:
        told = self.folder / name
        return told.read_text() if told.exists() else ""

    def pids(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.pids_file.read_text())
        return found

    def end_leftovers(self) -> None:
        for pid in self.pids().values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def lives(pid: int) -> bool:
    """Whether a process runs; one that waits for its parent to look does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_child_that_does_not_end_is_killed(tmp_path: Path) -> None:
    family = Family(tmp_path)
    async with family.kept(family.child("engine", _DEAF), limit=0.2):
        assert lives(family.pids()["engine"])
    assert family.alive_after == []


async def test_who_has_work_to_end_is_ended_before_what_it_leans_on(tmp_path: Path) -> None:
    family = Family(tmp_path)
    engine, web = family.child("engine", _DEAF, drain=0.3), family.child("web", _POLITE)
    async with family.kept(engine, web, limit=0.2):
        assert lives(family.pids()["web"])
    assert family.alive_after == []
    assert family.says("web") == "asked to end after the engine"


async def test_work_may_take_its_time(tmp_path: Path) -> None:
    family = Family(tmp_path)
    slow = _POLITE.replace("def end(*_):", "def end(*_):\n    import time; time.sleep(0.5)")
    async with family.kept(family.child("engine", slow, drain=30), limit=0.1):
        assert lives(family.pids()["engine"])
    assert family.says("engine").startswith("asked to end")


async def test_who_cannot_run_is_not_started_again(tmp_path: Path) -> None:
    family = Family(tmp_path)
    engine, archive = family.child("engine", _FAILS.format(78)), family.child("archive", _FAILS.format(1))
    async with family.kept(family.child("web", _POLITE), limit=5.0, beside=[engine, archive]):
        await eventually(lambda: family.says("archive").count("tried") >= 3)
    assert family.says("engine") == "tried "
    assert "engine cannot run as things are, see above; it is not started again" in family.told


async def test_whose_words_go_into_a_file_is_looked_for_there(tmp_path: Path) -> None:
    family = Family(tmp_path)
    engine, log = family.child("engine", _FAILS.format(1)), tmp_path / "engine.log"
    async with family.kept(family.child("web", _POLITE), limit=5.0, beside=[replace(engine, log=log)]):
        await eventually(lambda: bool(family.told))
    assert family.told[0] == f"engine ended with 1, see {log}; starting it again"


async def test_children_are_asked_to_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    family = Family(tmp_path)
    words = family.words("engine", _POLITE)
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", _OWNER, words[2], *words)
    try:
        await eventually(lambda: family.says("engine") == "lives")
        owner.kill()
        await owner.wait()
        await eventually(lambda: not lives(family.pids()["engine"]))
    finally:
        family.end_leftovers()
    assert family.says("engine").startswith("asked to end")
