"""An agent who calls by hand: reads the card, chooses the number, waits, or lets it be."""

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import CALL, LEAD, call, card, iso, number
from tests.browser.site import Site
from tests.eventually import eventually


@pytest.fixture
async def ana(site: Site, enter: Enter) -> Visitor:
    """An agent who has passed the device check and is attached."""
    visitor = await enter("ana")
    await visitor.page.click("[data-test=device-done]")
    await expect(visitor.page.locator("[data-test=state]")).to_have_attribute("data-state", "paused")
    return visitor


def shows_card(site: Site, **change: object) -> None:
    """A person on Ana's screen whom nobody has called yet."""
    site.engine.show(
        site.known.users["ana"],
        state="preview",
        pause_code="",
        since=iso(4),
        deadline_at=iso(-45),
        preview=card(**change),
    )


async def test_the_card_is_read_before_anybody_is_called(ana: Visitor, site: Site) -> None:
    shows_card(site)
    await expect(ana.page.locator("[data-test=preview-name]")).to_have_text("Marta Muñoz")
    text = await ana.text("[data-test=preview]")
    for part in ("Todavía no se ha llamado", "Campaña Primavera", "1.234,56 €", "Vulnerable"):
        assert part in text
    await expect(ana.page.locator("[data-test=preview-left]")).to_contain_text("0:4")
    assert site.engine.asked("agent.call_preview") == []


async def test_f8_calls_the_first_number_and_the_screen_waits_for_the_server(
    ana: Visitor, site: Site
) -> None:
    shows_card(site)
    await ana.page.wait_for_selector("[data-test=dial]")
    await ana.page.keyboard.press("F8")
    await eventually(lambda: bool(site.engine.asked("agent.call_preview")))
    assert site.engine.asked("agent.call_preview")[0] == {"lead_id": LEAD, "phone_id": None}
    shows_card(site, asked=True)
    await expect(ana.page.get_by_text("Pidiendo la llamada…")).to_be_visible()
    ringing = call(state="ringing", connected_at=None)
    agent = site.known.users["ana"]
    site.engine.show(agent, state="calling", since=iso(2), deadline_at=None, preview=None, call=ringing)
    await expect(ana.page.locator("[data-test=calling]")).to_contain_text("Llamando a Marta Muñoz")
    await expect(ana.page.locator("[data-test=calling-state]")).to_contain_text("timbrando")
    await expect(ana.page.locator("[data-test=disposition]")).to_have_count(0)
    await ana.page.keyboard.press("F9")
    await eventually(lambda: [c["call_id"] for c in site.engine.asked("agent.hang_up")] == [CALL])


async def test_another_number_can_be_chosen_and_a_refused_one_says_why(ana: Visitor, site: Site) -> None:
    refused = number(222, rule="attempts_per_number", until=iso(-7200))
    shows_card(site, numbers=[refused, number(333, kind="fixed")])
    await expect(ana.page.locator("[data-test=number-why]")).to_contain_text("Intentos a ese número agotados")
    await ana.page.click("[data-test=call-333]")
    await eventually(lambda: [c["phone_id"] for c in site.engine.asked("agent.call_preview")] == [333])
    await ana.page.click("[data-test=language]")
    await expect(ana.page.locator("[data-test=number-why]")).to_contain_text(
        "Attempts at that number used up until"
    )


async def test_a_card_can_be_skipped(ana: Visitor, site: Site) -> None:
    shows_card(site)
    await ana.page.wait_for_selector("[data-test=skip]")
    await ana.page.keyboard.press("F10")
    await eventually(lambda: [c["lead_id"] for c in site.engine.asked("agent.skip_preview")] == [LEAD])


async def test_in_manual_mode_the_agent_asks_for_the_next_person(ana: Visitor, site: Site) -> None:
    agent = site.known.users["ana"]
    site.engine.show(agent, state="ready", pause_code="", by_hand=True, last_outcome="busy")
    await expect(ana.page.locator("[data-test=last-outcome]")).to_have_text("Su última llamada: Ocupado")
    await ana.page.keyboard.press("F8")
    await eventually(lambda: bool(site.engine.asked("agent.next_lead")))
    site.engine.refuse(agent, "next_lead", "no lead to call now")
    await expect(ana.page.get_by_text("No se pudo mostrar la siguiente persona")).to_be_visible()
