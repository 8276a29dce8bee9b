"""Keeps a lab's services alive: starts them, restarts what dies, ends everything when told or orphaned."""

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from sip_lab.account import Account
from sip_lab.errors import LabError, NotReady
from sip_lab.packages import Say
from sip_lab.services import FILES, Service

_WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_PR_SET_PDEATHSIG = 1
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0)
_CALM = 30.0
_LIBC = ctypes.CDLL(None)


@dataclass(slots=True)
class Running:
    """One service and its present process."""

    service: Service
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restarts: int = 0
    due: float | None = None
    ready: bool = False
    asked: float = field(default=0.0)
    pid: int | None = None
    """Of the service itself; in a container it is known when the service is ready."""


class Listener(Protocol):
    """Who is told what happens to the processes."""

    def changed(self, pids: dict[str, int]) -> None:
        """A process was started."""

    def returned(self, name: str) -> None:
        """A service that had died is ready again."""


class Supervisor:
    """Owns the processes of one lab."""

    def __init__(self, account: Account, say: Say, listener: Listener, *, follow_parent: bool) -> None:
        """Signals are blocked from here on and taken up by `run`."""
        self._account = account
        self._say = say
        self._listener = listener
        self._all: list[Running] = []
        self._parent = os.getppid() if follow_parent else None
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)

    @property
    def pids(self) -> dict[str, int]:
        """The pid of every service that runs."""
        return {r.service.name: r.pid for r in self._all if r.pid is not None}

    def start(self, services: list[Service], timeout: float = 120.0) -> bool:
        """Starts services and waits until they are ready; False when told to stop meanwhile."""
        fresh = [Running(service) for service in services]
        self._all += fresh
        for running in fresh:
            self._spawn(running)
        return self.until(lambda: all(r.ready for r in fresh), timeout, "the services are not ready")

    def until(self, done: Callable[[], bool], timeout: float, trouble: str) -> bool:
        """Keeps the services alive until something holds; False when told to stop meanwhile."""
        end = time.monotonic() + timeout
        while not done():
            if time.monotonic() > end:
                raise NotReady(f"{trouble} after {timeout:.0f} s; their logs: {self._logs()}")
            if not self._turn(0.05):
                return False
        return True

    def run(self) -> None:
        """Keeps the services alive until told to stop, or the starter is gone."""
        while self._turn(0.5):
            pass

    def stop(self, patience: float = 10.0) -> None:
        """Ends every service, kindly first."""
        alive = [r for r in self._all if r.process is not None]
        for running in alive:
            self._signal(running, running.service.stop_signal)
        end = time.monotonic() + patience
        while any(_alive(r) for r in alive) and time.monotonic() < end:
            signal.sigtimedwait({signal.SIGCHLD}, 0.1)
        for running in alive:
            self._signal(running, signal.SIGKILL)
            if running.process is not None:
                running.process.wait()
                running.process, running.pid = None, None
            if running.service.container is not None:
                running.service.container.clear()

    def _turn(self, patience: float) -> bool:
        """One look at everything; False when it is time to stop."""
        pending = any(not r.ready or r.due is not None for r in self._all)
        got = signal.sigtimedwait(_WATCHED, 0.05 if pending else patience)
        if got is not None and got.si_signo != signal.SIGCHLD:
            return False
        if self._parent is not None and os.getppid() != self._parent:
            self._say("whoever started the lab is gone: ending it")
            return False
        for running in self._all:
            self._look_at(running)
        return True

    def _look_at(self, running: Running) -> None:
        now = time.monotonic()
        if running.process is not None and running.process.poll() is not None:
            self._died(running, now)
        elif running.process is None and running.due is not None and now >= running.due:
            self._spawn(running)
        elif running.process is not None and not running.ready and now - running.asked >= 0.05:
            self._ask(running)

    def _ask(self, running: Running) -> None:
        try:
            running.service.ready()
        except (OSError, LabError):
            running.asked = time.monotonic()
            return
        running.ready = True
        if running.service.container is not None:
            running.pid = running.service.container.pid()
            self._listener.changed(self.pids)
        if running.restarts:
            self._listener.returned(running.service.name)
        self._say(f"{running.service.name} is ready ({time.monotonic() - running.started:.1f} s)")

    def _died(self, running: Running, now: float) -> None:
        code = running.process.returncode if running.process else None
        self._signal(running, signal.SIGKILL)  # what it may have left of its group
        running.process, running.pid = None, None
        running.failures = 0 if running.ready and now - running.started > _CALM else running.failures + 1
        running.ready = False
        running.restarts += 1
        pause = _BACKOFF[min(running.failures, len(_BACKOFF)) - 1] if running.failures else _BACKOFF[0]
        running.due = now + pause
        self._say(f"{running.service.name} ended ({code}); starting it again in {pause} s")

    def _spawn(self, running: Running) -> None:
        service, account = running.service, self._account
        if service.container is not None:
            service.container.clear()
        switch = account.switch and not service.ours
        with _open_log(service) as log:
            running.process = subprocess.Popen(
                service.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=service.folder,
                env={
                    "PATH": "/usr/bin:/bin",
                    "HOME": str(service.folder),
                    "TZ": "UTC",
                    **service.environment,
                },
                start_new_session=True,
                user=account.uid if switch else None,
                group=account.gid if switch else None,
                extra_groups=[] if switch else None,
                umask=0o022,
                preexec_fn=_die_with_the_supervisor(service.stop_signal),
            )
        running.started, running.due, running.asked = time.monotonic(), None, 0.0
        running.pid = running.process.pid if service.container is None else None
        self._listener.changed(self.pids)

    def _signal(self, running: Running, number: signal.Signals) -> None:
        if running.process is None:
            return
        try:
            os.killpg(running.process.pid, number)
        except ProcessLookupError:
            pass

    def _logs(self) -> str:
        return ", ".join(str(r.service.log) for r in self._all if not r.ready)


def _alive(running: Running) -> bool:
    return running.process is not None and running.process.poll() is None


def _open_log(service: Service) -> TextIO:
    """Appends to the log, or begins anew when it has grown large."""
    service.log.parent.mkdir(parents=True, exist_ok=True)
    large = service.log.exists() and service.log.stat().st_size > 10_000_000
    return service.log.open("w" if large else "a")


def _die_with_the_supervisor(number: signal.Signals) -> Callable[[], None]:
    """For the new process: our signal mask undone, many open files, and a signal when we are killed.

    It runs after the user was changed, because changing it would clear the last wish.
    """
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = FILES if most == resource.RLIM_INFINITY else min(most, FILES)

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(number))
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))

    return prepare
