"""A Docker engine of our own, on a bare Debian machine as root: no bridge, no firewall rule, no registry.

It lives in the cache, so that its images are there the next time, and belongs to all labs of the machine: the
last one that lets go of it ends it.
"""

import fcntl
import os
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sip_lab import packages
from sip_lab.errors import NoEngine
from sip_lab.packages import Say
from sip_lab.shares import PARENT

_PROGRAMS = ("docker.io", "mmdebstrap")
_START, _END = 30.0, 30.0
PATIENCE = 30.0
"""Seconds in which an engine answers a question, or counts as none."""
_NO_ANSWER = 124
_CPU_GROUPS = Path("/sys/fs/cgroup/cpu")
"""Of control groups of the first kind, which the engine keeps itself; the second kind is systemd's."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody's use of the engine."""

    users: TextIO

    def release(self, say: Say) -> None:
        """Lets go of the engine; ends it when nobody else uses it and nothing runs on it."""
        with packages.locked(_folder() / "start.lock", say):
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                if not _containers():
                    _end()
            self.users.close()


def address() -> dict[str, str]:
    """How a client finds it."""
    return {"DOCKER_HOST": f"unix://{_folder()}/docker.sock", "DOCKER_CONFIG": f"{_folder()}/client"}


def take(say: Say) -> Hold:
    """Starts it, if it does not run yet, and holds it."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with packages.locked(folder / "start.lock", say):
        users = (folder / "users.lock").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            if not _answers():
                _clean_after_a_kill()
                say("starting a Docker engine of our own")
                _launch(folder)
        except BaseException:
            users.close()
            raise
    return Hold(users)


def have_programs(say: Say) -> None:
    """Installs the engine, where it is missing; nothing is started by that."""
    if shutil.which("dockerd") and shutil.which("mmdebstrap"):
        return
    if shutil.which("apt-get") is None:
        raise NoEngine("no Docker engine answers, and this machine has no apt to install one with")
    say(f"installing {', '.join(_PROGRAMS)}")
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    for words in (["update"], ["install", "--no-install-recommends", *_PROGRAMS]):
        done = subprocess.run(
            [*apt, *words],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            preexec_fn=unblocked,
        )
        if done.returncode:
            raise NoEngine(f"no Docker engine answers, and none could be installed: {done.stderr[-400:]}")


def _folder() -> Path:
    return packages.cache_home() / "engine"


def _pid_file() -> Path:
    return _folder() / "docker.pid"


def _answers() -> bool:
    return _client("info").returncode == 0


def _containers() -> bool:
    asked = _client("ps", "--quiet")
    return asked.returncode == _NO_ANSWER or bool(asked.stdout.strip())


def _client(*words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **address()}
    command = ["docker", *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, _NO_ANSWER, "", "")


def _launch(folder: Path) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = 1_048_576 if hard == resource.RLIM_INFINITY else min(hard, 1_048_576)
    words = ["dockerd", "-H", f"unix://{folder}/docker.sock", "-p", str(_pid_file())]
    words += ["--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
    words += ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
    words += ["--log-opt", "max-size=10m", "--log-opt", "max-file=2"]
    if _CPU_GROUPS.is_dir():
        words += ["--cgroup-parent", PARENT]
    # Nobody here may ask for more than our own hard limit.
    words += ["--default-ulimit", f"nofile=1024:{most}"]
    with (folder / "dockerd.log").open("w") as log:
        daemon = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=unblocked,
        )
    end = time.monotonic() + _START
    while not _answers():
        if daemon.poll() is not None or time.monotonic() > end:
            raise NoEngine(f"the engine did not start: {(folder / 'dockerd.log').read_text()[-600:]}")
        time.sleep(0.1)


def unblocked() -> None:
    """For new processes: what a supervisor has blocked would be blocked in every container, too."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())


def _end() -> None:
    if not _pid_file().exists():
        return
    pid = int(_pid_file().read_text())
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        _pid_file().unlink(missing_ok=True)
    end = time.monotonic() + _END
    while _pid_file().exists() and time.monotonic() < end:
        time.sleep(0.05)
    _unmount()


def _clean_after_a_kill() -> None:
    """A zombie still counts as running for a pid file; mounts of a killed engine stay."""
    for leftover in (_pid_file(), _folder() / "exec/containerd/containerd.pid"):
        leftover.unlink(missing_ok=True)
    _unmount()


def _unmount() -> None:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{_folder()}/")), reverse=True):
        subprocess.run(["umount", "-l", mount], capture_output=True, check=False)
