"""SQL of this package, by name."""

import re
from functools import cache
from importlib import resources


@cache
def statements() -> dict[str, str]:
    """Every statement of queries.sql; each begins with a line '-- name: …'."""
    text = resources.files("journal").joinpath("queries.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip().rstrip(";") for part in parts[2::2]), strict=True))
