"""One lab for all lab tests, and a manager session on its pbx."""

from collections.abc import Iterator

import pytest

from tests.lab.lab_process import Lab
from tests.lab.pbx import Pbx

__all__ = ["Lab", "lab", "pbx"]


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A whole lab with 25 bots and 4 browser agents; ring and talk times are shortened to a third."""
    lab = Lab("--bots", "25", "--web-agents", "4", "--tempo", "0.3", "--keep-heard")
    yield lab
    lab.remove()


@pytest.fixture
def pbx(lab: Lab) -> Iterator[Pbx]:
    """A manager session on the pbx."""
    session = Pbx(lab.facts)
    yield session
    session.ami.close()
