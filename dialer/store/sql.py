"""The statements of the store and of the doctor, by name."""

from collections.abc import Mapping

from journal.sql import statements


def queries(package: str = "dialer.store") -> Mapping[str, str]:
    """Those of one package."""
    return statements(package)
