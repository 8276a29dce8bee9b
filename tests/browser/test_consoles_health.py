"""The doctor's words on the supervisor's page: what is well, what is not, and what to do."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Enter
from tests.browser.scripted import campaign
from tests.browser.site import Site

SAID = {
    "es": (
        "Salud",
        "Base de datos",
        "Fallo",
        "La centralita no responde. No se marcan llamadas nuevas.",
        "2 abiertas",
    ),
    "en": ("Health", "Database", "Fault", "The PBX does not answer. No new calls are placed.", "2 open"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["es", "en"])
async def test_faults_stand_there_with_their_cure(
    enter: Enter, site: Site, language: str, scheme: str
) -> None:
    tab, database, fault, pbx, alarms = SAID[language]
    for subject in ("a", "b"):
        await site.pool.execute(
            "INSERT INTO alarms (at, last_at, kind, subject, detail)"
            " VALUES (now(), now(), 'orphan_channel', $1, '')",
            subject,
        )
    await site.value("UPDATE campaigns SET caller_id = '+3491' RETURNING 1")
    site.engine.floor(campaigns=[campaign(site.known.campaign)], pbx_up=False)
    sol = await enter("sol", color_scheme=scheme)
    page = sol.page
    await page.wait_for_selector("[data-test=campaign-spring]")
    if language == "en":
        await page.click("[data-test=language]")
    await page.get_by_role("tab", name=tab).click()
    well = page.locator("[data-test=health-database]")
    await expect(well).to_have_attribute("data-state", "ok")
    await expect(well).to_contain_text(database)
    await expect(page.locator("[data-test=health-engine]")).to_have_attribute("data-state", "ok")
    await expect(page.locator("[data-test=health-pbx]")).to_contain_text(pbx)
    await expect(page.locator("[data-test=health-pbx]")).to_contain_text(fault)
    await expect(page.locator("[data-test=health-alarms]")).to_contain_text(alarms)
    await expect(page.locator("[data-test=health-caller_ids]")).to_contain_text("not_a_number")
    await expect(page.locator("[data-test=health]")).to_contain_text("cadencia check")
    assert await sol.inaccessible() == []
    await sol.shot(f"health-{language}-{scheme}")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator("[data-test=health]").scroll_into_view_if_needed()
    await sol.shot(f"health-{language}-{scheme}-390")
    await page.set_viewport_size({"width": 1366, "height": 768})
    await site.value("UPDATE campaigns SET caller_id = '' RETURNING 1")
    await page.click("[data-test=check-again]")
    await expect(page.locator("[data-test=health-caller_ids]")).not_to_contain_text("not_a_number")
