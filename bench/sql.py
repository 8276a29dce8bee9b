"""The benchmarks' statements, by name."""

from functools import cache
from importlib import resources


@cache
def statements() -> dict[str, str]:
    """Every statement of queries.sql."""
    text = resources.files("bench").joinpath("queries.sql").read_text("utf-8")
    named = (part.split("\n", 1) for part in text.split("-- name: ")[1:])
    return {name.strip(): body.strip() for name, body in named}
