"""SQL of this package, by name."""

import re
from functools import cache
from importlib import resources


@cache
def statements(room: str = "journal.jobs") -> dict[str, str]:
    """Every statement of a room's queries.sql; each begins with a line '-- name: …'."""
    text = resources.files(room).joinpath("queries.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
