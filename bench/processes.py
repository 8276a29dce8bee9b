"""CPU time of processes, from /proc."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living children, so far; 0 when it is gone."""
    return _own(pid) + sum(_own(child) for child in _children(pid))


def readings(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds of each named process."""
    return {name: cpu_seconds(pid) for name, pid in pids.items()}


def load() -> str:
    """The machine's load average over one minute."""
    return Path("/proc/loadavg").read_text().split()[0]


def idle_seconds() -> float:
    """Idle time of all cores together since the machine started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return (int(fields[4]) + int(fields[5])) * _TICK


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, told.read_text().split())
        except OSError:
            continue
    return found
