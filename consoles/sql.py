"""The named statements of queries.sql. A statement starts at `-- name: its_name`."""

import re
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load() -> dict[str, str]:
    """Name → statement."""
    text = resources.files("consoles").joinpath("queries.sql").read_text("utf-8")
    parts = _NAME.split(text)[1:]
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError("a name stands twice in queries.sql")
    return {name: body.strip() for name, body in zip(names, bodies, strict=True)}


SQL = load()
