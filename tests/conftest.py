"""For all tests: a property whose premise is hardly ever met is no test."""

from collections.abc import Generator

import pytest

from tests.premises import watch


class PremiseHardlyMet(AssertionError):
    """A property said nothing in most of its draws: draw what it is about."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Count the premises of one test."""
    watch.begin()
    result = yield
    if rare := watch.rare():
        raise PremiseHardlyMet(f"{item.nodeid}: " + "; ".join(rare))
    return result
