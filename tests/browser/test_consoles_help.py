"""The guide of one's work, one key away, without leaving the page one works on."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import SHOTS, Visitor
from tests.browser.conftest import Enter
from tests.browser.site import Site

HEADINGS = {
    ("ana", "es"): "Guía del agente",
    ("ana", "en"): "Agent's guide",
    ("sol", "es"): "Guía de supervisión",
    ("sol", "en"): "Supervisor's guide",
    ("quim", "es"): "Guía de calidad",
    ("quim", "en"): "Quality guide",
}
LINK = {"es": "Guía (se abre en otra pestaña)", "en": "Guide (opens in another tab)"}
OVERFLOW = """
    [document.documentElement, document.querySelector('main')].map((one) => one.scrollWidth - one.clientWidth)
"""


@pytest.mark.parametrize(("login", "language"), HEADINGS)
async def test_the_guide_of_ones_role_opens_in_a_tab_of_its_own(
    enter: Enter, site: Site, login: str, language: str
) -> None:
    visitor, guide = await _opened(enter, login, language)
    await expect(guide).to_have_url(f"{site.url}/help")
    await expect(guide.locator("h1")).to_have_text(HEADINGS[login, language])
    await expect(guide.locator("article")).to_have_attribute("lang", language)
    assert await visitor.page.locator("[data-test=guide]").count() == 1, "the page of work is still there"
    assert await guide.evaluate("window.opener") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["es", "en"])
async def test_a_guide_is_for_everybodys_eyes_and_every_width(
    enter: Enter, language: str, scheme: str
) -> None:
    visitor, guide = await _opened(enter, "sol", language, color_scheme=scheme)
    for width in (1366, 390):
        await guide.set_viewport_size({"width": width, "height": 844})
        await expect(guide.locator("h1")).to_have_text(HEADINGS["sol", language])
        assert await visitor.inaccessible(guide) == []
        assert await guide.evaluate(OVERFLOW) == [0, 0], width
        await _shot(guide, f"help-{language}-{scheme}-{width}")


async def test_the_parts_lead_to_their_place_and_one_guide_to_another(enter: Enter, site: Site) -> None:
    _, guide = await _opened(enter, "sol", "es")
    await guide.get_by_role("navigation", name="En esta página").get_by_role("link", name="Alarmas").click()
    await expect(guide.get_by_role("heading", name="Alarmas")).to_be_in_viewport()
    await guide.get_by_role("link", name="grabaciones").click()
    await expect(guide.locator("h1")).to_have_text("Guía de calidad")
    await expect(guide).to_have_url(f"{site.url}/help/quality")
    await expect(guide.locator("h1")).to_be_in_viewport()
    await guide.go_back()
    await expect(guide.locator("h1")).to_have_text("Guía de supervisión")
    await guide.click("[data-test=guide-agent]")
    await expect(guide.locator("h1")).to_have_text("Guía del agente")
    await guide.reload()
    await expect(guide.locator("h1")).to_have_text("Guía del agente")


async def test_a_guide_of_another_role_is_not_shown_and_a_stranger_logs_in(enter: Enter, site: Site) -> None:
    visitor = await enter("ana")
    await visitor.page.goto(f"{site.url}/help/supervisor")
    await expect(visitor.page.locator("h1")).to_have_text("Guía del agente")
    assert await visitor.page.locator("[data-test^=guide-]").count() == 0
    stranger = await enter(None)
    await stranger.page.goto(f"{site.url}/help")
    await expect(stranger.page).to_have_url(f"{site.url}/login")


async def _opened(enter: Enter, login: str, language: str, **options: str) -> tuple[Visitor, Page]:
    """By keyboard, from the header of the page where one works."""
    visitor = await enter(login, **options)
    if language == "en":
        await visitor.page.click("[data-test=language]")
    await visitor.shot(f"help-link-{login}-{language}")
    await visitor.page.get_by_role("link", name=LINK[language]).focus()
    async with visitor.context.expect_page() as opening:
        await visitor.page.keyboard.press("Enter")
    guide = await opening.value
    visitor.watch(guide)
    return visitor, guide


async def _shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")
