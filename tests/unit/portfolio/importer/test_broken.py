"""What breaks an import off is told by its kind, never by what was in the row."""

import asyncpg
import pytest

from portfolio.importer.run import broken_by


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (asyncpg.ConnectionDoesNotExistError("x"), "database_gone"),
        (asyncpg.AdminShutdownError("x"), "database_gone"),
        (asyncpg.InterfaceError("x"), "database_gone"),
        (ConnectionResetError(), "database_gone"),
        (asyncpg.DiskFullError("x"), "no_room"),
        (asyncpg.NumericValueOutOfRangeError("x"), "row_refused"),
        (asyncpg.CheckViolationError("x"), "row_refused"),
        (asyncpg.DeadlockDetectedError("x"), "other"),
    ],
)
def test_each_failure_is_of_a_kind(failure: Exception, kind: str) -> None:
    assert broken_by(failure) == kind
