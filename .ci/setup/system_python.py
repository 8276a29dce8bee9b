"""A second environment, on the Python that this machine's distribution ships: people run Cadencia on it.

Debian 12 has 3.11.2, in which `asyncio.timeout` and `TaskGroup` have faults that were mended in later ones.
"""

import subprocess
from pathlib import Path

from venv_step import LOCK
from work import VENV, VENV_PYTHON, SetupFailed, Word, digest, is_done, mark_done, run, say

PROGRAM = Path("/usr/bin/python3")
FOLDER = VENV / "system"
PYTHON = FOLDER / "bin" / "python"
_EXACT: list[Word] = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", LOCK]
_ASK = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


def ensure(cache: Path) -> None:
    """Fill it from the same lock; where the distribution has no Python 3.11 or newer there is none."""
    version = _version()
    if version < (3, 11):
        say("this machine's own Python is too old for Cadencia: nothing to try on it")
        return
    key = digest([LOCK, str(version)])
    if is_done("system", key) and PYTHON.exists():
        return
    say(f"environment on {PROGRAM}, Python {'.'.join(map(str, version))}")
    uv = VENV / "bin" / "uv"
    run([uv, "venv", "--quiet", "--clear", "--python", PROGRAM, FOLDER])
    try:
        run([uv, "pip", "install", "--quiet", "--python", PYTHON, *_EXACT])
    except SetupFailed:
        say("uv could not reach its index; pip goes on with this machine's pip settings")
        pip: list[Word] = [VENV_PYTHON, "-m", "pip", "--python", PYTHON, "--no-input", "--quiet"]
        run([*pip, "install", "--cache-dir", cache / "pip-downloads", *_EXACT])
    mark_done("system", key)


def _version() -> tuple[int, ...]:
    """Of the distribution's Python; (0,) when there is none."""
    try:
        done = subprocess.run([PROGRAM, "-c", _ASK], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(part) for part in done.stdout.split("."))
