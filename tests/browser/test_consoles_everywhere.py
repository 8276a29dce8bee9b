"""Every page for everybody's eyes: both languages, both themes, three screens.

axe finds nothing, and nothing stands beside the edge. Each group of pages has one window, in which language,
theme and size change.
"""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import agent_row, call, campaign, iso
from tests.browser.site import Site

SCREENS = ((1366, 768), (1920, 1080), (390, 844))
LANGUAGES = ("es", "en")
THEMES = ("light", "dark")
BESIDE = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
PAINTED = """
    async () => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
        const fading = document.getAnimations().filter((one) => one instanceof CSSTransition)
        await Promise.allSettled(fading.map((one) => one.finished))
    }
"""
"""No colour is on its way from one theme to the other."""
WAITING = """
    INSERT INTO callbacks (lead_id, campaign_id, person_id, at, open_at, made_at)
    SELECT id, campaign_id, person_id, now() + interval '2 hours', now() + interval '2 hours', now()
    FROM leads RETURNING 1"""
"""Somebody asked to be called back."""
FLOOR = (
    "/supervisor",
    "/supervisor?panel=trend",
    "/supervisor?panel=decisions",
    "/supervisor?panel=versions",
    "/supervisor/persons",
    "/supervisor/persons/{person}",
    "/supervisor/import",
    "/supervisor/alarms",
    "/supervisor/health",
)
PORTFOLIO = (
    "/portfolio",
    "/portfolio/held",
    "/portfolio/callbacks",
    "/portfolio/rules",
    "/portfolio/skills",
    "/portfolio/settings",
    "/portfolio/numbers",
    "/portfolio/complaints",
    "/portfolio/trunks",
    "/portfolio/jobs",
    "/portfolio/wishes",
)
DESK = (
    "/qa",
    "/qa/recordings/{recording}",
    "/qa/recordings/{recording}/timeline",
    "/qa/recordings/{recording}/verdict",
    "/help/agent",
    "/help/supervisor",
    "/help/quality",
    "/gallery",
)
DIALOGS = (
    ("/supervisor", "[data-test=password]"),
    ("/supervisor", "[data-test=stop]"),
    ("/supervisor/persons/{person}", "[data-test=complaint]"),
    ("/supervisor/persons/{person}", "[data-test=stop-person]"),
    ("/portfolio/callbacks", "[data-test=move]"),
    ("/gallery", "[data-test=open-wide]"),
    ("/gallery", "[data-test=open-keys]"),
)


@pytest.fixture(autouse=True)
async def busy(site: Site) -> None:
    """Something to show on each page."""
    await site.value(WAITING)
    await site.value("UPDATE leads SET held_by = 'attempts_per_day' RETURNING 1")
    names = ("Ana Sánchez-Villanueva Ortiz de Zárate", "Bea")
    site.engine.floor(
        campaigns=[campaign(site.known.campaign, status="running")],
        agents=[
            agent_row(site.known.users["ana"], names[0], state="on_call", call_campaign="Primavera"),
            agent_row(site.known.users["bea"], names[1]),
        ],
        alarms=1,
    )


@pytest.mark.parametrize(
    ("login", "places"),
    [("sol", FLOOR), ("root", PORTFOLIO), ("sol", DESK)],
    ids=["floor", "portfolio", "desk"],
)
async def test_each_page(enter: Enter, site: Site, login: str, places: tuple[str, ...]) -> None:
    visitor = await enter(login)
    found: list[str] = []
    for place in places:
        await opened(visitor, site, place)
        found += await seen_by_all(visitor, place.strip("/").replace("/", "-"))
    assert found == []


async def test_each_dialog(enter: Enter, site: Site) -> None:
    sol = await enter("sol")
    for place, button in DIALOGS:
        for language in LANGUAGES:
            await opened(sol, site, place)
            await speak(sol.page, language)
            await sol.page.click(button)
            await expect(sol.page.get_by_role("dialog")).to_be_visible()
            found = [one async for one in on_all_screens(sol, f"dialog-{button[11:-1]}-{language}")]
            assert found == []
            await sol.page.keyboard.press("Escape")
            await expect(sol.page.get_by_role("dialog")).to_have_count(0)


