"""Queries by name."""

import pytest

from dialer.store.sql import parse, queries


def test_sections_are_found_by_name_without_their_semicolon() -> None:
    text = "-- a chapter\n\n-- name: one\n-- why\nSELECT 1;\n\n-- name: two\nSELECT 2;\n"
    assert parse(text) == {"one": "-- why\nSELECT 1", "two": "SELECT 2"}


def test_a_name_stands_once() -> None:
    with pytest.raises(ValueError, match="two queries are named one"):
        parse("-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;\n")


def test_every_query_of_the_store_says_something() -> None:
    assert len(queries()) > 20
    assert all(query.strip() for query in queries().values())
