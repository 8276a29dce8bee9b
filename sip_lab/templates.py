"""Fills in the `@NAME@` places of a configuration tree."""

import re
from collections.abc import Mapping
from pathlib import Path

from sip_lab.errors import LabError

_PLACE = re.compile(r"@([A-Z][A-Z0-9_]*)@")


def fill(text: str, values: Mapping[str, object]) -> str:
    """The text with every place filled; an unknown place is an error."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise LabError(f"nothing given for {match[0]}")
        return str(values[match[1]])

    return _PLACE.sub(value, text)


def render_tree(source: Path, target: Path, values: Mapping[str, object]) -> None:
    """Writes every `*.conf` of a tree, filled in, to another folder."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.conf")):
        (target / path.name).write_text(fill(path.read_text(), values))
