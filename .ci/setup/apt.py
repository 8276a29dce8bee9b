"""Debian packages without root: a private apt state over the machine's own sources, keys and settings."""

import os
import pwd
import shutil
import time
from pathlib import Path

from work import SetupFailed, found, run, say

LISTS_ARE_FRESH_FOR = 24 * 3600.0  # seconds
NEEDS = "A Debian or Ubuntu machine with apt is needed for this step."


class PrivateApt:
    """apt that downloads into a folder of ours and never touches the machine's state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archives = folder / "archives"
        self._options = [
            f"-oDir::State={folder / 'state'}",
            "-oDir::State::status=/var/lib/dpkg/status",
            f"-oDir::Cache={folder}",
            f"-oDir::Cache::archives={self.archives}",
            f"-oDir::Log={folder}",
            f"-oAPT::Sandbox::User={pwd.getpwuid(os.geteuid()).pw_name}",
            "-oDebug::NoLocking=true",
            "-oAcquire::Retries=3",
            "-oAcquire::Check-Valid-Until=false",
            "-qq",
        ]

    def update(self) -> None:
        """Fetch the package lists unless they are fresh."""
        if not found("apt-get"):
            raise SetupFailed(f"apt-get is not here. {NEEDS}")
        lists = self.folder / "state" / "lists"
        for needed in (lists / "partial", self.archives / "partial"):
            needed.mkdir(parents=True, exist_ok=True)
        stamp = self.folder / "updated"
        if stamp.is_file() and 0 <= _age(stamp) < LISTS_ARE_FRESH_FOR:
            return
        say("reading the package lists (private apt state)")
        # Hooks of the machine's apt expect root; they belong to its own state, not to ours.
        run(["apt-get", *self._options, "-oAPT::Update::Post-Invoke=", "update"], env=_plain_locale())
        stamp.touch()

    def closure(self, *packages: str) -> list[Path]:
        """Download packages with all that this machine lacks for them; return the .deb files."""
        return self._fetch(["install", "--download-only", "--yes", "--no-install-recommends", *packages])

    def single(self, package: str) -> Path:
        """Download one package without what it depends on."""
        self._fetch(["download", package])
        hits = sorted(self.archives.glob(f"{package}_*.deb"))
        if not hits:
            raise SetupFailed(f"apt-get offered no {package}. {NEEDS}")
        return hits[-1]

    def _fetch(self, command: list[str]) -> list[Path]:
        self.update()
        for old in self.archives.glob("*.deb"):
            old.unlink()
        run(["apt-get", *self._options, *command], cwd=self.archives, env=_plain_locale(), cure=NEEDS)
        return sorted(self.archives.glob("*.deb"))


def unpack(debs: list[Path], target: Path) -> None:
    """Unpack packages into a folder that appears only when it is complete."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for deb in debs:
        run(["dpkg-deb", "--extract", deb, fresh])
    shutil.rmtree(target, ignore_errors=True)
    fresh.replace(target)


def install_as_root(*packages: str) -> None:
    """Install packages into the machine; only root may."""
    env = {**_plain_locale(), "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "-qq", "-oAcquire::Retries=3", "-oDPkg::Lock::Timeout=120", "update"], env=env)
    options = ["-oAcquire::Retries=3", "-oDPkg::Lock::Timeout=120"]
    run(["apt-get", "-qq", *options, "install", "--yes", "--no-install-recommends", *packages], env=env)


def _age(path: Path) -> float:
    return time.clock_gettime(time.CLOCK_REALTIME) - path.stat().st_mtime


def _plain_locale() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8"}
