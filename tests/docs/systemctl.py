#!/usr/bin/env python3
"""Stands where systemctl would on a machine whose first process is not systemd: starts what the units say.

Of ours it reads User, WorkingDirectory, ExecStart and TimeoutStopSec; Debian's go to their init scripts.
"""

import os
import pwd
import select
import signal
import subprocess
import sys
from pathlib import Path

UNITS = Path("/etc/systemd/system")
RUN = Path("/run/standin")
LOG = Path("/var/log/standin")


def read(name: str) -> dict[str, str] | None:
    """What a unit of ours says, its instance filled in; None for others."""
    stem, at, instance = name.removesuffix(".service").partition("@")
    file = UNITS / f"{stem}{at}.service"
    if not file.is_file():
        return None
    lines = (line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#"))
    return {key: value.replace("%i", instance) for key, equals, value in lines if equals}


def start(name: str, unit: dict[str, str]) -> None:
    """As its user, in its folder, in a session of its own."""
    if alive(name):
        return
    owner = pwd.getpwnam(unit["User"])
    RUN.mkdir(exist_ok=True)
    LOG.mkdir(exist_ok=True)
    with (LOG / name).open("ab") as log:
        child = subprocess.Popen(
            unit["ExecStart"].split(),
            cwd=unit["WorkingDirectory"],
            user=owner.pw_uid,
            group=owner.pw_gid,
            extra_groups=os.getgrouplist(owner.pw_name, owner.pw_gid),
            env={"HOME": owner.pw_dir, "PATH": "/usr/local/bin:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (RUN / name).write_text(str(child.pid))


def alive(name: str) -> int:
    """The process of a unit, 0 when there is none."""
    try:
        pid = int((RUN / name).read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return 0
    return 0 if state == "Z" else pid


def stop(name: str, unit: dict[str, str]) -> None:
    """SIGTERM, and SIGKILL when its time is over."""
    pid = alive(name)
    if not pid:
        return
    with open(os.pidfd_open(pid), "rb") as ended:
        os.kill(pid, signal.SIGTERM)
        if not select.select([ended], [], [], float(unit.get("TimeoutStopSec", "90")))[0]:
            os.killpg(pid, signal.SIGKILL)
            sys.exit(f"{name} did not end in time")


def one(verb: str, name: str) -> int:
    """One verb for one unit."""
    unit = read(name)
    if unit is None:
        return subprocess.run(["/usr/sbin/service", name, verb], check=False).returncode
    if verb in ("stop", "restart"):
        stop(name, unit)
    if verb in ("start", "restart"):
        start(name, unit)
    if verb == "is-active":
        sys.stdout.write("active\n" if alive(name) else "inactive\n")
        return 0 if alive(name) else 3
    return 0


def main(words: list[str]) -> int:
    """The verbs that the how-tos use; raises SystemExit for others."""
    verb, now = words[0], "--now" in words
    names = [word for word in words[1:] if not word.startswith("-")]
    if verb == "daemon-reload":
        return 0
    if verb in ("enable", "disable"):
        unknown = [name for name in names if read(name) is None and not Path(f"/etc/init.d/{name}").exists()]
        if unknown:
            sys.exit(f"no unit {unknown}")
        if not now:
            return 0
        verb = "start" if verb == "enable" else "stop"
    if verb not in ("start", "stop", "restart", "reload", "is-active"):
        sys.exit(f"the stand-in knows no {verb}")
    return max([one(verb, name) for name in names], default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
