"""What every command does: say a line, run its work on a loop."""

from collections.abc import Coroutine
from typing import Any

import typer
import uvloop


def say(line: str) -> None:
    """One line of progress."""
    typer.echo(f"cadencia: {line}" if not line.startswith("\n") else line)


def on_uvloop(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop; Ctrl-C is a normal end."""
    try:
        uvloop.run(main)
    except* KeyboardInterrupt:
        say("ended")
