"""`make pictures`: the README's pictures, from the running demo in Chromium, each console in both languages.

What is invented is drawn anew by each run (people, instants); what is shown, and when, is said here alone.
The manifest names the script that took the pictures: `tests/unit/test_pictures.py` fails when it is another.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, expect

from dialer.cli.demo import PASSWORD
from tests.browser.chromium import MICROPHONE, Visitor, chromium, visit
from tests.lab.whole import Whole

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
MANIFEST = FOLDER / "pictures.json"
VIEWS = ("agent", "supervisor", "portfolio", "qa")
LANGUAGES = ("es", "en")
DEMO = ("--goes-on", "--bots", "6", "--debtors", "150", "--seed", "7", "--talk", "40")
CALL_LIMIT = 240_000
"""Milliseconds: several people do not answer before one does."""
ENOUGH = 8
"""Recordings of a floor that has worked for a while."""
VEILED = "La deuda se muestra cuando verifique la identidad."
"""What stands in the place of a debt before the identity was verified."""


def digest(path: Path) -> str:
    """What a file is known by in the manifest."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def picture(view: str, language: str) -> Path:
    """Where a picture stands."""
    return FOLDER / language / f"{view}.png"


def manifest() -> dict[str, object]:
    """Which script took which pictures."""
    taken = {
        f"{language}/{view}": digest(picture(view, language)) for language in LANGUAGES for view in VIEWS
    }
    return {"script": digest(Path(__file__)), "pictures": taken}


async def speaks(visitor: Visitor, language: str) -> None:
    """Turn the page to a language."""
    html = visitor.page.locator("html")
    if await html.get_attribute("lang") != language:
        await visitor.page.click("[data-test=language]")
    await expect(html).to_have_attribute("lang", language)


async def both(visitor: Visitor, view: str) -> None:
    """The page as it is now, in each language; the pointer points at nothing."""
    for language in LANGUAGES:
        await speaks(visitor, language)
        await visitor.page.mouse.move(683, 4)
        picture(view, language).parent.mkdir(parents=True, exist_ok=True)
        await visitor.page.screenshot(path=picture(view, language), animations="disabled")


@asynccontextmanager
async def somebody(browser: Browser, site: str, login: str) -> AsyncIterator[Visitor]:
    """A person of the demo before their console."""
    visitor = await visit(browser, site, color_scheme="light")
    await visitor.log_in(login, PASSWORD)
    yield visitor
    await visitor.context.close()


async def agent(browser: Browser, site: str) -> None:
    """In a call, before the identity was verified: no debt is on the screen."""
    async with somebody(browser, site, "ana") as ana:
        await ana.page.click("[data-test=device-done]")
        await ana.page.wait_for_selector(
            "[data-test=leg][data-leg=up][data-phone=leg_up]", timeout=CALL_LIMIT
        )
        await ana.page.keyboard.press("F2")
        asked = ana.page.locator("[data-test=verified]")
        await expect(asked).to_be_visible(timeout=CALL_LIMIT)
        await both(ana, "agent")
        await speaks(ana, "es")
        await expect(ana.page.get_by_text(VEILED)).to_be_visible()
        await expect(asked).to_be_visible()


async def quality(browser: Browser, site: str) -> None:
    """A recording with its timeline, once there are enough of them."""
    async with somebody(browser, site, "calidad") as quim:
        rows = quim.page.locator("[data-test^=rec-]")
        await expect(rows.first).to_be_visible(timeout=CALL_LIMIT)
        while await rows.count() < ENOUGH:
            await quim.page.wait_for_timeout(5000)
            await quim.page.reload()
            await expect(rows.first).to_be_visible(timeout=CALL_LIMIT)
        await rows.filter(has_text="0:").first.click()
        await quim.page.wait_for_selector("[data-test=player]")
        await quim.page.click("[data-test=tab-timeline]")
        await quim.page.wait_for_selector("[data-test=answered]")
        await both(quim, "qa")


async def supervision(browser: Browser, site: str) -> None:
    """The floor at work, and the lists it works on."""
    async with somebody(browser, site, "supervisor") as sara:
        await sara.page.wait_for_selector("[data-test=forecast][data-state=shown]", timeout=CALL_LIMIT)
        await both(sara, "supervisor")
        await sara.page.click("nav a[href='/portfolio']")
        await sara.page.wait_for_selector("[data-test=lists] tbody tr")
        await both(sara, "portfolio")


async def take(site: str) -> None:
    """All pictures; the floor has worked for a while when the supervisor looks at it."""
    async with chromium(MICROPHONE) as browser:
        await agent(browser, site)
        await quality(browser, site)
        await supervision(browser, site)


def main() -> None:
    """Start the demo, look at it, and write down what was taken by what."""
    with Whole(*DEMO) as demo:
        demo.login()
        demo.campaign("start")
        asyncio.run(take(demo.web))
    MANIFEST.write_text(json.dumps(manifest(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
