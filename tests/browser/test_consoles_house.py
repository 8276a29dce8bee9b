"""The parts that all pages are made of: dialogs, tabs, hints and messages, by keyboard and over another."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import campaign
from tests.browser.site import Site

FOCUSED = "document.activeElement.getAttribute('data-test') ?? document.activeElement.id"
INSIDE = "document.querySelector('[role=dialog]').contains(document.activeElement)"
ON_TOP = """
    (one) => {
        const at = one.getBoundingClientRect()
        return one.contains(document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2))
    }
"""


@pytest.fixture
async def sol(site: Site, enter: Enter) -> Visitor:
    """The supervisor with one campaign that runs."""
    site.engine.floor(campaigns=[campaign(site.known.campaign, status="running")])
    visitor = await enter("sol")
    await visitor.page.wait_for_selector("[data-test=campaign-spring]")
    return visitor


async def test_a_dialog_keeps_the_focus_and_gives_it_back(sol: Visitor) -> None:
    await sol.page.locator("[data-test=password]").focus()
    await sol.page.keyboard.press("Enter")
    dialog = sol.page.get_by_role("dialog", name="Cambiar contraseña")
    await expect(dialog).to_be_visible()
    await expect(sol.page.locator("#password-old")).to_be_focused()
    for key in ["Tab"] * 8 + ["Shift+Tab"] * 9:
        await sol.page.keyboard.press(key)
        assert await sol.page.evaluate(INSIDE), key
    await sol.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(sol.page.locator("[data-test=password]")).to_be_focused()


async def test_a_question_begins_at_the_way_back_and_a_press_beside_it_is_no(
    sol: Visitor, site: Site
) -> None:
    await sol.page.click("[data-test=stop]")
    await expect(sol.page.locator("[data-test=keep]")).to_be_focused()
    await sol.page.mouse.click(5, 400)
    await expect(sol.page.get_by_role("dialog")).to_have_count(0)
    await expect(sol.page.locator("[data-test=stop]")).to_be_focused()
    assert await site.value("SELECT count(*) FROM audit WHERE action LIKE 'campaign.%'") == 0


async def test_tabs_are_turned_by_arrows_and_opened_by_enter(sol: Visitor, site: Site) -> None:
    await sol.page.locator("[data-test=tab-agents]").focus()
    for key, focused in (
        ("ArrowRight", "persons"),
        ("End", "health"),
        ("ArrowRight", "agents"),
        ("ArrowLeft", "health"),
    ):
        await sol.page.keyboard.press(key)
        assert await sol.page.evaluate(FOCUSED) == f"tab-{focused}"
    await expect(sol.page).to_have_url(f"{site.url}/supervisor")
    await sol.page.keyboard.press("Enter")
    await expect(sol.page).to_have_url(f"{site.url}/supervisor/health")
    await expect(sol.page.get_by_role("tabpanel", name="Salud")).to_be_visible()


async def test_a_message_stands_above_a_dialog_and_closing_it_leaves_nothing(sol: Visitor) -> None:
    await sol.page.click("[data-test=pause-campaign]")
    toast = sol.page.locator("[data-test=toast]")
    await expect(toast).to_contain_text("Primavera")
    await sol.page.click("[data-test=password]")
    await expect(sol.page.get_by_role("dialog")).to_be_visible()
    assert await toast.evaluate(ON_TOP)
    await sol.shot("toast-over-dialog")
    await expect(sol.page.get_by_role("status").filter(has_text="Primavera")).to_be_visible()
    await toast.get_by_role("button").click()
    await expect(toast).to_have_count(0)
    await expect(sol.page.get_by_role("dialog")).to_be_visible()


async def test_a_message_waits_while_it_is_pointed_at(sol: Visitor) -> None:
    await sol.page.clock.install()
    await sol.page.click("[data-test=pause-campaign]")
    toast = sol.page.locator("[data-test=toast]")
    await toast.hover()
    await sol.page.clock.run_for(7000)
    await expect(toast).to_be_visible()
    await sol.page.mouse.move(5, 5)
    await expect(toast).to_have_count(0)


async def test_what_a_hint_says_is_by_its_button_and_in_the_window(sol: Visitor) -> None:
    await sol.page.get_by_text("Predictivo", exact=True).click()
    await sol.page.set_viewport_size({"width": 390, "height": 844})
    hint = sol.page.locator("[data-of='setting.boost']")
    await hint.click()
    note = sol.page.get_by_role("note")
    box, at = await note.bounding_box(), await hint.bounding_box()
    assert box is not None
    assert at is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert min(abs(box["y"] - at["y"] - at["height"]), abs(at["y"] - box["y"] - box["height"])) < 20
    await hint.click()
    await expect(note).to_have_count(0)
    await expect(hint).to_have_attribute("aria-expanded", re.compile("false"))
