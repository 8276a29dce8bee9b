"""The statements of this package and of its rooms, by name."""

from collections.abc import Mapping

from journal import sql


def statements(room: str = "portfolio") -> Mapping[str, str]:
    """Those of one room."""
    return sql.statements(room)
