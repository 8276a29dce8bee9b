"""A person at the agent console: real Chromium, a microphone that plays a file, one task of clicks."""

import asyncio
import os
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
from playwright.async_api import Page, async_playwright

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)


def voice(path: Path) -> Path:
    """A file for the microphone: half a second of a 440 Hz tone, half a second of quiet, for ten seconds."""
    rate = 48_000
    t = np.arange(rate * 10) / rate
    loud = (t % 1.0) < 0.5
    soundfile.write(
        path, (0.4 * np.sin(2 * np.pi * 440 * t) * loud).astype(np.float32), rate, subtype="PCM_16"
    )
    return path


class BrowserAgent:
    """Logs in as an agent, gets ready, and works call after call until told to stop."""

    def __init__(self, web: str, login: str, password: str, microphone: Path) -> None:
        self._web, self._login, self._password, self._microphone = web, login, password, microphone
        self.page: Page
        self.errors: list[str] = []

    async def __aenter__(self) -> Self:
        self._playwright = await async_playwright().start()
        flags = [*_FLAGS, f"--use-file-for-fake-audio-capture={self._microphone}"]
        self._browser = await self._playwright.chromium.launch(
            executable_path=os.environ.get("CADENCIA_CHROMIUM", "/usr/bin/chromium"), args=flags
        )
        context = await self._browser.new_context(
            permissions=["microphone"], viewport={"width": 1366, "height": 768}, locale="es-ES"
        )
        self.page = await context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.page.screenshot(path=self._microphone.with_suffix(".png"))
        await self._browser.close()
        await self._playwright.stop()

    async def starts_shift(self) -> None:
        """Log in, check the devices, wait for the leg, get ready."""
        await self.page.goto(f"{self._web}/agent")
        await self.page.fill("#login", self._login)
        await self.page.fill("#password", self._password)
        await self.page.press("#password", "Enter")
        await self.page.click("[data-test=device-done]:not([disabled])", timeout=30_000)
        await self.page.wait_for_selector("[data-test=leg][data-leg=up]", timeout=30_000)
        await self.gets_ready()

    async def gets_ready(self) -> None:
        """Ask to be ready and see the server say so."""
        await self.page.keyboard.press("F2")
        await self.page.wait_for_selector("[data-test=state][data-state=ready]", timeout=10_000)

    async def hangs_up(self) -> None:
        """F9, once the call is old enough that the page does not ask whom it means."""
        await self.page.wait_for_selector("[data-test=hang-up][data-new=false]", timeout=5_000)
        await self.page.keyboard.press("F9")

    async def takes_a_call(self, seconds: float, limit: float) -> str:
        """Wait for a person, talk, hang up unless they did, dispose; the name that was on the screen."""
        await self.page.wait_for_selector("[data-test=state][data-state=on_call]", timeout=limit * 1000)
        name = await self.page.inner_text("[data-test=person] h1, [data-test=person-name]")
        over = self.page.wait_for_selector("[data-test=state][data-state=wrap_up]", timeout=seconds * 1000)
        hung_up = await asyncio.gather(over, return_exceptions=True)
        if isinstance(hung_up[0], Exception):
            await self.hangs_up()
            await self.page.wait_for_selector("[data-test=state][data-state=wrap_up]", timeout=10_000)
        await self.page.keyboard.press("Alt+3")
        await self.page.keyboard.press("Control+Enter")
        # The next person may be there at once: ready need not be seen.
        await self.page.wait_for_selector("[data-test=state]:not([data-state=wrap_up])", timeout=10_000)
        return name
