"""The statements of this package, by name."""

from journal.sql import statements

SQL = statements("journal")
