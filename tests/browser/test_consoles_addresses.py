"""Every place of the consoles has an address: opened, left, come back to, and told when it is none."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import campaign
from tests.browser.site import Site
from tests.integration.consoles.desk import PASSWORD

LOST = {
    "es": ("es-ES", "Página no encontrada", "Ir al inicio"),
    "en": ("en-GB", "Page not found", "Go home"),
}
PLACES = [
    ("/supervisor", "Agentes · Supervisión · Cadencia"),
    ("/supervisor/persons", "Personas · Supervisión · Cadencia"),
    ("/supervisor/import", "Importar · Supervisión · Cadencia"),
    ("/supervisor/alarms", "Alarmas · Supervisión · Cadencia"),
    ("/supervisor/health", "Salud · Supervisión · Cadencia"),
    ("/portfolio", "Listas · Cartera · Cadencia"),
    ("/portfolio/held", "Retenidos · Cartera · Cadencia"),
    ("/portfolio/complaints", "Reclamaciones · Cartera · Cadencia"),
    ("/portfolio/wishes", "Segunda firma · Cartera · Cadencia"),
    ("/qa", "Calidad · Cadencia"),
    ("/help/quality", "Calidad · Guía · Cadencia"),
]


async def test_each_tab_has_its_address_and_its_title(enter: Enter, site: Site) -> None:
    root = await enter("root")
    for path, title in PLACES:
        await root.page.goto(site.url + path)
        await expect(root.page).to_have_title(title)
        await expect(root.page).to_have_url(site.url + path)


async def test_tabs_go_back_and_forward_and_outlast_a_reload(enter: Enter, site: Site) -> None:
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-alarms]")
    await expect(sol.page).to_have_url(f"{site.url}/supervisor/alarms")
    await sol.page.get_by_role("link", name="Cartera").click()
    await sol.page.click("[data-test=tab-skills]")
    await expect(sol.page).to_have_url(f"{site.url}/portfolio/skills")
    await sol.page.reload()
    await chosen(sol.page, "skills")
    await sol.page.go_back()
    await chosen(sol.page, "lists")
    await sol.page.go_back()
    await chosen(sol.page, "alarms")
    await sol.page.go_forward()
    await chosen(sol.page, "lists")


async def test_a_person_and_a_recording_are_opened_by_their_address(enter: Enter, site: Site) -> None:
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-persons]")
    await sol.page.fill("[data-test=persons] input", "C-1")
    await sol.page.keyboard.press("Enter")
    person = f"{site.url}/supervisor/persons/{site.known.person}"
    await expect(sol.page).to_have_url(person)
    await sol.page.go_back()
    await expect(sol.page.locator("[data-test=why]")).to_have_count(0)
    await sol.page.goto(person)
    await expect(sol.page.locator("[data-test=why]")).to_contain_text("Marta Muñoz")
    recording = f"{site.url}/qa/recordings/{site.known.recording}"
    await sol.page.goto(f"{recording}/timeline")
    await expect(sol.page.locator("[data-test=timeline]")).to_be_visible()
    await sol.page.click("[data-test=tab-verdict]")
    await expect(sol.page).to_have_url(f"{recording}/verdict")


async def test_what_is_looked_at_and_filtered_stands_in_the_address(enter: Enter, site: Site) -> None:
    other = await site.value(
        "INSERT INTO campaigns (code, name, trunk, caller_id, settings)"
        " SELECT 'autumn', 'Otoño', trunk, caller_id, settings FROM campaigns RETURNING id"
    )
    site.engine.floor(campaigns=[campaign(site.known.campaign)])
    sol = await enter("sol")
    await sol.page.goto(f"{site.url}/portfolio/held?campaign={other}")
    await expect(sol.page.locator("[data-test=campaign]")).to_have_value(str(other))
    await sol.page.click("[data-test=tab-settings]")
    await expect(sol.page).to_have_url(f"{site.url}/portfolio/settings?campaign={other}")
    await sol.page.goto(f"{site.url}/supervisor/import?campaign={other}")
    await expect(sol.page.locator("[data-test=control] h2")).to_have_text("Otoño")
    await sol.page.click("[data-test=versions]")
    await expect(sol.page).to_have_url(f"{site.url}/supervisor/import?campaign={other}&panel=versions")
    await sol.page.goto(f"{site.url}/supervisor?state=paused")
    await expect(sol.page.locator("[data-test=state-paused]")).to_have_attribute("aria-pressed", "true")
    await sol.page.goto(f"{site.url}/portfolio/complaints")
    await sol.page.select_option("[data-test=complaint-state]", "closed")
    await sol.page.select_option("[data-test=complaint-due]", "late")
    await expect(sol.page).to_have_url(f"{site.url}/portfolio/complaints?state=closed&due=late")


async def test_a_search_for_recordings_is_asked_again_from_its_address(enter: Enter, site: Site) -> None:
    """What somebody typed of a person is not in it: an address is kept, and sent to others."""
    quim = await enter("quim")
    await quim.page.wait_for_selector("[data-test^=rec-]")
    await quim.page.click("[data-test=qa-filters]")
    await quim.page.fill("[data-test=qa-query]", "muñoz")
    await quim.page.get_by_label("Mín. segundos").fill("3600")
    await quim.page.click("[data-test=qa-search]")
    await expect(quim.page).to_have_url(f"{site.url}/qa?min_seconds=3600")
    await expect(quim.page.locator("[data-test^=rec-]")).to_have_count(0)
    await quim.page.reload()
    await expect(quim.page.get_by_label("Mín. segundos")).to_have_value("3600")
    await expect(quim.page.locator("[data-test^=rec-]")).to_have_count(0)
    await quim.page.go_back()
    await expect(quim.page.locator("[data-test^=rec-]")).to_have_count(1)


@pytest.mark.parametrize("language", LOST)
async def test_an_unknown_address_says_so_and_shows_the_way_home(
    enter: Enter, site: Site, language: str
) -> None:
    locale, title, home = LOST[language]
    stranger = await enter(None, locale=locale)
    for path in ("/nowhere", "/supervisor/nowhere", "/qa/recordings/x"):
        answer = await stranger.page.goto(site.url + path)
        assert answer is not None
        assert answer.status == 404
        await expect(stranger.page.get_by_role("heading")).to_have_text(title)
        await expect(stranger.page).to_have_title(f"{title} · Cadencia")
    await stranger.shot(f"not-found-{language}")
    assert await stranger.inaccessible() == []
    await stranger.page.get_by_role("link", name=home).click()
    await expect(stranger.page).to_have_url(f"{site.url}/login")
    stranger.complaints.clear()  # the browser's own, of the 404


async def test_the_login_leads_to_what_was_wished(enter: Enter, site: Site) -> None:
    wished = f"{site.url}/qa/recordings/{site.known.recording}/timeline?min_seconds=1"
    quim = await enter(None)
    await quim.page.goto(wished)
    await expect(quim.page).to_have_url(f"{site.url}/login")
    await quim.page.reload()
    await logs_in(quim, "quim")
    await expect(quim.page).to_have_url(wished)
    await expect(quim.page.locator("[data-test=timeline]")).to_be_visible()
    await site.value("DELETE FROM sessions RETURNING 1")
    # Whatever is asked for next ends it; what the page had still to ask may be faster.
    await quim.page.evaluate("document.querySelector('[data-test=qa-search]')?.click()")
    await expect(quim.page).to_have_url(f"{site.url}/login")
    await logs_in(quim, "quim")
    await expect(quim.page).to_have_url(wished)
    await quim.page.click("[data-test=log-out]")
    await logs_in(quim, "quim")
    await expect(quim.page).to_have_url(f"{site.url}/qa")


async def test_what_is_another_roles_is_not_shown_after_the_login_either(enter: Enter, site: Site) -> None:
    quim = await enter(None)
    for path in ("/portfolio/skills", "/help/supervisor"):
        await quim.page.goto(site.url + path)
        if path.startswith("/portfolio"):
            await logs_in(quim, "quim")
            await expect(quim.page).to_have_url(f"{site.url}/qa")
    await expect(quim.page).to_have_url(f"{site.url}/help")
    sol = await enter("sol")
    await sol.page.goto(f"{site.url}/portfolio/wishes")
    await expect(sol.page).to_have_url(f"{site.url}/supervisor")


async def test_the_browser_says_the_first_language_and_a_choice_is_kept_over_the_login(
    enter: Enter, site: Site
) -> None:
    for locale, button in (("en-GB", "Log in"), ("fr-FR", "Entrar"), ("es-MX", "Entrar")):
        visitor = await enter(None, locale=locale)
        await visitor.page.goto(f"{site.url}/login")
        await expect(visitor.page.locator("form .primary")).to_have_text(button)
        await visitor.context.close()
    sol = await enter(None)
    await sol.page.goto(f"{site.url}/login")
    await sol.page.click("[data-test=language]")
    await logs_in(sol, "sol")
    await expect(sol.page.locator("[data-test=tab-agents]")).to_have_text("Agents")
    assert await site.value("SELECT locale FROM users WHERE login = 'sol'") == "en"


async def chosen(page: Page, tab: str) -> None:
    """That tab is the one that is shown."""
    await expect(page.locator(f"[data-test=tab-{tab}]")).to_have_attribute("aria-selected", "true")


async def logs_in(visitor: Visitor, login: str) -> None:
    """On the login page, wherever it stands."""
    await visitor.page.fill("#login", login)
    await visitor.page.fill("#password", PASSWORD)
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_selector("[data-test=log-out]")
