"""A plugin for the tests of mutants: the quick ones first, as the first that fails decides."""

import json
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By the times that the tool measured when it ran them all."""
    measured = Path("mutmut-stats.json")
    if measured.exists():
        took: dict[str, float] = json.loads(measured.read_text("utf-8"))["duration_by_test"]
        items.sort(key=lambda item: took.get(item.nodeid, 0.0))
