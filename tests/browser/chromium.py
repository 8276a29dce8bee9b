"""A real browser, and what every page of the consoles must not do in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

PATIENCE = 15_000
"""Milliseconds in which the page must show what is expected of it, also while others use the machine."""
expect.set_options(timeout=PATIENCE)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --use-fake-device-for-media-stream "
    "--allow-loopback-in-peer-connection --autoplay-policy=no-user-gesture-required"
).split()
MICROPHONE = "--use-fake-ui-for-media-stream"
"""The person at the browser allows the microphone."""
SHOTS = os.environ.get("CADENCIA_SCREENSHOTS", "")
AXE = Path(__file__).parents[2] / "consoles/web/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The login page asks who is there: 401 is an answer, not a fault. Some tests stop the server on purpose.
_EXPECTED = ("401 (Unauthorized)", "ERR_CONNECTION_REFUSED", "WebSocket connection to", "412 (Precondition")


@dataclass(slots=True)
class Visitor:
    """One person with a browser of their own."""

    context: BrowserContext
    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    async def log_in(self, login: str, password: str) -> None:
        """From the login page to the console."""
        await self.page.goto(f"{self.site}/login")
        await self.page.fill("#login", login)
        await self.page.fill("#password", password)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector("[data-test=log-out]")

    async def second_page(self) -> Page:
        """Another tab."""
        page = await self.context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Keep every error that the page reports, blocked content included."""

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(known in message.text for known in _EXPECTED):
                self.complaints.append(message.text)

        page.on("console", said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def text(self, selector: str) -> str:
        """What an element says."""
        return " ".join((await self.page.inner_text(selector)).split())

    async def inaccessible(self, page: Page | None = None, *, colours: bool = False) -> list[str]:
        """Breaches of WCAG 2.2 A and AA that axe finds on the page (or another tab) now, or of contrast."""
        page = page or self.page
        before = len(self.complaints)
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text("utf-8"))
        wanted = ["color-contrast"] if colours else WCAG
        found: dict[str, Any] = await page.evaluate(
            "(wanted) => axe.run({resultTypes: ['violations'], runOnly: wanted})", wanted
        )
        # The checker itself tries an inline style, which our policy blocks.
        del self.complaints[before:]
        return [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    async def shot(self, name: str) -> None:
        """Keep a picture, when somebody wants to look."""
        if SHOTS:
            await self.page.screenshot(path=Path(SHOTS) / f"{name}.png")


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A browser of its own for one test."""
    program = os.environ.get("CADENCIA_CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


async def visit(browser: Browser, site: str, **options: Any) -> Visitor:
    """A person who opens the browser; Spanish, on a small laptop."""
    settings: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}, "locale": "es-ES", **options}
    context = await browser.new_context(**settings)
    context.set_default_timeout(PATIENCE)
    visitor = Visitor(context, await context.new_page(), site)
    visitor.watch(visitor.page)
    return visitor
