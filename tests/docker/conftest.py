"""One engine for all tests on containers. Where none can be had, the stage leaves them out and says why."""

import sys
from collections.abc import Iterator

import pytest

from sip_lab import engine


def say(text: str) -> None:
    """Which image is built; shown when a test fails."""
    sys.stdout.write(f"{text}\n")


@pytest.fixture(scope="session", autouse=True)
def on_containers() -> Iterator[None]:
    """Every lab of the session runs on containers, and the engine lives until the last is over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIP_LAB_ON", "docker")
        with engine.running(say):
            yield
