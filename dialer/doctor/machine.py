"""This machine: its name, its folders, its disk, the built consoles."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from dialer.doctor.findings import Finding, Speaker, describe
from dialer.settings import Settings, env_file
from dialer.time_limit import time_limit

NAME_LIMIT = 2.0
"""Seconds we wait for the machine's name."""
NAME_SLOW = 500.0
"""Milliseconds above which resolving it would be felt in every call."""
LEAST_FREE = 2 * 1024**3
"""Bytes that must be free for recordings."""
_ARCHIVED_PER_HOUR = 155 * 1024 * 60
"""Bytes of one hour of stereo Opus as the archive writes it."""

# In a process of its own, because a stuck name service cannot be interrupted; Asterisk asks it the same way.
_RESOLVE = """
import socket, sys, time
began = time.perf_counter()
socket.getaddrinfo(sys.argv[1], None)
print((time.perf_counter() - began) * 1000)
"""


async def hostname(speaker: Speaker, host: str = "") -> list[Finding]:
    """Whether the machine's own name resolves quickly."""
    host = host or socket.gethostname()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RESOLVE, host,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with time_limit(NAME_LIMIT):
            out, errors = await child.communicate()
    except TimeoutError:
        child.kill()
        await child.wait()
        return [speaker.ill("hostname", "hostname_slow", "cure_hostname", host=host, took=NAME_LIMIT * 1000)]
    if child.returncode != 0:
        reason = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return [speaker.ill("hostname", "hostname_ill", "cure_hostname", host=host, error=reason)]
    took = float(out)
    if took > NAME_SLOW:
        return [speaker.ill("hostname", "hostname_slow", "cure_hostname", host=host, took=took)]
    return [speaker.well("hostname", "hostname", host=host, took=took)]


async def folders(settings: Settings, speaker: Speaker) -> list[Finding]:
    """Spool and archive can be written and have room."""
    return await asyncio.to_thread(
        lambda: [
            _folder(speaker, "spool", settings.recordings_spool),
            _folder(speaker, "archive", settings.recordings_archive),
            _disk(speaker, (settings.recordings_spool, settings.recordings_archive)),
        ]
    )


def _folder(speaker: Speaker, name: str, path: Path) -> Finding:
    """Write, sync, rename and remove a file there, as the archive does."""
    if not path.is_dir():
        return speaker.ill(name, "folder_absent", f"cure_{name}", path=path)
    try:
        handle, made = tempfile.mkstemp(prefix=".cadencia-check-", dir=path)
        try:
            os.write(handle, b"check")
            os.fsync(handle)
        finally:
            os.close(handle)
        Path(made).rename(f"{made}.renamed").unlink()
    except OSError as error:
        return speaker.ill(name, "folder_ill", f"cure_{name}", path=path, error=error.strerror or "")
    return speaker.well(name, "folder", path=path)


def _disk(speaker: Speaker, paths: tuple[Path, ...]) -> Finding:
    """The smaller free space of both folders."""
    free, path = min((shutil.disk_usage(_existing(path)).free, path) for path in paths)
    if free < LEAST_FREE:
        return speaker.ill("disk", "disk_full", "cure_disk", free=free / 1024**3, path=path)
    return speaker.well("disk", "disk", free=free / 1024**3, hours=free / _ARCHIVED_PER_HOUR)


def _existing(path: Path) -> Path:
    """The path itself or its nearest folder that is there."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())


async def front_end(speaker: Speaker, folder: Traversable | None = None) -> list[Finding]:
    """Whether the consoles' pages were built."""
    pages = folder or resources.files("consoles") / "static"
    try:
        built = await asyncio.to_thread((pages / "index.html").is_file)
    except OSError as error:
        return [Finding("front_end", False, describe(error), speaker.say("cure_front_end"))]
    if not built:
        return [speaker.ill("front_end", "front_end_absent", "cure_front_end")]
    return [speaker.well("front_end", "front_end")]


async def env_read(speaker: Speaker) -> list[Finding]:
    """Which file the settings were read from, beside the environment."""
    found = await asyncio.to_thread(env_file)
    if found is None:
        return [speaker.well("settings", "env_none", folder=Path.cwd())]
    return [speaker.well("settings", "env_read", path=found)]
