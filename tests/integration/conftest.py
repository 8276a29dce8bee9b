"""Real servers for everything below."""

from tests.integration.fixtures import database, empty_database, postgres, valkey, workshop

__all__ = ["database", "empty_database", "postgres", "valkey", "workshop"]
