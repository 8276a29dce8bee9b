"""`cadencia diagram`."""

import typer

from dialer.model.diagram import mermaid


def diagram() -> None:
    """Print the call's life cycle as a Mermaid diagram."""
    typer.echo(mermaid())
