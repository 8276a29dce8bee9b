"""Coming in: who, where to, in which language, and out again."""

import pytest
from playwright.async_api import Page, expect

from agent_ws.hub import MAX_PER_USER
from tests.browser.chromium import SHOTS, Visitor
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


@pytest.mark.parametrize(
    ("login", "language"), [("ana", "es"), ("sol", "en"), ("quim", "es"), ("root", "en")]
)
async def test_everybody_changes_their_own_password(
    enter: Enter, site: Site, login: str, language: str
) -> None:
    visitor, page = await _speaking(enter, login, language)
    elsewhere = await enter(login)
    await page.click("[data-test=password]")
    await visitor.shot(f"password-{language}")
    assert await visitor.inaccessible() == []
    for old, new, code in (
        ("wrong", NEXT, "wrong_password"),
        (PASSWORD, "supervisor12", "password_personal"),
        (PASSWORD, NEXT, ""),
    ):
        await page.fill("#password-old", old)
        await page.fill("#password-new", new)
        await page.fill("#password-again", new)
        await page.click("[data-test=password-save]")
        if code:
            await expect(page.locator("[data-test=password-error]")).to_have_text(WORDS[language][code])
            await visitor.shot(f"password-{code}-{language}")
    await expect(page.locator("#password-form")).to_have_count(0)
    assert all("403" in one or "422" in one for one in visitor.complaints), "refusals, as asked for"
    visitor.complaints.clear()
    await elsewhere.page.reload()
    await expect(elsewhere.page).to_have_url(f"{site.url}/login")
    await elsewhere.log_in(login, NEXT)


@pytest.mark.parametrize(("language", "told"), [("es", "demasiadas ventanas"), ("en", "too many windows")])
async def test_one_window_too_many_says_so(enter: Enter, site: Site, language: str, told: str) -> None:
    visitor, page = await _speaking(enter, "sol", language)
    await expect(page.locator("[data-test=connection] .connected")).to_be_visible()
    await page.evaluate(MORE_WIRES, MAX_PER_USER - 1)
    beyond = await visitor.second_page()
    await beyond.goto(f"{site.url}/supervisor")
    await expect(beyond.get_by_role("status").filter(has_text=told)).to_be_visible()
    if SHOTS:
        await beyond.screenshot(path=f"{SHOTS}/windows-{language}.png")
    await page.close()
    # It tries again by itself, as the line says: every fifteen seconds.
    await expect(beyond.locator("[data-test=connection] .connected")).to_be_visible(timeout=40_000)


async def test_two_new_passwords_that_differ_are_not_sent(enter: Enter) -> None:
    _, page = await _speaking(enter, "quim", "es")
    await page.click("[data-test=password]")
    for field, text in (("old", PASSWORD), ("new", NEXT), ("again", NEXT + "x")):
        await page.fill(f"#password-{field}", text)
    await page.click("[data-test=password-save]")
    await expect(page.locator("[data-test=password-error]")).to_have_text(
        "Las dos contraseñas nuevas no son iguales."
    )


async def _speaking(enter: Enter, login: str, language: str) -> tuple[Visitor, Page]:
    visitor = await enter(login)
    if language == "en":
        await visitor.page.click("[data-test=language]")
        await expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    return visitor, visitor.page


MORE_WIRES = """
    async (count) => {
        const { csrf } = await (await fetch('/api/v1/session')).json()
        for (let n = 0; n < count; n++) {
            const headers = { 'X-CSRF-Token': csrf }
            const asked = await fetch('/api/v1/ws-ticket', { method: 'POST', headers })
            const wire = new WebSocket(new URL((await asked.json()).url, location.href), 'cadencia.v1')
            await new Promise((opened) => { wire.onopen = opened })
            ;(window.wires ??= []).push(wire)
        }
    }
"""
"""As many pages of this user as there are wires."""
NEXT = "tres tristes trigres 9"
WORDS = {
    "es": {
        "wrong_password": "La contraseña actual no es correcta.",
        "password_personal": (
            "Contiene su nombre, el de la empresa o una palabra del oficio: se adivina pronto."
        ),
    },
    "en": {
        "wrong_password": "The present password is wrong.",
        "password_personal": "It holds your name, the company’s, or a word of the trade: it is soon guessed.",
    },
}
