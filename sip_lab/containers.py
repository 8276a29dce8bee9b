"""Runs a lab's services in containers: the same commands on the same configuration, on the host's network.

Each container sees the state folder at its own path, and its first process is the service itself: kill the
pid of lab.json, and the container dies. The supervisor keeps the client that started it, which lives as long.
"""

import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sip_lab import images, packages, voices
from sip_lab.engine import Engine
from sip_lab.packages import Say
from sip_lab.plan import Plan
from sip_lab.rootfs import ImageRootfs, Rootfs
from sip_lab.services import FILES, Commands, Service
from sip_lab.shares import shares

POSTGRES, VALKEY = Path("/opt/postgresql"), Path("/usr/bin/valkey-server")
"""Where the image of the stores has them."""
_IMAGES = {
    "pbx": images.ASTERISK,
    "carrier": images.ASTERISK,
    "postgres": images.STORES,
    "valkey": images.STORES,
}


@dataclass(frozen=True, slots=True)
class Container:
    """One container by name, as its supervisor sees it."""

    engine: Engine
    name: str

    def pid(self) -> int | None:
        """Its first process, by the machine's count; None where the engine counts for another machine."""
        told = self.engine.run("inspect", "--format", "{{.State.Pid}}", self.name, check=False).stdout.strip()
        return int(told) if told.isdigit() and Path(f"/proc/{told}").exists() else None

    def clear(self) -> None:
        """Takes away what an earlier one of this name left; it ends at once."""
        self.engine.run("rm", "--force", "--volumes", self.name, check=False)


class Containers:
    """The place of a lab whose programs are in images."""

    def __init__(self, engine: Engine, plan: Plan, say: Say) -> None:
        """Images are built when they are first needed."""
        self._engine, self._plan, self._say = engine, plan, say
        self._tags: dict[str, str] = {}

    def rootfs(self) -> Rootfs:
        """The image's."""
        return ImageRootfs(Path("/"))

    def voices(self) -> Path:
        """Of the machine's cache, made with the image's programs where it has none."""
        cache = packages.cache_home()
        done = voices.folder(cache)
        if not done.exists():
            user = f"{os.geteuid()}:{os.getegid()}"
            words = [*_words(user, {"XDG_CACHE_HOME": str(cache.parent)}), "--volume", f"{cache}:{cache}"]
            command = ("python3", "-m", "sip_lab", "packages", "--root", "/")
            self._engine.run(*words, self._image(images.ASTERISK), *command)
        return done

    def postgres(self) -> Path:
        """The image's."""
        return POSTGRES

    def valkey(self) -> Path:
        """The image's."""
        return VALKEY

    def once(self, commands: Commands, folder: Path, unless: Path) -> None:
        """Now, each in a container of its own."""
        if unless.exists():
            return
        words = [*_words(self._user, {"HOME": str(folder), "LC_ALL": "C"}), "--interactive"]
        words += ["--volume", f"{folder}:{folder}", "--workdir", str(folder), self._image(images.STORES)]
        for command, text in commands:
            self._engine.run(*words, *command, text=text)

    def around(self, service: Service) -> Service:
        """The same service in a container; what is the lab's own program stays outside."""
        if service.name not in _IMAGES:
            return service
        plan, name = self._plan, f"{self._plan.name}-{service.name}"
        environment = {"HOME": str(service.folder), "TZ": "UTC", **service.environment}
        words = ["docker", *_words(self._user, environment), "--name", name]
        words += ["--stop-signal", service.stop_signal.name, "--workdir", str(service.folder)]
        words += ["--volume", f"{plan.home}:{plan.home}"]
        for seen in (voices.folder(packages.cache_home()), plan.settings.clips):
            words += ["--volume", f"{seen}:{seen}:ro"] if seen is not None and seen.exists() else []
        return replace(
            service,
            command=[*words, self._image(_IMAGES[service.name]), *service.command],
            environment=self._engine.environment,
            ours=True,
            container=Container(self._engine, name),
        )

    @property
    def _user(self) -> str:
        return f"{self._plan.account.uid}:{self._plan.account.gid}"

    def _image(self, name: str) -> str:
        if name not in self._tags:
            self._tags[name] = images.ensure(self._engine, name, self._say)
        return self._tags[name]


def _words(user: str, environment: Mapping[str, str]) -> list[str]:
    """How every container is run: without rights, on the host's network, gone when it ends."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = FILES if most == resource.RLIM_INFINITY else min(most, FILES)
    words = ["run", "--rm", "--network", "host", "--user", user, "--cap-drop", "ALL"]
    words += ["--security-opt", "no-new-privileges", "--log-driver", "none"]
    words += ["--ulimit", f"nofile={files}:{files}", "--shm-size", "256m"]
    words += ["--cpu-shares", str(shares(os.getpriority(os.PRIO_PROCESS, 0)))]
    for key, value in environment.items():
        words += ["--env", f"{key}={value}"]
    return words
