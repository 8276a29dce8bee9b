"""For all tests: a property whose premise is hardly ever met is no test, nor is one that asserts speed."""

from collections.abc import Generator

import pytest
from hypothesis import settings

from portfolio.rule_packs.shelf import SHELF
from tests.premises import watch

# 200 ms for an example, as is usual, is a claim about this machine. In CI the draws are the same each time.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")

# Nobody real can be called from here: the pack that is always open may hold.
SHELF.laboratory = True


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


@pytest.fixture
def outside_the_laboratory() -> Generator[None]:
    """Where real people can be called."""
    SHELF.laboratory = False
    yield
    SHELF.laboratory = True
