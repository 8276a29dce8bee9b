"""Consoles in a real browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import MICROPHONE, Visitor, chromium, visit
from tests.browser.site import Site, open_site
from tests.integration.consoles.desk import PASSWORD
from tests.integration.fixtures import Database, database, postgres, valkey, workshop
from tests.integration.services import Valkey

__all__ = ["database", "postgres", "valkey", "workshop"]

Enter = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def tasks() -> AsyncIterator[asyncio.TaskGroup]:
    """The owner of a test's servers."""
    async with asyncio.TaskGroup() as group:
        yield group


@pytest.fixture
async def site(
    database: Database, valkey: Valkey, tmp_path: Path, tasks: asyncio.TaskGroup
) -> AsyncIterator[Site]:
    """A company at work, its engine scripted."""
    async with open_site(database.dsn, valkey.url, tmp_path / "archive", tasks) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser whose user allows the microphone."""
    async with chromium(MICROPHONE) as started:
        yield started


@pytest.fixture
async def enter(site: Site, browser: Browser) -> AsyncIterator[Enter]:
    """Opens a browser window for somebody and logs in; at the end no page may have reported an error."""
    visitors: list[Visitor] = []

    async def enter(login: str | None, **options: Any) -> Visitor:
        visitor = await visit(browser, site.url, **options)
        visitors.append(visitor)
        if login is not None:
            await visitor.log_in(login, PASSWORD)
        return visitor

    yield enter
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
