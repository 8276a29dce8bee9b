"""The benchmarks' statements, by name."""

from collections.abc import Mapping

from journal import sql


def statements() -> Mapping[str, str]:
    """All of them."""
    return sql.statements("bench")
