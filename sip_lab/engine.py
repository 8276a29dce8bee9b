"""The Docker engine that containers run on: a developer's own where one answers, else ours for a while."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sip_lab import own_engine
from sip_lab.errors import LabError, NoEngine
from sip_lab.packages import Say


class Engine:
    """A client of one engine; `ours` says that we started it, and that it knows no registry."""

    def __init__(self, environment: Mapping[str, str], *, ours: bool) -> None:
        """Nothing is asked yet."""
        self.environment = dict(environment)
        self.ours = ours

    def answers(self) -> bool:
        """Is an engine there?"""
        if shutil.which("docker") is None:
            return False
        try:
            return self.run("info", check=False, limit=own_engine.PATIENCE).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def has(self, image: str) -> bool:
        """Does it hold an image?"""
        return self.run("image", "inspect", image, check=False).returncode == 0

    def run(
        self,
        *words: str,
        check: bool = True,
        text: str = "",
        extra: Mapping[str, str] | None = None,
        folder: Path | None = None,
        limit: float | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """One command of the client; LabError with what it said when it failed. `limit` in seconds."""
        done = subprocess.run(
            ["docker", *words],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env={**self.environment, **(extra or {})},
            cwd=folder,
            timeout=limit,
            preexec_fn=own_engine.unblocked,
        )
        if check and done.returncode:
            told = f"{done.stdout[-800:]}\n{done.stderr[-1500:]}".strip()
            raise LabError(f"docker {' '.join(words[:3])} failed:\n{told}")
        return done


@contextmanager
def running(say: Say) -> Iterator[Engine]:
    """An engine while the block lasts; raises NoEngine. The last to leave ends one that we started."""
    engine, hold = use(say)
    try:
        yield engine
    finally:
        if hold is not None:
            hold.release(say)


def use(say: Say) -> tuple[Engine, own_engine.Hold | None]:
    """An engine, and our hold on it if it is of our own making."""
    theirs = Engine(os.environ, ours=False)
    if theirs.answers():
        return theirs, None
    if os.geteuid() != 0:
        raise NoEngine(
            "no Docker engine answers: start one, or run this as root on Debian to have one started"
        )
    own_engine.have_programs(say)
    hold = own_engine.take(say)
    return Engine({**os.environ, **own_engine.address()}, ours=True), hold
