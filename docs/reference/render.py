"""Writes the reference pages that are made from the code: python -m docs.reference.render

A test compares them with what this would write, so that they cannot fall behind.
"""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import annotated_types
import typer.main
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from dialer.__main__ import app
from dialer.cli.later import Later
from dialer.settings import Settings

FOLDER = Path(__file__).parent
_SETTINGS_HEAD = """# Settings

Read from the environment, or from a file `.env` in the folder where the process starts. The environment wins.
Made from `dialer/settings.py` by `python -m docs.reference.render`.

| setting | default | bounds | what |
|---|---|---|---|
"""
_CLI_HEAD = """# Command line

`cadencia` is installed into the environment: `.venv/bin/cadencia`. Made from its help by
`python -m docs.reference.render`.
"""


def settings_page() -> str:
    """The table of settings."""
    return _SETTINGS_HEAD + "".join(_setting(name, field) for name, field in Settings.model_fields.items())


def _setting(name: str, field: FieldInfo) -> str:
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    shown = {True: "true", False: "false"}.get(default, default) if isinstance(default, bool) else default
    cells = (f"`CADENCIA_{name.upper()}`", f"`{shown}`" if shown != "" else "–", _bounds(field))
    return f"| {' | '.join(cells)} | {field.description or '–'} |\n"


def _bounds(field: FieldInfo) -> str:
    signs = {
        annotated_types.Ge: ("≥", "ge"), annotated_types.Gt: (">", "gt"),
        annotated_types.Le: ("≤", "le"), annotated_types.Lt: ("<", "lt"),
    }  # fmt: skip
    rules = (
        f"{sign} {getattr(rule, attribute):g}"
        for rule in field.metadata
        for kind, (sign, attribute) in signs.items()
        if isinstance(rule, kind)
    )
    return ", ".join(rules) or "–"


def cli_page() -> str:
    """Every command with its arguments and options."""
    root = typer.main.get_command(app)
    return _CLI_HEAD + "".join(_command(path, command) for path, command in _walk("cadencia", root))


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    command = command.real() if isinstance(command, Later) else command
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _walk(f"{path} {name}", child)


def _command(path: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    words = "".join(f" {p.name.upper()}" for p in arguments)
    head = f"\n## `{path}{words}`\n\n{' '.join((command.help or '').split())}\n"
    if not options:
        return head
    return f"{head}\n| option | default | what |\n|---|---|---|\n" + "".join(map(_option, options))


def _option(option: Any) -> str:
    names = " / ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    default = "required" if option.required else _default(option.default)
    kind = option.type_descriptor.annotation
    choice = [str(one.value) for one in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []
    told = [option.help or "", f"one of {', '.join(choice)}" if choice else ""]
    return f"| {names} | {default} | {'; '.join(part for part in told if part) or '–'} |\n"


def _default(value: Any) -> str:
    if value is None or value == "" or value == [] or callable(value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{getattr(value, 'value', value)}`"


def pages() -> dict[str, str]:
    """File name → text."""
    return {"settings.md": settings_page(), "cli.md": cli_page()}


def main() -> None:
    """Write them."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
