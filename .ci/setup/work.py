"""What the steps share: folders, progress lines, stamps, locks, and one way to run a program."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STARTED = time.monotonic()


class SetupFailed(Exception):
    """A step cannot go on; the message says what to do."""


Word = str | Path  # of a command line


def say(text: str) -> None:
    """Print one progress line with the seconds since the start."""
    print(f"[setup {time.monotonic() - STARTED:5.1f}s] {text}", flush=True)


def cache_folder() -> Path:
    """The folder for downloads, shared by all checkouts of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "cadencia"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupFailed(f"cannot write {folder} ({error.strerror}); set XDG_CACHE_HOME") from error
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep everyone else out of one folder until we are done with it."""
    folder.mkdir(parents=True, exist_ok=True)
    # Not ".lock": uv takes that name in a venv, and would wait for us.
    with (folder / ".setup-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(
    command: Sequence[Word],
    *,
    cwd: Path = CHECKOUT,
    env: Mapping[str, str] | None = None,
    seconds: float = 900,
    cure: str = "",
) -> str:
    """Run a program to its end and return its output; show the output when it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupFailed(f"{command[0]}: {error}. {cure}") from error
    if done.returncode:
        sys.stdout.write("\n".join(done.stdout.splitlines()[-40:]) + "\n")
        raise SetupFailed(f"{Path(command[0]).name} ended with {done.returncode}. {cure}")
    return done.stdout


def digest(parts: Iterable[str | bytes | Path]) -> str:
    """Hash texts and the contents of files, in order."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        total.update(hashlib.sha256(data.encode() if isinstance(data, str) else data).digest())
    return total.hexdigest()


def files_below(folder: Path, *, without: frozenset[str] = frozenset()) -> list[Path]:
    """All files of a source folder, sorted, not entering folders of the given names."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in without)
        found += [Path(place) / name for name in names]
    return sorted(found)


def tree_digest(folder: Path, *, without: frozenset[str] = frozenset()) -> str:
    """Hash names and contents of a source folder."""
    parts: list[str | bytes | Path] = []
    for path in files_below(folder, without=without):
        parts += [str(path.relative_to(folder)), path]
    return digest(parts)


def is_done(name: str, key: str) -> bool:
    """Whether the step was done in this checkout from just these sources."""
    stamp = VENV / "stamps" / name
    return stamp.is_file() and stamp.read_text() == key


def mark_done(name: str, key: str) -> None:
    """Remember that the step was done from these sources."""
    stamp = VENV / "stamps" / name
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)


def found(*names: str) -> Path | None:
    """The first of these programs that PATH has."""
    hits = (shutil.which(name) for name in names)
    return next((Path(hit) for hit in hits if hit), None)


def starts(program: Path | str) -> bool:
    """Whether a program runs on this machine at all."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def write_program(path: Path, text: str) -> None:
    """Write an executable script in one step, so that nobody runs half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.chmod(0o755)
    fresh.replace(path)
