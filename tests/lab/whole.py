"""The whole product as a user starts it: `cadencia demo` in a folder of its own, looked at from outside."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import asyncpg
import httpx

from dialer.cli.demo import PASSWORD
from sip_lab import truth
from sip_lab.truth import CallTruth
from tests.lab.eventually import eventually
from tests.lab.lab_process import change_mix, processes_naming, treat_trunk


class Whole:
    """A running demo; every question is asked of its database, its API, its carrier or its files."""

    program: ClassVar[Sequence[str]] = ("dialer", "demo", "--once", "--no-start", "--port", "0")

    def __init__(self, *options: str) -> None:
        self.state = Path(tempfile.mkdtemp(prefix="cadencia-whole-"))
        self.state.chmod(0o755)
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(timeout=20)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", *self.program, "--state", str(self.state / "demo"), *self._options]
        with (self.state / "demo.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self._is_up, 240, self.log)
        self.http.base_url = httpx.URL(self.web)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()
        if kind is not None:
            sys.stdout.write(self.log())
        self.stop()
        shutil.rmtree(self.state, ignore_errors=True)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)

    def left_behind(self) -> list[int]:
        """Processes that still name our folder."""
        return processes_naming(str(self.state))

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the demo ended while starting:\n{self.log()}")
        return "is calling" in self.log()

    def log(self) -> str:
        """All that the demo and its processes said."""
        parts = [self.state / "demo.log", *sorted((self.state / "demo").glob("*.log"))]
        return "\n".join(f"== {part.name}\n{part.read_text('utf-8', 'replace')[-6000:]}" for part in parts)

    # --- where things are

    @property
    def env(self) -> dict[str, str]:
        """Settings of its processes."""
        lines = (self.state / "demo" / "cadencia.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def web(self) -> str:
        """Address of the consoles."""
        return f"http://127.0.0.1:{self.env['CADENCIA_WEB_PORT']}"

    @property
    def archive(self) -> Path:
        """Folder of the recordings."""
        return Path(self.env["CADENCIA_RECORDINGS_ARCHIVE"])

    @property
    def lab(self) -> dict[str, Any]:
        """lab.json as it is now."""
        facts: dict[str, Any] = json.loads((self.state / "demo" / "lab" / "lab.json").read_text())
        return facts

    def pid(self, child: str) -> int:
        """Process of a role, as it is now."""
        return int(json.loads((self.state / "demo" / "pids.json").read_text())[child])

    def kill(self, pid: int) -> None:
        """kill -9."""
        os.kill(pid, signal.SIGKILL)

    def mix(self, mix: str) -> None:
        """Has the carrier draw behaviours from another mix from now on."""
        change_mix(self.state / "demo" / "lab", mix)

    def trunk(self, treated: str) -> None:
        """Breaks a trunk or mends it from the next call on, such as carrier=congestion, carrier=works."""
        treat_trunk(self.state / "demo" / "lab", treated)

    def cadencia(self, *words: str) -> str:
        """Runs a command on its database, as an operator does; what it said."""
        command = [sys.executable, "-m", "dialer", *words]
        answer = subprocess.run(
            command, env={**os.environ, **self.env}, capture_output=True, text=True, check=False, timeout=60
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    # --- what happened

    def truth(self) -> list[CallTruth]:
        """What the carrier and the called people saw."""
        return truth.read(Path(self.lab["truth_path"]))

    async def rows(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """What the database says."""
        connection = await asyncpg.connect(self.env["CADENCIA_DATABASE_URL"])
        try:
            found: list[asyncpg.Record] = await connection.fetch(sql, *values)
            return found
        finally:
            await connection.close()

    # --- the supervisor

    def login(self, login: str = "supervisor") -> None:
        """Log in; the CSRF token goes with everything from now on."""
        answer = self.http.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        self.http.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]

    def set(self, **settings: Any) -> None:
        """Change the campaign's settings, live."""
        campaign = self.http.get("/api/v1/campaigns/1").raise_for_status().json()
        version = f'"{campaign["settings_version"]}"'
        body = {"settings": settings, "reason": "test"}
        self.http.patch("/api/v1/campaigns/1", json=body, headers={"If-Match": version}).raise_for_status()

    def campaign(self, verb: str) -> None:
        """start, pause or stop."""
        self.http.post(f"/api/v1/campaigns/1/{verb}", json={"reason": "test"}).raise_for_status()


def numbers(calls: Sequence[CallTruth]) -> dict[str, int]:
    """How often the carrier was asked for each number."""
    counts: dict[str, int] = {}
    for call in calls:
        counts[call.number] = counts.get(call.number, 0) + 1
    return counts
