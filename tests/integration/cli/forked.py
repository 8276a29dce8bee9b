"""Many commands in forks of one interpreter: to begin one costs seconds, to fork it nothing.

As a program it reads `[[words, settings, folder], …]` from stdin and writes `[[code, lines], …]`.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dialer.__main__ import COMMANDS, main

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended, and both its outputs."""

    code: int
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: no setting comes from anywhere else."""

    words: Sequence[str]
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)


async def run_all(commands: Sequence[Command]) -> list[Told]:
    """How each ended, in their order."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, cwd=_ROOT, env=clean(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = json.dumps([[list(one.words), one.settings, str(one.folder)] for one in commands])
    async with asyncio.timeout(180):
        out, _ = await process.communicate(asked.encode())
    return [Told(code, lines) for code, lines in json.loads(out)]


def clean() -> dict[str, str]:
    """Our environment without settings, which finds the program from any folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CADENCIA_")}
    return ours | {"PYTHONPATH": str(_ROOT)}


def _forked(words: list[str], settings: dict[str, str], folder: str) -> tuple[int, list[str]]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.chdir(folder)
        os.environ.update({f"CADENCIA_{name.upper()}": value for name, value in settings.items()})
        sys.argv = ["cadencia", *words]
        main()
        sys.exit(0)
    os.close(writing)
    with os.fdopen(reading) as output:
        lines = output.read().splitlines()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), lines


if __name__ == "__main__":
    for command in COMMANDS:
        command.real()  # imported once, here, for all forks
    sys.stdout.write(json.dumps([_forked(*one) for one in json.load(sys.stdin)]))
