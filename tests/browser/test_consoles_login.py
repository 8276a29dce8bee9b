"""Coming in: who, where to, in which language, and out again."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Enter
from tests.browser.site import Site
from tests.integration.consoles.desk import PASSWORD


@pytest.mark.parametrize(
    ("login", "page"), [("ana", "/agent"), ("sol", "/supervisor"), ("root", "/supervisor"), ("quim", "/qa")]
)
async def test_the_role_decides_where_one_lands(enter: Enter, site: Site, login: str, page: str) -> None:
    visitor = await enter(login)
    await expect(visitor.page).to_have_url(site.url + page)


async def test_a_console_of_another_role_is_not_shown(enter: Enter, site: Site) -> None:
    visitor = await enter("quim")
    await visitor.page.goto(f"{site.url}/supervisor")
    await expect(visitor.page).to_have_url(f"{site.url}/qa")


async def test_a_wrong_password_is_told_and_nothing_more(enter: Enter, site: Site) -> None:
    visitor = await enter(None)
    await visitor.page.goto(f"{site.url}/supervisor")
    await visitor.page.fill("#login", "sol")
    await visitor.page.fill("#password", "wrong")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.get_by_role("alert")).to_have_text("Usuario o contraseña incorrectos.")
    assert await visitor.page.input_value("#password") == ""


async def test_the_language_belongs_to_the_user(enter: Enter, site: Site) -> None:
    first = await enter("sol")
    await first.page.click("[data-test=language]")
    await expect(first.page.locator("[data-test=tab-agents]")).to_have_text("Agents")
    await expect(first.page.locator("html")).to_have_attribute("lang", "en")
    assert await site.value("SELECT locale FROM users WHERE login = 'sol'") == "en"
    elsewhere = await enter("sol")
    await expect(elsewhere.page.locator("[data-test=tab-agents]")).to_have_text("Agents")


async def test_the_theme_can_be_chosen_and_is_kept(enter: Enter) -> None:
    visitor = await enter("quim", color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = await visitor.page.evaluate(background)
    await visitor.page.click("[data-test=theme]")
    await visitor.page.click("[data-test=theme]")
    assert await visitor.page.evaluate(background) != light
    await visitor.page.reload()
    await visitor.page.wait_for_selector("[data-test=log-out]")
    await expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_log_out_ends_the_session(enter: Enter, site: Site) -> None:
    visitor = await enter("quim")
    await visitor.page.click("[data-test=log-out]")
    await expect(visitor.page).to_have_url(f"{site.url}/login")
    assert await site.value("SELECT count(*) FROM sessions") == 0
    await visitor.page.goto(f"{site.url}/qa")
    await expect(visitor.page).to_have_url(f"{site.url}/login")


async def test_a_session_that_ended_leads_to_the_login(enter: Enter, site: Site) -> None:
    visitor = await enter("quim")
    await visitor.page.wait_for_selector("[data-test^=rec-]")
    await site.value("DELETE FROM sessions RETURNING 1")
    await visitor.page.click("[data-test=qa-search]")
    await expect(visitor.page).to_have_url(f"{site.url}/login")
    await visitor.log_in("quim", PASSWORD)
    await expect(visitor.page).to_have_url(f"{site.url}/qa")
