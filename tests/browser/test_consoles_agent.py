"""The agent's screen: it shows what the server pushes, and asks; nothing else."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Visitor, chromium, visit
from tests.browser.conftest import Enter
from tests.browser.scripted import CALL, call, iso
from tests.browser.site import Site
from tests.eventually import eventually
from tests.integration.consoles.desk import PASSWORD

NEXT = "0191f0a0-0000-7000-8000-000000000002"


async def is_no_news(visitor: Visitor) -> None:
    """The person has been on the line for a second: the hang-up key means this call."""
    await expect(visitor.page.locator("[data-test=hang-up]")).to_have_attribute("data-new", "false")


@pytest.fixture
async def ana(site: Site, enter: Enter) -> Visitor:
    """An agent who has passed the device check and is attached."""
    visitor = await enter("ana")
    await visitor.page.click("[data-test=device-done]")
    await expect(visitor.page.locator("[data-test=state]")).to_have_attribute("data-state", "paused")
    return visitor


def on_call(site: Site, **change: object) -> None:
    """A person is joined to Ana."""
    site.engine.show(
        site.known.users["ana"], state="on_call", pause_code="", since=iso(3), call=call(**change)
    )


async def test_the_screen_follows_the_server_and_no_older_view(ana: Visitor, site: Site) -> None:
    agent, state = site.known.users["ana"], ana.page.locator("[data-test=state]")
    site.engine.show(agent, state="ready", pause_code="")
    await expect(state).to_have_attribute("data-state", "ready")
    site.engine.show(agent, seq=1, state="paused", pause_code="lunch")
    site.engine.show(agent, calls_today=7)
    await expect(ana.page.locator("[data-test=calls-today]")).to_have_text("Hoy: 7 llamadas")
    await expect(state).to_have_attribute("data-state", "ready")


async def test_f2_asks_to_be_ready_and_a_pause_needs_its_code(ana: Visitor, site: Site) -> None:
    await ana.page.keyboard.press("F2")
    await eventually(lambda: bool(site.engine.asked("agent.ready")))
    site.engine.show(site.known.users["ana"], state="ready", pause_code="")
    await expect(ana.page.locator("[data-test=state]")).to_have_attribute("data-state", "ready")
    await ana.page.keyboard.press("F2")
    await ana.page.click("[data-test=pause-lunch]")
    await eventually(lambda: [c["code"] for c in site.engine.asked("agent.pause")] == ["lunch"])
    await expect(ana.page.locator("[data-test=state]")).to_have_attribute("data-state", "ready")


async def test_the_person_pops_up_with_debts_and_warnings(ana: Visitor, site: Site) -> None:
    on_call(site)
    await expect(ana.page.locator("[data-test=person-name]")).to_have_text("Marta Muñoz")
    person = await ana.text("[data-test=person]")
    for part in ("Campaña Primavera", "+346•••••222", "1.234,56 €", "45 días", "31–60", "Vulnerable"):
        assert part in person
    assert "Se niega a pagar" in person
    await ana.page.click("[data-test=verified]")
    await expect(ana.page.locator("[data-test=person]")).to_contain_text("Identidad verificada")


async def test_a_promise_by_keyboard_arrives_complete(ana: Visitor, site: Site) -> None:
    on_call(site)
    await ana.page.wait_for_selector("[data-test=disposition]")
    await ana.page.keyboard.press("Alt+1")
    await ana.page.keyboard.press("Control+Enter")
    await expect(ana.page.get_by_text("Escriba un importe mayor que cero.")).to_be_visible()
    assert site.engine.asked("agent.dispose") == []
    await ana.page.fill("#amount", "1.200,50")
    await ana.page.fill("#promise-on", "2030-01-15")
    await ana.page.fill("#notes", "cobra el día 10")
    await ana.page.keyboard.press("Control+Enter")
    await eventually(lambda: bool(site.engine.asked("agent.dispose")))
    assert site.engine.asked("agent.dispose")[0] == {
        "call_id": CALL, "code": "promise", "notes": "cobra el día 10",
        "promise_minor": 120050, "promise_on": "2030-01-15", "callback_at": None, "callback_mine": False,
    }  # fmt: skip


async def test_a_callback_is_meant_in_the_zone_of_the_person(ana: Visitor, site: Site) -> None:
    on_call(site)
    await ana.page.wait_for_selector("[data-test=disposition]")
    await ana.page.keyboard.press("Alt+2")
    await ana.page.fill("#callback", "2030-01-15T10:30")
    await ana.page.keyboard.press("Control+Enter")
    await eventually(lambda: bool(site.engine.asked("agent.dispose")))
    assert site.engine.asked("agent.dispose")[0]["callback_at"].startswith("2030-01-15T15:30:00")


async def test_what_the_rules_will_refuse_is_told_before_it_is_promised(ana: Visitor, site: Site) -> None:
    """Without consent never; with it once a week: the first time is taken with one press, and saved."""
    in_force = {"id": str(site.known.attempt), "zone": "Europe/Madrid"}
    on_call(site, **in_force)
    await ana.page.wait_for_selector("[data-test=disposition]")
    await ana.page.keyboard.press("Alt+2")
    told = ana.page.locator("[data-test=foreseen]")
    tomorrow = datetime.now(ZoneInfo("Europe/Madrid")) + timedelta(days=1)
    await ana.page.fill("#callback", tomorrow.strftime("%Y-%m-%dT12:00"))
    await expect(told).to_contain_text(
        "Las reglas no dejarán hacer esta llamada: Sin consentimiento para este canal."
    )
    await expect(told).to_contain_text("La persona sí puede llamarnos.")
    await ana.shot("callback-never-es")
    await site.pool.execute("UPDATE persons SET granted = '{voice}'")
    await site.pool.execute("INSERT INTO caller_ids (number) VALUES ('+34910000000')")
    await site.pool.execute(
        "INSERT INTO contacts (person_id, attempt_id, number, kind, at)"
        " SELECT person_id, id, number, 'attempt', placed_at FROM attempts"
    )
    await ana.page.keyboard.press("Control+Enter")
    await expect(told).to_contain_text(
        "A esa hora las reglas no dejan llamar: Intentos de la semana agotados."
    )
    await expect(told).to_contain_text("Lo primero posible: ")
    assert site.engine.asked("agent.dispose") == []
    await ana.shot("callback-later-es")
    await ana.page.click("[data-test=language]")
    await expect(told).to_contain_text("The rules do not let us call then: ")
    await ana.shot("callback-later-en")
    await ana.page.click("[data-test=take-first]")
    await expect(told).to_contain_text("The rules let us call at that time.")
    await ana.page.keyboard.press("Control+Enter")
    await eventually(lambda: bool(site.engine.asked("agent.dispose")))


async def test_call_controls_are_requests(ana: Visitor, site: Site) -> None:
    on_call(site)
    await ana.page.wait_for_selector("[data-test=person]")
    await ana.page.click("[data-test=pause-recording]")
    await is_no_news(ana)
    await ana.page.keyboard.press("F9")
    await eventually(lambda: [c["call_id"] for c in site.engine.asked("agent.hang_up")] == [CALL])
    assert [c["paused"] for c in site.engine.asked("agent.pause_recording")] == [True]
    await expect(ana.page.locator("[data-test=state]")).to_have_attribute("data-state", "on_call")
    await expect(ana.page.locator("[data-test=recording]")).to_have_attribute("data-recording", "on")
    on_call(site, recording="paused")
    await expect(ana.page.locator("[data-test=recording]")).to_have_attribute("data-recording", "paused")


async def test_the_hang_up_key_asks_again_in_the_first_second_of_a_new_call(ana: Visitor, site: Site) -> None:
    """The agent ends a call, and at that very moment the next person is there."""
    again = ana.page.locator("[data-test=hang-up-again]")
    on_call(site)
    await is_no_news(ana)
    # In one breath, so that the test's own way to the browser takes no part of the second.
    await ana.page.evaluate(
        """() => {
            const next = () => document.querySelector('[data-test=person-name]')?.textContent === 'Luis Gil'
            const look = setInterval(() => {
                if (!next()) return
                clearInterval(look)
                window.dispatchEvent(new KeyboardEvent('keydown', { key: 'F9', code: 'F9' }))
                window.dispatchEvent(new KeyboardEvent('keydown', { key: 'F9', code: 'F9' }))
            }, 5)
        }"""
    )
    on_call(site, id=NEXT, name="Luis Gil")
    await expect(again).to_contain_text("Luis Gil")
    assert site.engine.asked("agent.hang_up") == []
    await ana.page.click("[data-test=stay]")
    await expect(again).to_be_hidden()
    await is_no_news(ana)
    await ana.page.keyboard.press("F9")
    await eventually(lambda: [c["call_id"] for c in site.engine.asked("agent.hang_up")] == [NEXT])


async def test_the_hang_up_key_pressed_again_means_the_new_call(ana: Visitor, site: Site) -> None:
    await ana.page.evaluate(
        """() => {
            const look = setInterval(() => {
                if (!document.querySelector('[data-test=person-name]')) return
                clearInterval(look)
                window.dispatchEvent(new KeyboardEvent('keydown', { key: 'F9', code: 'F9' }))
            }, 5)
        }"""
    )
    on_call(site)
    await expect(ana.page.locator("[data-test=hang-up-again]")).to_be_visible()
    while not site.engine.asked("agent.hang_up"):
        await ana.page.keyboard.press("F9")
    assert [c["call_id"] for c in site.engine.asked("agent.hang_up")] == [CALL]


async def test_a_refused_request_says_why(ana: Visitor, site: Site) -> None:
    site.engine.refuse(site.known.users["ana"], "pause", "unknown pause code")
    await expect(ana.page.get_by_text("No se pudo pausar: el código de pausa no existe.")).to_be_visible()
    site.engine.refuse(site.known.users["ana"], "pause", "a sentence", "calling")
    await expect(
        ana.page.get_by_text("No se pudo pausar: no es posible en estado «Llamando».")
    ).to_be_visible()


async def test_an_identity_that_the_server_did_not_take_is_not_shown_as_verified(
    ana: Visitor, site: Site
) -> None:
    """The person hangs up as the agent presses: the card says nothing that the books do not."""
    person = ana.page.locator("[data-test=person]")
    on_call(site)
    await ana.page.click("[data-test=verified]")
    await expect(person).to_contain_text("Identidad verificada")
    site.engine.show(site.known.users["ana"], state="wrap_up", since=iso(), call=call())
    site.engine.refuse(site.known.users["ana"], "verify_identity", "not your call")
    await expect(person).to_contain_text("La identidad quedó sin verificar")
    await expect(ana.page.locator("[data-test=verified]")).to_have_count(0)
    await expect(ana.page.get_by_text("esa llamada ya no es suya")).to_be_visible()


async def test_a_lost_server_keeps_the_call_on_the_screen(ana: Visitor, site: Site, tasks: object) -> None:
    on_call(site)
    await ana.page.wait_for_selector("[data-test=person]")
    await ana.page.fill("#notes", "a medias")
    page = site.engine.asked("agent.attach")[-1]["page"]
    await site.down()
    await expect(ana.page.get_by_text("Su llamada sigue")).to_be_visible()
    await expect(ana.page.locator("[data-test=person-name]")).to_have_text("Marta Muñoz")
    before = len(site.engine.asked("agent.attach"))
    site.up(tasks)  # type: ignore[arg-type]
    await expect(ana.page.locator("[data-test=connection]")).to_have_text("Conectado", timeout=30_000)
    await eventually(lambda: len(site.engine.asked("agent.attach")) > before)
    assert site.engine.asked("agent.attach")[-1]["page"] == page
    assert await ana.page.input_value("#notes") == "a medias"


async def test_a_reload_gives_the_call_and_the_draft_back(ana: Visitor, site: Site) -> None:
    on_call(site)
    await ana.page.wait_for_selector("[data-test=disposition]")
    await ana.page.keyboard.press("Alt+4")
    await ana.page.fill("#notes", "sigue aquí")
    await ana.page.reload()
    await expect(ana.page.locator("[data-test=person-name]")).to_have_text("Marta Muñoz")
    assert await ana.page.input_value("#notes") == "sigue aquí"
    await expect(ana.page.locator("[data-test=code-refuses]")).to_have_attribute("aria-checked", "true")


async def test_a_second_tab_must_take_over(ana: Visitor, site: Site) -> None:
    second = await ana.second_page()
    await second.goto(f"{site.url}/agent")
    await expect(second.locator("[data-test=elsewhere]")).to_be_visible()
    await second.click("[data-test=take-over]")
    await expect(second.locator("[data-test=state]")).to_be_visible()
    await expect(ana.page.locator("[data-test=elsewhere]")).to_be_visible()


async def test_a_tab_that_takes_over_finds_the_draft_until_it_is_disposed(ana: Visitor, site: Site) -> None:
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('cadencia.draft.'))"
    on_call(site)
    await ana.page.wait_for_selector("[data-test=disposition]")
    await ana.page.keyboard.press("Alt+4")
    await ana.page.fill("#notes", "no se pierde")
    second = await ana.second_page()
    await second.goto(f"{site.url}/agent")
    await second.click("[data-test=take-over]")
    await expect(second.locator("#notes")).to_have_value("no se pierde")
    await expect(second.locator("[data-test=code-refuses]")).to_have_attribute("aria-checked", "true")
    assert await second.evaluate(kept) == [f"cadencia.draft.{CALL}"]
    site.engine.show(site.known.users["ana"], state="ready", pause_code="", call=None)
    await expect(second.locator("[data-test=disposition]")).to_have_count(0)
    assert await second.evaluate(kept) == []


async def test_another_browser_takes_over_and_the_first_is_told(ana: Visitor, enter: Enter) -> None:
    other = await enter("ana")
    await expect(other.page.locator("[data-test=state]")).to_have_attribute("data-state", "paused")
    await expect(ana.page.locator("[data-test=elsewhere]")).to_be_visible()


async def test_a_phone_without_pbx_says_so_with_a_cure(ana: Visitor) -> None:
    problem = ana.page.locator("[data-test=phone-problem]")
    await expect(problem).to_contain_text("signalling_connection_failure")
    await expect(problem).to_contain_text("Sin conexión con la centralita")


async def test_a_refused_microphone_is_named_with_its_cure(site: Site) -> None:
    async with chromium() as browser:
        visitor = await visit(browser, site.url)
        await visitor.log_in("bea", PASSWORD)
        check = visitor.page.locator("[data-test=device-check]")
        await expect(check).to_contain_text("El micrófono no está permitido")
        await expect(visitor.page.locator("[data-test=device-done]")).to_be_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_screen_is_accessible_in_a_call(ana: Visitor, site: Site, theme: str) -> None:
    await ana.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    on_call(site)
    await ana.page.wait_for_selector("[data-test=person]")
    await ana.page.keyboard.press("Alt+1")
    assert await ana.inaccessible() == []
