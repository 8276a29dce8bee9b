"""Words that nobody is born knowing are explained where they stand, for eye, keyboard and ear."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import agent_row, call, campaign
from tests.browser.site import Site

UNEXPLAINED = """
(words) => {
  const found = [], texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const word = texts.currentNode.textContent.trim(), at = texts.currentNode.parentElement
    // A tab is a control itself: what it shows is explained inside.
    if (!new RegExp(`^(${words})$`, 'i').test(word) || !at.checkVisibility()) continue
    if (at.closest('[role=tab], [popover]')) continue
    const near = [at, at.parentElement].some((one) => one.querySelector(':scope > .hint'))
    found.push((near ? '' : 'NOT EXPLAINED: ') + word)
  }
  return found
}
"""
WORDS = {"es": "impulso|pesos?|encaje|cribado", "en": "boost|weights?|fit|screening"}


async def explained(visitor: Visitor, language: str) -> set[str]:
    """The unknown words on the page as it is now; each must have its hint."""
    found: list[str] = await visitor.page.evaluate(UNEXPLAINED, WORDS[language])
    assert [word for word in found if word.startswith("NOT")] == []
    return {word.lower() for word in found}


async def in_english(visitor: Visitor) -> None:
    """Switch the page over."""
    await visitor.page.click("[data-test=language]")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "en")


@pytest.fixture
async def sol(site: Site, enter: Enter) -> Visitor:
    """The supervisor, before a campaign in predictive mode."""
    site.engine.floor(campaigns=[campaign(site.known.campaign)], agents=[agent_row(1, "Bea")])
    visitor = await enter("sol")
    await visitor.page.wait_for_selector("[data-test=campaign-spring]")
    await visitor.page.get_by_text("Predictivo", exact=True).click()
    await expect(visitor.page.locator("[data-test=boost]")).to_be_visible()
    return visitor


async def test_on_the_supervisors_page(sol: Visitor) -> None:
    assert await explained(sol, "es") == {"impulso", "peso", "cribado"}
    await sol.shot("hints-supervisor-es")
    await in_english(sol)
    assert await explained(sol, "en") == {"boost", "weight", "screening"}
    await sol.page.click("[data-of='floor.number.screening']")
    await sol.shot("hints-supervisor-en")


async def test_on_the_pages_of_lists_and_settings(sol: Visitor) -> None:
    await sol.page.get_by_role("link", name="Cartera").click()
    await sol.page.wait_for_selector("[data-test=lists] tbody tr")
    assert await explained(sol, "es") == {"peso"}
    await sol.page.keyboard.press("Alt+6")
    await sol.page.wait_for_selector("[data-test=settings]")
    assert await explained(sol, "es") == {"cribado"}
    await sol.shot("hints-settings-es")
    await in_english(sol)
    assert await explained(sol, "en") == {"screening"}
    assert await sol.inaccessible() == []


async def test_in_a_call_and_in_its_timeline(site: Site, enter: Enter) -> None:
    fit = {"score": 1.42, "parts": {"skills": 0.8}, "tier": "fair"}
    site.engine.show(site.known.users["ana"], state="on_call", pause_code="", call=call(routing=fit))
    ana = await enter("ana")
    await ana.page.wait_for_selector("[data-test=person]")
    assert await explained(ana, "es") == {"encaje"}
    await ana.page.locator("[data-of='routing.score']").scroll_into_view_if_needed()
    await ana.page.click("[data-of='routing.score']")
    await ana.shot("hints-agent-es")

    await site.value("""UPDATE attempts SET verdict = 'human', routing = '{"score": 1.42}' RETURNING 1""")
    quim = await enter("quim")
    await quim.page.click(f"[data-test=rec-{site.known.recording}]")
    await quim.page.click("[data-test=tab-timeline]")
    await quim.page.wait_for_selector("[data-test=answered]")
    assert await explained(quim, "es") == {"cribado", "encaje"}
    await quim.page.click("[data-test=tab-verdict]")
    await expect(quim.page.locator("[data-test=verdicts] h3")).to_be_visible()
    assert await explained(quim, "es") == {"cribado"}
    assert await quim.inaccessible() == []


async def test_a_hint_is_told_opened_and_closed_without_a_mouse(sol: Visitor) -> None:
    hint = sol.page.locator("[data-of='setting.boost']")
    await expect(hint).to_have_accessible_name("Qué es «Impulso»")
    await expect(hint).to_have_accessible_description(re.compile("Multiplica el abandono objetivo"))
    text = sol.page.get_by_role("note").filter(has_text="Multiplica el abandono objetivo")
    await expect(text).to_be_hidden()
    await sol.page.fill("[data-test=boost]", "150")
    await hint.focus()
    await sol.page.keyboard.press("Enter")
    await expect(text).to_be_visible()
    await expect(hint).to_have_attribute("aria-expanded", "true")
    box = await text.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1366
    await sol.shot("hint-open-es")
    assert await sol.inaccessible() == []
    await sol.page.keyboard.press("Escape")
    await expect(text).to_be_hidden()
    # The form gives its changes up at Escape; this one was not meant for it.
    await expect(sol.page.locator("[data-test=boost]")).to_have_value("150")
    await expect(hint).to_be_focused()


async def test_a_hint_in_the_heading_chooses_nothing(sol: Visitor, site: Site) -> None:
    await sol.page.click("[data-of='floor.idle']")
    await expect(sol.page.get_by_role("note").filter(has_text="espera de media")).to_be_visible()
    await sol.page.keyboard.press("Escape")
    await expect(sol.page.get_by_role("note")).to_have_count(0)
