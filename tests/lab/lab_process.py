"""Runs `python -m sip_lab` as a black box, and finds what it may have left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.lab.eventually import eventually

Facts = dict[str, Any]


class Lab:
    """One lab in a folder of its own that services of an ordinary user can reach."""

    def __init__(self, *options: str) -> None:
        """Starts it; `options` are those of `sip_lab up`."""
        self.state = Path(tempfile.mkdtemp(prefix="sip-lab-test-"))
        self.state.chmod(0o755)
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Brings the lab up and waits until it is."""
        command = [
            sys.executable,
            "-m",
            "sip_lab",
            "up",
            "--state",
            str(self.state),
            "--fast",
            *self._options,
        ]
        with (self.state / "lab.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self._is_up, 180, self.log)

    def _is_up(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"the lab ended while starting:\n{self.log()}")
        return (self.state / "lab.json").exists()

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._process is not None
        return self._process.pid

    def __getitem__(self, name: str) -> Any:
        """One entry of lab.json as it is now."""
        return self.facts[name]

    @property
    def facts(self) -> Facts:
        """lab.json as it is now: pids change when a service was killed."""
        facts: Facts = json.loads((self.state / "lab.json").read_text())
        return facts

    def mix(self, mix: str) -> None:
        """Has the carrier draw behaviours from another mix from now on."""
        change_mix(self.state, mix)

    def trunk(self, treated: str) -> None:
        """Breaks a trunk or mends it, such as carrier=congestion, carrier=works."""
        treat_trunk(self.state, treated)

    def log(self) -> str:
        """What the supervisor said."""
        return (self.state / "lab.log").read_text()

    def stop(self) -> int:
        """Asks the lab to end, as Ctrl-C does, and waits for it; the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def processes(self) -> list[int]:
        """Every process on this machine whose command line names this lab's folder."""
        return processes_naming(str(self.state))

    def remove(self) -> None:
        """Ends the lab and deletes its folder."""
        self.stop()
        shutil.rmtree(self.state, ignore_errors=True)


def change_mix(state: Path, mix: str) -> None:
    """Runs `sip_lab mix` on the lab of a state folder."""
    _tell(state, "mix", mix)


def treat_trunk(state: Path, treated: str) -> None:
    """Runs `sip_lab trunk` on the lab of a state folder."""
    _tell(state, "trunk", treated)


def _tell(state: Path, command_name: str, what: str) -> None:
    command = [sys.executable, "-m", "sip_lab", command_name, "--state", str(state), what]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert answer.returncode == 0, answer.stderr


def processes_naming(text: str) -> list[int]:
    """Pids of other processes that have a text in their command line; zombies have none."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if text.encode() in line and int(path.parent.name) != os.getpid():
            found.append(int(path.parent.name))
    return found
