"""The demo's folder: emptied for a new demo, never while another one lives there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.cli.demo import DemoFailed, DemoOptions, demo, empty


def _used_by(state: Path, pid: int) -> Path:
    """What a demo leaves in its folder while it runs; a file of it."""
    (state / "lab").mkdir(parents=True)
    told = state / "lab" / "lab.json"
    told.write_text(json.dumps({"supervisor_pid": pid}))
    return told


def _dead_pid() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


async def test_a_second_demo_leaves_the_first_alone(tmp_path: Path) -> None:
    told = _used_by(tmp_path, os.getpid())
    said: list[str] = []
    with pytest.raises(DemoFailed, match=f"already runs in {tmp_path}; end it or use --state"):
        await demo(DemoOptions(state=tmp_path), said.append)
    assert told.exists()
    assert said == []


def test_what_a_dead_demo_left_is_removed(tmp_path: Path) -> None:
    _used_by(tmp_path, _dead_pid())
    empty(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_half_started_demo_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "engine.log").write_text("")
    empty(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    empty(tmp_path / "new" / "one")
    assert (tmp_path / "new" / "one").is_dir()
