"""Fixtures of the AMI tests."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.dialer.ami.manager_server import ManagerServer, manager_server


@pytest.fixture
async def server() -> AsyncIterator[ManagerServer]:
    """A manager interface on loopback."""
    async with manager_server() as running:
        yield running
