"""One lab for all lab tests, and a manager session on its pbx."""

import os
import sys
from collections.abc import Iterator

import pytest

from sip_lab import engine
from tests.lab.lab_process import Lab
from tests.lab.pbx import Pbx

__all__ = ["Lab", "lab", "pbx"]


def say(text: str) -> None:
    """Which image is built."""
    sys.stdout.write(f"{text}\n")


@pytest.fixture(scope="session", autouse=True)
def engine_for_all() -> Iterator[None]:
    """On containers (`make lab LAB=docker`): one engine, for as long as there are tests."""
    if os.environ.get("SIP_LAB_ON") != "docker":
        yield
        return
    with engine.running(say):
        yield


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
