"""Commands that are imported when they are called: what one of them needs, the others do not pay for."""

from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand


class Later(TyperCommand):
    """Stands for a command in its group's help, by name and first paragraph; called, it is the command."""

    def __init__(self, name: str, place: str, told: str) -> None:
        super().__init__(name, help=told)
        self.place = place
        """Of its function, or of its group: module:name."""

    def real(self) -> Any:
        """The command itself, imported."""
        module, _, name = self.place.partition(":")
        found, host = getattr(import_module(module), name), typer.Typer()
        if isinstance(found, typer.Typer):
            host.add_typer(found, name=self.name)
        else:
            host.command(self.name)(found)
        return typer.main.get_group(host).commands[str(self.name)]

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Where a group hands over to the command that was called: from here on it is the real one."""
        return self.real().make_context(info_name, args, parent, **extra)
