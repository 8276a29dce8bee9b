"""Facts that could not be followed are seen on the page of the installation's health, and settled there."""

from playwright.async_api import expect

from tests.browser.conftest import Enter
from tests.browser.scripted import campaign
from tests.browser.site import Site

LETTER = """
    INSERT INTO journal_letters (follower, fact_id, at, kind, version, data, tries, error, next_at, dead_at)
    VALUES ('leads', 7, now(), 'call.disposed', 1, '{}', 5, 'ValueError: sin papel', now(), now())
    RETURNING id"""


async def test_a_dead_letter_is_tried_anew_or_put_away_with_a_reason(enter: Enter, site: Site) -> None:
    await site.value(LETTER)
    site.engine.floor(campaigns=[campaign(site.known.campaign)])
    sol = await enter("sol")
    await sol.page.wait_for_selector("[data-test=campaign-spring]")
    await sol.page.get_by_role("tab", name="Salud").click()
    table = sol.page.locator("[data-test=letters]")
    await expect(table).to_contain_text("ValueError: sin papel")
    await expect(table).to_contain_text("5 intentos: debe mirarlo una persona")
    await table.locator("[data-test=letter-retry]").click()
    await expect(table).to_contain_text("Se reintenta el")
    await table.locator("[data-test=letter-discard]").click()
    await sol.page.fill("[data-test=letter-reason]", "ya no existe")
    await sol.page.click("[data-test=confirm]")
    await expect(table).to_have_count(0)
    said = "SELECT reason FROM audit WHERE action = 'journal.discard'"
    assert await site.value(said) == "ya no existe"
