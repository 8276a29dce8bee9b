"""Which Cadencia this is: its number, and the commit that it was built from."""

import subprocess
from functools import cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

COMMIT_FILE = "commit.txt"
"""Beside this module in what was built (.ci/build_hook.py); a checkout has none and asks git."""
_UNKNOWN = "unknown"


def number() -> str:
    """Such as 0.2.0, of what is installed."""
    try:
        return version("cadencia")
    except PackageNotFoundError:
        return _UNKNOWN


@cache
def commit() -> str:
    """The first twelve digits of the commit, with `+` when files were changed since; else `unknown`."""
    built = resources.files("dialer").joinpath(COMMIT_FILE)
    if built.is_file():
        return built.read_text("ascii").strip()
    return of_checkout(Path(__file__).parents[1])


def of_checkout(folder: Path) -> str:
    """What git says of a checkout; `unknown` where there is none, or no git."""
    if not (folder / ".git").exists():
        return _UNKNOWN
    head = _git(folder, "rev-parse", "--short=12", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{head}{'+' if changed else ''}" if head else _UNKNOWN


def line() -> str:
    """Both, as `cadencia --version` says them."""
    return f"{number()} (commit {commit()})"


def _git(folder: Path, *words: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words],  # noqa: S607 - wherever git is installed
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