async def test_before_the_login_and_beside_all_addresses(enter: Enter, site: Site) -> None:
    stranger = await enter(None)
    for place in ("/login", "/nowhere"):
        await stranger.page.goto(site.url + place)
        await expect(stranger.page.get_by_role("heading")).to_be_visible()
        assert await seen_by_all(stranger, place.strip("/")) == []
    stranger.complaints.clear()  # the browser's own, of the 404


async def test_the_agents_page_waiting_and_in_a_call(enter: Enter, site: Site) -> None:
    ana, agent = await enter("ana"), site.known.users["ana"]
    await ana.page.wait_for_selector("[data-test=device-done]")
    assert await seen_by_all(ana, "agent-check") == []
    await ana.page.click("[data-test=device-done]")
    assert await seen_by_all(ana, "agent") == []
    site.engine.show(agent, state="on_call", pause_code="", since=iso(3), call=call(verified=True))
    await ana.page.wait_for_selector("[data-test=person]")
    assert await seen_by_all(ana, "agent-call") == []


async def test_six_campaigns_fit_on_a_small_screen(enter: Enter, site: Site) -> None:
    """Though the law brakes two of them; nothing is scrolled, and under them there is room to work."""
    names = ("Primavera", "Verano", "Otoño", "Invierno", "Tarjetas vencidas", "Hipotecas norte")
    rows = [
        campaign(number, code=f"c{number}", name=name, status="running", capped=number < 3)
        for number, name in enumerate(names, 1)
    ]
    site.engine.floor(campaigns=rows)
    sol = await enter("sol")
    for language in LANGUAGES:
        await speak(sol.page, language)
        await expect(sol.page.locator("[data-test^=campaign-]")).to_have_count(len(names))
        await sol.shot(f"six-{language}")
        for row in await sol.page.locator("[data-test^=campaign-]").all():
            await expect(row).to_be_in_viewport(ratio=1)
        strip = sol.page.locator(".strip .scroll")
        assert await strip.evaluate("(one) => one.scrollHeight - one.clientHeight") <= 0
        assert await sol.page.evaluate("document.scrollingElement.scrollHeight - innerHeight") <= 0
        room = await sol.page.locator("[data-test=control]").bounding_box()
        assert room is not None
        assert room["height"] > 320
        await sol.page.locator("[data-test=abandonment-more]").first.click()
        await expect(sol.page.locator("[data-test=spare]")).to_be_visible()
        assert await sol.inaccessible() == []
        await sol.page.keyboard.press("Escape")


async def opened(visitor: Visitor, site: Site, place: str) -> None:
    """That page, with what it asked for."""
    path = place.format(person=site.known.person, recording=site.known.recording)
    await visitor.page.goto(site.url + path)
    await visitor.page.wait_for_selector("main")
    await visitor.page.wait_for_load_state("networkidle")


async def speak(page: Page, language: str) -> None:
    """Turn the page to a language, unless it speaks it."""
    if await page.locator("html").get_attribute("lang") != language:
        await page.click("[data-test=language]")
        await expect(page.locator("html")).to_have_attribute("lang", language)


async def seen_by_all(visitor: Visitor, name: str) -> list[str]:
    """What is wrong with the page as it is now, in any language, theme or size."""
    found: list[str] = []
    for language in LANGUAGES:
        await visitor.page.set_viewport_size({"width": 1366, "height": 768})
        await speak(visitor.page, language)
        found += [one async for one in on_all_screens(visitor, f"{name}-{language}")]
    return found


async def on_all_screens(visitor: Visitor, name: str) -> AsyncIterator[str]:
    """The same in the language that is spoken."""
    page = visitor.page
    for width, height in SCREENS:
        await page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            await page.evaluate(PAINTED)
            where = f"{name}-{theme}-{width}"
            await visitor.shot(where)
            # Another theme changes colours, and nothing else.
            for one in await visitor.inaccessible(colours=theme != THEMES[0]):
                yield f"{where}: {one}"
            beside = await page.evaluate(BESIDE)
            if beside > 0:
                yield f"{where}: {beside} px beside the edge"
