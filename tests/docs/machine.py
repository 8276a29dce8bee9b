"""An empty Debian 12 in namespaces of its own: processes, network and folders end with it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sip_lab.packages import cache_home, machine_source

SUITE = "bookworm"
HAS = "systemd,ca-certificates"
"""What Debian's installer gives a server beyond the smallest system, of what a how-to needs."""
NEEDED = ("mmdebstrap", "unshare", "nsenter", "tar", "ip")
LIMIT = 900.0
"""Seconds a block may take."""
_OPTIONS = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_TRUSTED = "opt/authorities.crt"
_MOUNTS = ("proc /proc", "tmpfs /run", "tmpfs /dev/shm", "sysfs /sys")
_INIT = " && ".join(
    [*(f"mount -t {kind} {kind} {at}" for kind, at in map(str.split, _MOUNTS)),
     "hostname calls", "mkdir -p /run/lock", "echo ready", "exec sleep infinity"]
)  # fmt: skip
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "PIP_CERT": f"/{_TRUSTED}",
    "PIP_DEFAULT_TIMEOUT": "180",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


class NoMachine(Exception):
    """Why none can be had here."""


def base() -> Path:
    """The packed root file system, fetched once."""
    if os.geteuid() != 0:
        raise NoMachine("an empty Debian is unpacked and entered by root only")
    absent = [program for program in NEEDED if shutil.which(program) is None]
    if absent:
        raise NoMachine(f"{', '.join(absent)} must be installed")
    packed = cache_home() / f"empty-{SUITE}.tar"
    if not packed.exists():
        packed.parent.mkdir(parents=True, exist_ok=True)
        part = packed.with_suffix(".part")
        options = [f"--aptopt={name} {_apt(name)}" for name in _OPTIONS if _apt(name)]
        make = ["mmdebstrap", "-q", "--format=tar", "--variant=minbase", f"--include={HAS}", *options]
        subprocess.run([*make, SUITE, str(part), machine_source().uri], check=True)
        part.rename(packed)
    return packed


def _apt(name: str) -> str:
    """This machine's own value: where archives are old by design, an empty Debian must not mind, either."""
    asked = ["apt-config", "--format", '"%v"', "dump", name]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


class Machine:
    """One that runs."""

    def __init__(self, root: Path, first: int) -> None:
        """`first` = its first process, seen from outside."""
        self.root = root
        self._first = first

    def run(self, text: str, *, network: bool) -> subprocess.CompletedProcess[str]:
        """A shell as root in root's home; `network` = with this machine's, to fetch packages."""
        spaces = ["--mount", "--pid", "--uts", "--root", "--wd", *([] if network else ["--net"])]
        inside = ["/bin/sh", "-eu", "-c", f"cd /root\n{text}"]
        return subprocess.run(
            ["nsenter", f"--target={self._first}", *spaces, *inside],
            capture_output=True, text=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )  # fmt: skip

    def journal(self) -> str:
        """The end of what each unit told, for who must find out why."""
        logs = sorted((self.root / "var/log/standin").glob("*"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)


@contextmanager
def empty(packed: Path) -> Iterator[Machine]:
    """A fresh one while the block lasts."""
    root = Path(tempfile.mkdtemp(prefix="cadencia-empty-"))
    root.chmod(0o755)
    subprocess.run(["tar", "-C", str(root), "-xf", str(packed)], check=True)
    _furnish(root)
    spaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    command = ["unshare", *spaces, "chroot", str(root), "/bin/sh", "-c", _INIT]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Machine(root, _started(holder))
    finally:
        holder.kill()  # with its first process the whole room of processes ends
        holder.wait()
        shutil.rmtree(root, ignore_errors=True)


def _started(holder: subprocess.Popen[str]) -> int:
    """Its first process, once it is furnished; its network has a loopback and nothing else."""
    if holder.stdout is None or holder.stdout.readline() != "ready\n":
        raise NoMachine("this machine gives no namespaces")
    first = int(Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()[0])
    subprocess.run(["nsenter", f"--target={first}", "--net", "ip", "link", "set", "lo", "up"], check=True)
    return first


def _furnish(root: Path) -> None:
    """What a machine has that was not unpacked but installed, and the stand-in for its systemd."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    if _AUTHORITIES.exists():
        shutil.copy(_AUTHORITIES, root / _TRUSTED)
    (root / "etc/hostname").write_text("calls\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 calls\n")
    _program(root / "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
    _program(root / "usr/local/bin/systemctl", Path(__file__).with_name("systemctl.py").read_text())


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
