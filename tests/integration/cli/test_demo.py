"""The demo's folder and ports: nobody takes them from a demo that lives, or that is about to."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.cli.demo import DemoFailed, DemoOptions, demo, empty
from dialer.cli.demo_ports import Held, last_port


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


def _listening(port: int = 0) -> socket.socket:
    """Somebody else on this machine has a port."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers of asyncio do
    taken.bind(("127.0.0.1", port))
    taken.listen()
    return taken


def test_the_port_is_the_same_after_a_restart_although_connections_still_close() -> None:
    server = _listening()
    port = int(server.getsockname()[1])
    client = socket.create_connection(("127.0.0.1", port))
    accepted, _ = server.accept()
    # Who closes first waits on the port for a minute (TIME_WAIT), as the demo's server does after Ctrl-C.
    accepted.close()
    client.close()
    server.close()
    with Held() as held:
        assert held.port(port, None) == port


def test_a_taken_port_gives_the_next_and_that_one_is_kept(tmp_path: Path) -> None:
    with _listening() as other:
        wanted = int(other.getsockname()[1])
        said: list[str] = []
        with Held() as held:
            found = held.port(wanted, None, said.append)
        assert wanted < found <= wanted + 20
        assert said == [f"port {wanted} is taken by another program: taking {found}"]
    (tmp_path / "port").write_text(f"{wanted} {found}")
    assert last_port(tmp_path, wanted) == found
    with Held() as held:
        assert held.port(wanted, last_port(tmp_path, wanted)) == found


def test_two_demos_that_start_together_take_different_ports() -> None:
    """Neither has bound its port yet: that takes until its database is filled."""
    with _listening() as other:
        wanted = int(other.getsockname()[1])
    said: list[str] = []
    with Held() as first, Held() as second:
        had = first.port(wanted, None)
        found = second.port(wanted, None, said.append)
        assert had != found
        assert said == [f"port {wanted} is taken by another program: taking {found}"]
        assert second.port(wanted, before=had) not in (had, found), "nor does a port of old take it away"
    with Held() as third:
        assert third.port(wanted, None) == wanted, "who has ended holds nothing"


HOLDS = """
import sys
from dialer.cli.demo_ports import Held
with Held() as held:
    print(held.port(int(sys.argv[1]), None), flush=True)
    sys.stdin.read()
"""


def _other_demo(wanted: int) -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", HOLDS, str(wanted)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_of_two_processes_too_until_one_is_killed() -> None:
    with _listening() as other:
        wanted = int(other.getsockname()[1])
    with _other_demo(wanted) as first, Held() as second:
        try:
            assert first.stdout is not None
            assert int(first.stdout.readline()) == wanted
            assert second.port(wanted, None) != wanted
        finally:
            first.kill()
    with Held() as third:
        assert third.port(wanted, None) == wanted


def test_ports_of_one_demo_differ_from_each_other_and_from_all_others() -> None:
    with Held() as first, Held() as second:
        ports = [held.any_port() for held in (first, second) for _ in range(50)]
    assert len(set(ports)) == 100


async def test_a_demo_that_is_about_to_start_keeps_its_folder(tmp_path: Path) -> None:
    (tmp_path / "engine.log").write_text("of the first, whose laboratory is not up yet")
    with Held() as first:
        first.folder(tmp_path)
        with pytest.raises(DemoFailed, match="already runs"):
            await demo(DemoOptions(state=tmp_path), lambda _line: None)
    assert (tmp_path / "engine.log").exists()


def test_who_asks_for_another_port_gets_it(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8000 8003")
    assert last_port(tmp_path, 9000) is None
    assert last_port(tmp_path / "never", 8000) is None
