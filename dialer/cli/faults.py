"""What ends a command and is none of its defects: one line, and the code a service manager heeds."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer


def told(line: str) -> None:
    """One line on stderr."""
    typer.echo(f"cadencia: {line}", err=True)


@contextmanager
def faults_told() -> Iterator[None]:
    """Ends the command with a line instead of a traceback where the cause is known."""
    try:
        yield
    except Exception as error:
        # Imported here: to tell settings and databases apart takes both, and most commands end well.
        from dialer.cli.causes import cause_of

        cause = cause_of(error)
        if cause is None:
            raise
        for line in cause.lines:
            told(line)
        raise SystemExit(cause.code) from None
